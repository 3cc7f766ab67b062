"""Reservations: what is wanted, what is reserved of it, and who gets goods when they are scarce."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, select

from huikuan.context import Context
from huikuan.errors import BadInput
from huikuan.money import Money, quantize
from huikuan.values import UNSET, Unset
from huikuan_inventory.events import ReservationChanged
from huikuan_inventory.hookspecs import inventory_allocation_order, inventory_supply_waits
from huikuan_inventory.ledger import available, reserve_units
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
    "open_subjects",
    "prefer",
    "reservation_snapshot",
    "reservations_of",
    "share_of_value",
    "supplied",
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
    key = "inventory.reservations", subject_type, tuple(subject_ids)
    return list(ctx.once(key, lambda: ctx.scalars(found.order_by(Reservation.id)), Reservation, rows=True))


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


def supplied(ctx: Context, rows: Sequence[Reservation]) -> list[Reservation]:
    """Those of these that may get goods: no module lets them wait."""
    if not rows:
        return []
    seen = [reservation_snapshot(row) for row in rows]
    held = set(ctx.collect(inventory_supply_waits, reservations=seen))
    return [row for row in rows if row.id not in held]


def want(ctx: Context, wanted: Wanted, row: Reservation | None, item: StockItem) -> tuple[Reservation, Decimal]:
    """Set what a line wants; reserves nothing. The item is locked.

    Returns the reservation, made if there was none, and how much it held too much: the caller frees that.
    """
    if row is None:
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
    surplus = max(row.reserved - max(open_of(row), ZERO), ZERO)
    row.reserved -= surplus
    row.state = state_of(row)
    return row, surplus


def take(
    ctx: Context, rows: Sequence[Reservation], items: Mapping[UUID, StockItem], *, promise: date | None = None
) -> dict[UUID, Decimal]:
    """Reserve what is short, in this order, as far as goods are available; how much each got. The items are locked.

    However many lines take from a balance, it is changed once. ``promise``: the day promised for what got all.
    """
    left = {item.id: available(item) for item in items.values()}
    got: dict[UUID, Decimal] = {}
    taken: dict[UUID, Decimal] = {}
    for row in rows:
        quantity = min(short_of(row), left[row.item_id])
        if quantity > ZERO:
            left[row.item_id] -= quantity
            got[row.id] = quantity
            taken[row.item_id] = taken.get(row.item_id, ZERO) + quantity
    for row in rows:  # before the balances, so that each row is written once
        if row.id in got:
            row.reserved += got[row.id]
            row.state = state_of(row)
            if row.promised_on is None and short_of(row) <= ZERO:
                row.promised_on = promise
    reserve_units(ctx, [(items[item_id], quantity) for item_id, quantity in taken.items()])
    return got


def allocate(ctx: Context, items: Iterable[StockItem]) -> dict[UUID, Decimal]:
    """Hand out what is available to those who wait, by the rule; how much each reservation got."""
    by_id = {item.id: item for item in items if available(item) > ZERO}
    queue = in_order(ctx, supplied(ctx, waiting(ctx, list(by_id)))) if by_id else []
    got = take(ctx, queue, by_id)
    for row in queue:
        if row.id in got:
            changed(ctx, row)
    return got


def unreserve(ctx: Context, item: StockItem, quantity: Decimal) -> list[Reservation]:
    """Take goods away from reservations, last by the rule first: the goods are not there. Returns who lost some."""
    hit = []
    holding = select(Reservation).where(Reservation.item_id == item.id, Reservation.state.not_in(ENDED))
    left = quantity
    for row in reversed(in_order(ctx, [row for row in ctx.scalars(holding) if row.reserved])):
        taken = min(left, row.reserved)
        if taken > ZERO:
            reserve_units(ctx, [(item, -taken)])
            row.reserved -= taken
            left -= taken
            hit.append(changed(ctx, row))
    return hit


def cancel_open(ctx: Context, row: Reservation) -> None:
    """Give up what is still open. The item is locked."""
    row.cancelled += open_of(row)
    freed, row.reserved = row.reserved, ZERO
    if freed:
        reserve_units(ctx, [(ctx.get(StockItem, row.item_id), -freed)])
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


def open_subjects(subject_type: str) -> Select[UUID]:
    """Documents of this type that have open reservations."""
    return select(Reservation.subject_id).where(
        Reservation.subject_type == subject_type, Reservation.state.not_in(ENDED)
    )


def share_of_value(row: Reservation, quantity: Decimal) -> Money | None:
    """What a part of a reservation comes to; None where it has no value."""
    if row.value is None or not row.ordered:
        return None
    return Money(quantize(row.value.amount * quantity / row.ordered, row.value.currency), row.value.currency)


def prefer(
    rows: list[Reservation], priority: int | Unset = UNSET, remainder: Remainder | Unset = UNSET
) -> list[Reservation]:
    """Say of locked reservations who comes first, and what becomes of the rest."""
    for row in rows:
        if not isinstance(priority, Unset):
            row.priority = priority
        if not isinstance(remainder, Unset):
            row.remainder = remainder
    return rows
