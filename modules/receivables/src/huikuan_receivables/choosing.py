"""From invoices that a caller names to shares of their instalments."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan.errors import BadInput, NotFound, Refusal
from huikuan.money import Money, quantize
from huikuan_receivables.applying import wanted_of
from huikuan_receivables.errors import NOT_OPEN, RATE_MISSING
from huikuan_receivables.inputs import PaymentAllocationInput
from huikuan_receivables.models import ItemBalance, Payment
from huikuan_receivables.snapshots import Share

__all__ = ["chosen_shares", "items_named"]

ZERO = Decimal(0)


def items_named(ctx: Context, invoice_ids: Sequence[UUID]) -> dict[UUID, list[ItemBalance]]:
    """The items of these invoices, what is due first comes first."""
    found: dict[UUID, list[ItemBalance]] = {id: [] for id in invoice_ids}
    statement = select(ItemBalance).where(ItemBalance.invoice_id.in_(found))
    ordered = statement.order_by(ItemBalance.due_on, ItemBalance.sequence)
    key = "receivables.items_named", *invoice_ids
    for row in ctx.once(key, lambda: ctx.scalars(ordered), ItemBalance, rows=True):
        found[row.invoice_id].append(row)
    return found


def chosen_shares(
    ctx: Context,
    wanted: Sequence[PaymentAllocationInput],
    money: Money,
    payment: Payment | None = None,
) -> list[Share]:
    """What of each instalment is settled: as named, else as far as ``money`` goes, what is due first comes first.

    ``payment``: the one that pays, for discounts of early payment; None for credit notes.
    """
    items = items_named(ctx, [row.invoice.id for row in wanted])
    shares: dict[UUID, Share] = {}
    left = money.amount
    for index, row in enumerate(wanted):
        where = f"allocations.{index}"
        found = [it for it in items[row.invoice.id] if row.instalment in (None, it.sequence)]
        if not found:
            raise NotFound("The invoice is a draft, or has no such instalment.", field=where)
        _check_amount(row, found[0], where)
        rate = _rate(ctx, row, found[0], money.currency, where)
        goal = row.amount if row.amount is not None else min(_all(found, payment), _in_items(left, rate, found[0]))
        for item, amount in _spread(ctx, found, goal, where, row.amount is not None):
            if item.item_id in shares:
                raise BadInput("Name each instalment once.", field=where)
            cost = amount if rate is None else quantize(amount / rate, money.currency)
            shares[item.item_id] = Share(
                item_id=item.item_id, amount=amount, source_amount=None if rate is None else cost
            )
            left -= cost
    return list(shares.values())


def _all(items: Sequence[ItemBalance], payment: Payment | None) -> Decimal:
    if payment is None:
        return sum((max(ZERO, it.open) for it in items), ZERO)
    return sum((max(ZERO, wanted_of(it, payment.received_on)) for it in items), ZERO)


def _in_items(left: Decimal, rate: Decimal | None, item: ItemBalance) -> Decimal:
    return left if rate is None else quantize(left * rate, item.currency)


def _check_amount(row: PaymentAllocationInput, item: ItemBalance, where: str) -> None:
    amount = row.amount
    if amount is not None and (amount <= ZERO or amount != quantize(amount, item.currency)):
        raise BadInput(f"{amount:f} {item.currency} is no part of an invoice.", field=f"{where}.amount")


def _rate(ctx: Context, row: PaymentAllocationInput, item: ItemBalance, currency: str, where: str) -> Decimal | None:
    if item.currency == currency:
        if row.rate is not None:
            raise BadInput("Payment and invoice have one currency; leave the rate out.", field=f"{where}.rate")
        return None
    if row.rate is None:
        ctx.refuse(
            Refusal(
                RATE_MISSING,
                f"The payment is in {currency}, the invoice in {item.currency}.",
                field=f"{where}.rate",
                advice="Give the rate between them.",
            )
        )
    elif not row.rate.is_finite() or row.rate <= 0:
        raise BadInput(f"{row.rate} is no rate: it is more than 0.", field=f"{where}.rate")
    return row.rate


def _spread(
    ctx: Context, items: Sequence[ItemBalance], goal: Decimal, where: str, exact: bool
) -> list[tuple[ItemBalance, Decimal]]:
    left, found = goal, []
    for item in items:
        amount = min(left, item.open)
        if amount > ZERO:
            found.append((item, amount))
            left -= amount
    if left > ZERO and exact:
        ctx.refuse(
            Refusal(
                NOT_OPEN,
                f"Only {Money(goal - left, items[0].currency)} are open of it, less than {goal:f}.",
                field=f"{where}.amount",
                advice="Settle at most what is open; the rest of the payment stays unapplied.",
            )
        )
    return found
