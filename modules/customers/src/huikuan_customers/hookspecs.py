"""Extension points of customers. Each docstring is the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from huikuan.hooks import contribution, veto
from huikuan_customers.snapshots import CustomerOverdue, CustomerSnapshot

if TYPE_CHECKING:
    from huikuan.context import Context
    from huikuan.errors import Refusal

__all__ = ["customers_before_archive", "customers_overdue"]


@veto
def customers_before_archive(ctx: Context, customer: CustomerSnapshot) -> list[Refusal] | Refusal | None:
    """Whether a customer may be archived: open orders or receivables speak against it.

    Kind: veto. After the customer's row is locked, before the first write.
    ``customer``: as it is. Returns refusals; WARN lets pass and tells, BLOCK refuses. All are asked.
    """


@contribution
def customers_overdue(ctx: Context, customer_ids: frozenset[UUID]) -> list[CustomerOverdue]:  # type: ignore[empty-body]
    """What is overdue today of these customers, by currency.

    Kind: contribution, on demand, read-only; for many customers at once.
    ``customer_ids``: only these; the caller has added the children of parents itself.
    Returns count and open amount for each customer and currency that has something overdue; several
    answers for the same customer and currency are added up.
    """
