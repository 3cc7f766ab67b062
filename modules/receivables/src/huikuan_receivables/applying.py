"""What a payment settles when nobody says: its own document first, then what is due first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import or_, select

from huikuan.context import Context
from huikuan.errors import BadInput
from huikuan_receivables.models import ItemBalance, Payment
from huikuan_receivables.snapshots import Share

__all__ = ["BY_AGE", "BY_DOCUMENT", "applies_by_itself", "candidates", "oldest_first", "shares_of"]

BY_AGE = "OLDEST"
BY_DOCUMENT = "ADVANCE"
ZERO = Decimal(0)
PAGE = 500


def applies_by_itself(ctx: Context) -> bool:
    """Whether payments that name no invoices settle what is due first."""
    name = str(ctx.setting("receivables.apply")).strip().upper()
    if name not in ("OLDEST", "NONE"):
        raise BadInput(f"The setting receivables.apply is {name!r}; set it to OLDEST or NONE.")
    return name == "OLDEST"


def candidates(ctx: Context, customer_id: UUID, currency: str, *, document_id: UUID | None = None) -> list[ItemBalance]:
    """Open items that a customer owes or is to pay, of one currency, what is due first comes first.

    At most 500: one payment settles no more by itself. ``document_id``: only those of this order.
    """
    whose = or_(ItemBalance.customer_id == customer_id, ItemBalance.payer_id == customer_id)
    statement = select(ItemBalance).where(whose, ItemBalance.open > 0, ItemBalance.currency == currency)
    if document_id is not None:
        statement = statement.where(ItemBalance.document_id == document_id)
    return list(ctx.scalars(statement.order_by(ItemBalance.due_on, ItemBalance.id).limit(PAGE)))


def oldest_first(ctx: Context, payment: Payment, items: Iterable[ItemBalance]) -> list[Share]:
    """Shares of these items until the payment is used up; a discount for early payment is kept back."""
    left, shares = payment.unapplied, []
    for item in items:
        if left <= ZERO:
            break
        wanted = wanted_of(item, payment.received_on)
        amount = min(left, wanted)
        if amount > ZERO:
            shares.append(Share(item_id=item.item_id, amount=amount))
            left -= amount
    return shares


def wanted_of(item: ItemBalance, on: date) -> Decimal:
    """What closes an item that is paid on a day."""
    if item.discount_until is None or item.discount_amount is None or on > item.discount_until:
        return item.open
    return max(ZERO, item.open - item.discount_amount)


def shares_of(balances: Sequence[ItemBalance], amount: Decimal) -> list[Share]:
    """An amount spread over items in their order, as far as it goes."""
    left, shares = amount, []
    for balance in balances:
        taken = min(left, balance.open)
        if taken > ZERO:
            shares.append(Share(item_id=balance.item_id, amount=taken))
            left -= taken
    return shares
