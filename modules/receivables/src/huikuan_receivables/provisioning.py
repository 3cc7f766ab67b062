"""Provisions for bad debt: by how long items are overdue, set anew for a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from huikuan.context import Context
from huikuan.errors import BadInput
from huikuan.money import Money, quantize
from huikuan_receivables.booking import Side, book, portion
from huikuan_receivables.changes import items_of
from huikuan_receivables.events import ProvisionChanged
from huikuan_receivables.models import Posting, ProvisionRun, ReceivableItem
from huikuan_receivables.queries import open_items
from huikuan_receivables.snapshots import Account, EntryKind, OpenItem

__all__ = ["percent_of", "rates_of", "set_provisions"]

ZERO = Decimal(0)
PERCENT = Decimal("0.01")
PAGE = 2_000
Rates = Sequence[tuple[int, Decimal]]


def rates_of(text: str) -> Rates:
    """Days overdue and percent, most days first: ``31 10, 91 50``."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        days, _, percent = part.partition(" ")
        try:
            rate = (int(days), Decimal(percent.strip()))
        except (ArithmeticError, ValueError) as error:
            raise _no_rates(text) from error
        if rate[0] < 1 or not 0 <= rate[1] <= 100:
            raise _no_rates(text)
        found.append(rate)
    return sorted(found, reverse=True)


def percent_of(rates: Rates, days_overdue: int) -> Decimal:
    """The percent of the longest time that an item is overdue by."""
    return next((percent for days, percent in rates if days_overdue >= days), ZERO)


def set_provisions(ctx: Context, on: date, sequence: int) -> ProvisionRun:
    """Bring every item's provision to what its days overdue ask for; one entry for all."""
    text = str(ctx.setting("receivables.provision_rates"))
    rates, wanted = rates_of(text), {}
    for found in open_items(ctx, as_of=on):
        amount = _wanted(found, rates, on)
        if amount:
            wanted[found.item_id] = amount
    held = _held(ctx)
    ids = sorted(id for id in {*wanted, *held} if wanted.get(id, ZERO) != held.get(id, (ZERO, ZERO))[0])
    run = ProvisionRun(sequence=sequence, on=on, rates=text, items=len(ids))
    sides: list[Side] = []
    for start in range(0, len(ids), PAGE):
        for id, item in items_of(ctx, ids[start : start + PAGE]).items():
            sides += _sides(ctx, item, wanted.get(id, ZERO), held.get(id, (ZERO, ZERO)))
    change = sum((side.base for side in sides if side.account is Account.BAD_DEBT), ZERO)
    before = sum((base for _, base in held.values()), ZERO)
    base = ctx.tenant.currency
    run.change, run.total = Money(change, base), Money(before + change, base)
    if sides:
        run.entry_id = book(ctx, EntryKind.PROVISION, on, ("ProvisionRun", run.id), sides).id
    ctx.add(run)
    ctx.emit(ProvisionChanged(provision_id=run.id, on=on, change=run.change, total=run.total))
    return run


def _wanted(item: OpenItem, rates: Rates, on: date) -> Decimal:
    percent = percent_of(rates, (on - item.due_on).days)
    return quantize(item.open * percent * PERCENT, item.currency) if item.open > ZERO else ZERO


def _held(ctx: Context) -> dict[UUID, tuple[Decimal, Decimal]]:
    """Provisions that there are, by item: in its currency, and in the company's."""
    rows = ctx.rows(
        select(Posting.item_id, func.sum(Posting.amount), func.sum(Posting.base_amount))
        .where(Posting.account == Account.PROVISION)
        .group_by(Posting.item_id)
    )
    return {row[0]: (-row[1], -row[2]) for row in rows if row[1] or row[2]}


def _sides(ctx: Context, item: ReceivableItem, wanted: Decimal, held: tuple[Decimal, Decimal]) -> list[Side]:
    """The change of one provision, at the rate of its document."""
    worth = portion(item.base_amount, wanted, item.amount, ctx.tenant.currency) if wanted else ZERO
    amount, base = wanted - held[0], worth - held[1]
    return [
        Side(
            account=account,
            customer_id=item.customer_id,
            currency=item.currency,
            amount=sign * amount,
            base=sign * base,
            item=item,
        )
        for account, sign in ((Account.BAD_DEBT, 1), (Account.PROVISION, -1))
    ]


def _no_rates(text: str) -> BadInput:
    return BadInput(
        f"The setting receivables.provision_rates holds {text!r}; write days and percent like '31 10, 91 50'."
    )
