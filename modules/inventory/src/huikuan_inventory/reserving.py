"""Reservations: what is wanted, what is reserved of it, and who gets goods when they are scarce."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan.errors import BadInput
from huikuan.money import Money
from huikuan_inventory.events import ReservationChanged
from huikuan_inventory.hookspecs import inventory_allocation_order
from huikuan_inventory.ledger import available, item_at, reserve_units
from huikuan_inventory.models import Reservation, StockItem
from huikuan_inventory.snapshots import Remainder, ReservationSnapshot
from huikuan_inventory.states import ENDED, WAITING, open_of, short_of, state_of

__all__ = [
    "Wanted",
    "allocate",
    "cancel_open",
    "changed",
    "choice",
    "in_order",
    "reservation_snapshot",
    "reservations_of",
    "take",
    "unreserve",
    "waiting",
    "want",
]

ZERO = Decimal(0)
E_ = TypeVar("E_", bound=Enum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a line wants now: ``quantity`` in all, or nothing more than was shipped if it is ``closed``."""

    subject_type: str
    subject_id: UUID
    line_id: UUID
    warehouse_id: UUID
    product_id: UUID
    quantity: Decimal
    closed: bool = False
    reopened: bool = False
    promised_on: date | None = None
    value: Money | None = None


def choice(ctx: Context, key: str, kind: type[E_]) -> E_:
    """A setting that is one of a few words."""
    word = str(ctx.setting(key))
    if word not in kind.__members__:
        raise BadInput(f"The setting {key} is {word!r}; it is one of {', '.join(kind.__members__)}.", field=key)
    return kind[word]


def reservations_of(ctx: Context, subject_type: str, subject_ids: Sequence[UUID]) -> list[Reservation]:
    """All reservations of these subjects, oldest first."""
    found = select(Reservation).where(Reservation.subject_type == subject_type, Reservation.subject_id.in_(subject_ids))
    return list(ctx.scalars(found.order_by(Reservation.id)))


def waiting(ctx: Context, item_ids: Sequence[UUID]) -> list[Reservation]:
    """Reservations of these balances that are short."""
    found = select(Reservation).where(Reservation.item_id.in_(item_ids), Reservation.state.in_(WAITING))
    return [row for row in ctx.scalars(found.order_by(Reservation.id)) if short_of(row) > ZERO]


def in_order(ctx: Context, rows: Sequence[Reservation]) -> list[Reservation]:
    """By the rule: ranks of other modules, then priority, promised day (none last), age."""
    if not rows:
        return []
    ranks: dict[UUID, int] = {}
    for rank in ctx.collect(inventory_allocation_order, reservations=[reservation_snapshot(row) for row in rows]):
        ranks[rank.reservation_id] = ranks.get(rank.reservation_id, 0) + rank.rank
    return sorted(
        rows,
        key=lambda row: (ranks.get(row.id, 0), -row.priority, row.promised_on or date.max, row.since, row.id),
    )


def want(ctx: Context, wanted: Wanted) -> Reservation:
    """Set what a line wants; frees what it no longer wants, reserves nothing. The item is locked."""
    row = ctx.find(Reservation, subject_type=wanted.subject_type, line_id=wanted.line_id)
    if row is None:
        item = item_at(ctx, wanted.warehouse_id, wanted.product_id)
        row = _new(ctx, wanted, item)
    row.ordered = max(wanted.quantity, row.shipped)
    row.value = wanted.value
    row.promised_on = wanted.promised_on or row.promised_on
    rest = row.ordered - row.shipped
    if wanted.closed:
        row.cancelled = rest
    elif wanted.reopened:
        row.cancelled = ZERO
    else:
        row.cancelled = min(row.cancelled, rest)
    _free_surplus(ctx, row)
    return changed(ctx, row)


def take(ctx: Context, row: Reservation, item: StockItem, most: Decimal | None = None) -> Decimal:
    """Reserve what is short, as far as goods are available; returns how much. The item is locked."""
    quantity = min(short_of(row), available(item), *(() if most is None else (most,)))
    if quantity <= ZERO:
        return ZERO
    reserve_units(ctx, item, quantity)
    row.reserved += quantity
    changed(ctx, row)
    return quantity


def allocate(ctx: Context, items: Iterable[StockItem]) -> dict[UUID, Decimal]:
    """Hand out what is available to those who wait, by the rule; how much each reservation got."""
    by_id = {item.id: item for item in items if available(item) > ZERO}
    got: dict[UUID, Decimal] = {}
    for row in in_order(ctx, waiting(ctx, list(by_id))):
        quantity = take(ctx, row, by_id[row.item_id])
        if quantity:
            got[row.id] = quantity
    return got


def unreserve(ctx: Context, item: StockItem, quantity: Decimal) -> list[Reservation]:
    """Take goods away from reservations, last by the rule first: the goods are not there. Returns who lost some."""
    hit = []
    holding = select(Reservation).where(Reservation.item_id == item.id, Reservation.state.not_in(ENDED))
    left = quantity
    for row in reversed(in_order(ctx, [row for row in ctx.scalars(holding) if row.reserved])):
        taken = min(left, row.reserved)
        if taken > ZERO:
            reserve_units(ctx, item, -taken)
            row.reserved -= taken
            left -= taken
            hit.append(changed(ctx, row))
    return hit


def cancel_open(ctx: Context, row: Reservation) -> None:
    """Give up what is still open. The item is locked."""
    row.cancelled += open_of(row)
    _free_surplus(ctx, row)
    changed(ctx, row)


def changed(ctx: Context, row: Reservation) -> Reservation:
    """The state follows the quantities, and the world is told."""
    row.state = state_of(row)
    ctx.emit(
        ReservationChanged(
            reservation_id=row.id,
            subject_type=row.subject_type,
            subject_id=row.subject_id,
            state=row.state,
            ordered=row.ordered,
            reserved=row.reserved,
            shipped=row.shipped,
            cancelled=row.cancelled,
        )
    )
    return row


def reservation_snapshot(row: Reservation) -> ReservationSnapshot:
    """The reservation as others see it."""
    return ReservationSnapshot(
        id=row.id,
        subject_type=row.subject_type,
        subject_id=row.subject_id,
        line_id=row.line_id,
        warehouse_id=row.warehouse_id,
        product_id=row.product_id,
        ordered=row.ordered,
        reserved=row.reserved,
        shipped=row.shipped,
        returned=row.returned,
        cancelled=row.cancelled,
        state=row.state,
        priority=row.priority,
        promised_on=row.promised_on,
        since=row.since,
    )


def _free_surplus(ctx: Context, row: Reservation) -> None:
    surplus = row.reserved - max(open_of(row), ZERO)
    if surplus > ZERO:
        row.reserved -= surplus
        row.state = state_of(row)
        reserve_units(ctx, ctx.get(StockItem, row.item_id), -surplus)


def _new(ctx: Context, wanted: Wanted, item: StockItem) -> Reservation:
    row = Reservation(
        subject_type=wanted.subject_type,
        subject_id=wanted.subject_id,
        line_id=wanted.line_id,
        item_id=item.id,
        warehouse_id=item.warehouse_id,
        product_id=item.product_id,
        ordered=wanted.quantity,
        reserved=ZERO,
        shipped=ZERO,
        returned=ZERO,
        cancelled=ZERO,
        priority=0,
        remainder=choice(ctx, "inventory.remainder", Remainder),
        since=ctx.now,
    )
    row.state = state_of(row)
    return ctx.add(row)
