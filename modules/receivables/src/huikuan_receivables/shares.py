"""Shares of items: how they were found, and whether they may be settled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from huikuan.context import Context
from huikuan.errors import BadInput, NotFound, Refusal
from huikuan.money import Money, quantize
from huikuan_customers.api import tops
from huikuan_receivables.changes import item_balances
from huikuan_receivables.errors import ACCOUNT, CURRENCY, NOT_OPEN, RATE_MISSING
from huikuan_receivables.models import ItemBalance, Payment
from huikuan_receivables.snapshots import Share

__all__ = [
    "BY_HAND",
    "REASONS",
    "How",
    "balances_of",
    "check_accounts",
    "check_share",
    "cost_of",
    "day_of",
    "refuse_currency",
    "refuse_open",
]

BY_HAND = "HAND"
REASONS = {
    BY_HAND: "by hand",
    "OLDEST": "due first",
    "ADVANCE": "paid for its order beforehand",
    "ORIGIN": "takes back this invoice",
    "EARLY": "paid early",
    "TOLERANCE": "within the tolerance",
    "IMPORT": "named by the import",
}
"""What stands on an allocation where nobody gave a reason."""
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """What found the shares, how sure it was, and the day they count from."""

    rule: str = BY_HAND
    score: int | None = None
    reason: str | None = None
    on: date | None = None
    round_off: bool = True
    """Whether a rest within a discount for early payment or the tolerance is closed along with it."""


def balances_of(ctx: Context, ids: Collection[UUID]) -> Mapping[UUID, ItemBalance]:
    if len(set(ids)) != len(ids):
        raise BadInput("Name each item once.", field="allocations")
    found = item_balances(ctx, ids)
    for id in ids:
        if id not in found:
            raise NotFound(f"ReceivableItem {id} does not exist.", field="allocations")
    return found


def check_accounts(ctx: Context, payment: Payment, balances: Iterable[ItemBalance]) -> None:
    """A payment settles what its customer owes or is to pay, and what others of its family owe."""
    foreign = {row.customer_id: row for row in balances if payment.customer_id not in (row.customer_id, row.payer_id)}
    if not foreign:
        return
    top = tops(ctx, [payment.customer_id, *foreign])
    for id in foreign:
        if top[id] != top[payment.customer_id]:
            ctx.refuse(
                Refusal(
                    ACCOUNT,
                    "The invoice is neither on the payer's account nor in its family.",
                    field="allocations",
                    advice="Record the payment for the customer who owes it.",
                    item=foreign[id].item_id,
                )
            )


def cost_of(ctx: Context, payment: Payment, balance: ItemBalance, share: Share) -> Decimal:
    """What a share takes of the payment, in the payment's currency."""
    check_share(ctx, balance, share.amount)
    currency = payment.amount.currency
    if currency == balance.currency:
        if share.source_amount not in (None, share.amount):
            raise BadInput("Within one currency an item takes of a payment what it is settled with.")
        return share.amount
    if share.source_amount is None:
        ctx.refuse(
            Refusal(
                RATE_MISSING,
                f"The payment is in {currency}, the invoice in {balance.currency}.",
                field="allocations",
                advice="Give the rate between them.",
            )
        )
    assert share.source_amount is not None
    if share.source_amount <= ZERO or share.source_amount != quantize(share.source_amount, currency):
        raise BadInput(f"{share.source_amount:f} {currency} is no part of a payment.", field="allocations")
    return share.source_amount


def check_share(ctx: Context, balance: ItemBalance, amount: Decimal) -> None:
    if amount <= ZERO or amount != quantize(amount, balance.currency):
        raise BadInput(f"{amount:f} {balance.currency} is no part of an invoice.", field="allocations")
    if amount > balance.open:
        refuse_open(ctx, balance, amount)


def refuse_open(ctx: Context, balance: ItemBalance, amount: Decimal) -> None:
    left = Money(abs(balance.open), balance.currency)
    ctx.refuse(
        Refusal(
            NOT_OPEN,
            f"Only {left} are open of it, less than {amount:f}.",
            field="allocations",
            advice="Settle at most what is open; the rest of the payment stays unapplied.",
            open=left,
            item=balance.item_id,
        )
    )


def refuse_currency(ctx: Context, balance: ItemBalance, currency: str) -> None:
    ctx.refuse(
        Refusal(
            CURRENCY,
            f"The invoice is in {balance.currency}, the credit note in {currency}.",
            field="allocations",
            advice="Pay the credit note back, and record a payment.",
        )
    )


def day_of(ctx: Context, how: How, *days: date) -> date:
    """The day it counts from: as asked for, else today; never before what it joins."""
    return max(how.on or ctx.today, *days)
