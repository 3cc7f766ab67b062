"""Extension points of credit. Each docstring is the contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from huikuan.hooks import contribution, provider
from huikuan_credit.snapshots import ExposurePart, Grade, PaymentFacts

if TYPE_CHECKING:
    from huikuan.context import Context

__all__ = ["credit_exposure_parts", "credit_external_rating", "credit_payment_facts"]


@contribution
def credit_exposure_parts(  # type: ignore[empty-body]
    ctx: Context, customer_ids: Sequence[UUID], currency: str
) -> list[ExposurePart]:
    """What customers owe besides orders, invoices and payments, such as loans or goods on consignment.

    Kind: contribution, at every check and whenever exposure is shown; only queries, and quick ones, for
    a confirmation waits for them. ``customer_ids``: all who owe together, once each: the family, and where a
    group shares a limit its other families. ``currency``: only amounts in it.
    Returns named parts; several of one name are added up, negative ones lower the exposure. They are
    asked each time and stand in no ledger: a decision keeps what was answered.
    """


@contribution
def credit_payment_facts(  # type: ignore[empty-body]
    ctx: Context, customer_ids: Sequence[UUID]
) -> list[PaymentFacts]:
    """How customers pay: what is overdue, how late they paid, promises, disputes, reminders.

    Kind: contribution, on demand, read-only, for many customers at once: by checks whose rules look at
    it, by ratings and by warnings. ``customer_ids``: all members of the families that are asked about.
    Returns facts by customer and currency; several answers for the same are added up.
    """


@provider
def credit_external_rating(ctx: Context, customer_id: UUID) -> Grade | None:
    """What a credit bureau says of a customer, as it was fetched before.

    Kind: provider, when a customer is rated; read-only, in a transaction, so nothing outside is called.
    ``customer_id``: the head of the family. Returns a grade, which counts as one reason among others, or
    None.
    """
