"""Root fields of contracts that are no plain lists, and what contracts adds to other types."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from huikuan.context import Context
from huikuan.core.types import User
from huikuan.errors import BadInput
from huikuan.graphql import connection, extend, query
from huikuan.values import Id, Ref
from huikuan_contracts import models
from huikuan_contracts.queries import content_of, delays, expected
from huikuan_contracts.snapshots import SlippageBy
from huikuan_contracts.types import Contract, ContractDelay, ContractExpected
from huikuan_customers.types import Customer

__all__ = ["CustomerContracts", "contract_delays", "contract_document_content", "contract_worklist"]

MAX_DAYS = 3_660


@query(permission="contracts.read")
def contract_worklist(ctx: Context, owner: Ref[User] | None = None, days: int = 7) -> list[ContractExpected]:
    """Instalments due until so many days from now that have not come in, overdue ones first; at most 500.

    With an owner only those that this user looks after.
    """
    if not 0 <= days <= MAX_DAYS:
        raise BadInput(f"Days lie between 0 and {MAX_DAYS}.", field="days")
    return [
        ContractExpected(
            instalment=Ref(it.instalment_id),
            contract=Ref(it.contract_id),
            owner=_ref(it.owner_id),
            state=it.state,
            due_on=it.due_on,
            days=it.days,
            open=it.open,
        )
        for it in expected(ctx, owner=owner.id if owner is not None else None, days=days)
    ]


@query(permission="contracts.read")
def contract_delays(ctx: Context, by: SlippageBy, since: date, until: date) -> list[ContractDelay]:
    """How late instalments came in that were first planned within a period, by owner or customer; the latest first."""
    owners = by is SlippageBy.OWNER
    return [
        ContractDelay(
            owner=_ref(it.id) if owners else None,
            customer=None if owners or it.id is None else Ref(it.id),
            instalments=it.instalments,
            late=it.late,
            open=it.open,
            renegotiated=it.renegotiated,
            average_days=it.average_days,
        )
        for it in delays(ctx, by, since, until)
    ]


@query(permission="contracts.read")
def contract_document_content(ctx: Context, id: Id[models.ContractDocument]) -> str | None:
    """The content of a document in base64, checked against its hash; null if it is kept elsewhere."""
    return content_of(ctx, id)


def _ref(id: UUID | None) -> Ref[User] | None:
    return Ref(id) if id is not None else None


@extend(Customer)
class CustomerContracts:
    """Contracts of a customer."""

    contracts = connection(Contract, "customer_id", "Contracts with it, the newest ones last.")
