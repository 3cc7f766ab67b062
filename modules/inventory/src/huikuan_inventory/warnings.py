"""What is about to go wrong: low stock and late goods, with who waits for them and the money they hold up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated

from sqlalchemy import select

from huikuan.context import Context
from huikuan.graphql import output
from huikuan.money import Money, quantize
from huikuan.values import Ref
from huikuan_inventory.ledger import available
from huikuan_inventory.models import Reservation, StockItem
from huikuan_inventory.queries import schedules
from huikuan_inventory.states import ENDED, short_of

__all__ = ["StockWarning", "StockWarningKind", "find_warnings", "held_up"]

ZERO = Decimal(0)


class StockWarningKind(Enum):
    """What a warning is about."""

    LOW = "less is available than the threshold"
    SHORT = "somebody waits for goods, and none are in sight"
    LATE = "goods come later than was promised"


@output
@dataclass(frozen=True)
class StockWarning:
    """One balance and one reason to worry."""

    kind: Annotated[StockWarningKind, "What it is about."]
    item: Annotated[Ref[StockItem], "The balance."]
    available: Annotated[Decimal, "What is available now."]
    short: Annotated[Decimal, "How much those who wait lack."]
    late_until: Annotated[date | None, "When the last of them is served; null: nobody knows, or nobody is late."]
    reservations: Annotated[list[Ref[Reservation]], "Who waits."]
    held_up: Annotated[list[Money], "What the missing goods are sold for, by currency, tax included."]


def find_warnings(ctx: Context) -> list[StockWarning]:
    """All warnings of the tenant, by balance."""
    rows = list(ctx.scalars(select(Reservation).where(Reservation.state.not_in(ENDED)).order_by(Reservation.id)))
    short = [row for row in rows if short_of(row) > ZERO]
    days = schedules(ctx, short)
    by_item: dict[object, list[Reservation]] = {}
    for row in short:
        by_item.setdefault(row.item_id, []).append(row)
    worrying = select(StockItem).where(
        StockItem.id.in_(list(by_item)) | (StockItem.threshold > StockItem.on_hand - StockItem.reserved)
    )
    found = []
    for item in ctx.scalars(worrying.order_by(StockItem.id)):
        waiting = by_item.get(item.id, [])
        if item.threshold is not None and available(item) < item.threshold:
            found.append(_warning(StockWarningKind.LOW, item, waiting, None))
        lost = [row for row in waiting if any(part.on is None for part in days[row.id])]
        if lost:
            found.append(_warning(StockWarningKind.SHORT, item, lost, None))
        ends = {row.id: max((part.on for part in days[row.id] if part.on), default=None) for row in waiting}
        late = [
            row
            for row in waiting
            if row not in lost and row.promised_on is not None and (ends[row.id] or row.promised_on) > row.promised_on
        ]
        if late:
            until = max(day for row in late if (day := ends[row.id]) is not None)
            found.append(_warning(StockWarningKind.LATE, item, late, until))
    return found


def held_up(rows: Sequence[Reservation]) -> list[Money]:
    """What the missing quantities are sold for, by currency."""
    sums: dict[str, Decimal] = {}
    for row in rows:
        if row.value is not None and row.ordered:
            share = row.value.amount * short_of(row) / row.ordered
            sums[row.value.currency] = sums.get(row.value.currency, ZERO) + share
    return [Money(quantize(amount, currency), currency) for currency, amount in sorted(sums.items())]


def _warning(kind: StockWarningKind, item: StockItem, rows: Sequence[Reservation], until: date | None) -> StockWarning:
    return StockWarning(
        kind=kind,
        item=Ref(item.id),
        available=available(item),
        short=sum((short_of(row) for row in rows), ZERO),
        late_until=until,
        reservations=[Ref(row.id) for row in rows],
        held_up=held_up(rows),
    )
