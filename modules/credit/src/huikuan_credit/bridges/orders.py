"""Orders ask credit before they bind, and owe from then on until they are invoiced, closed or cancelled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from huikuan import Context, Money, Refusal, hookimpl, subscribe
from huikuan.core.events import ModuleEnabled
from huikuan.db import LockKey
from huikuan.graphql import batch, extend
from huikuan.invariants import Invariant
from huikuan_credit.accounts import account_locks, pool_of
from huikuan_credit.amounts import Line, Lines, Open, decoded, encoded, open_of
from huikuan_credit.deciding import Document, assess, assessed, keep, refusals
from huikuan_credit.ledger import Change, Source, apply, open_position, owing_sources, position_of, positions_of
from huikuan_credit.models import Position
from huikuan_credit.moving import PROGRESS, change_of, kept_progress, lines_in
from huikuan_credit.snapshots import Checkpoint, Part, PositionState
from huikuan_credit.terms import Agreed, class_terms, days_longer
from huikuan_credit.types import CreditPreview
from huikuan_credit.watching import watch_share
from huikuan_orders.api import agreed_orders, order_lock, orders_by_id, trace
from huikuan_orders.snapshots import LineSnapshot, OrderKind, OrderSnapshot, OrderStatus, OrderTerms, TracePart
from huikuan_orders.types import OrderConfirmPreview

ORDER = "Order"
ZERO = Decimal(0)
PAGE = 500
BEFORE = (OrderStatus.DRAFT, OrderStatus.QUOTED)
TELLERS = {"orders", *PROGRESS.values()}


def lines_of(order: OrderSnapshot, known: Lines) -> dict[UUID, Line]:
    """The order's lines as they are now, with the progress that is known of them."""
    return {line.id: _line(line, known.get(line.id)) for line in order.lines if line.quantity or line.id in known}


def _line(line: LineSnapshot, known: Line | None) -> Line:
    if known is None:
        return Line(gross=line.gross.amount, quantity=line.quantity)
    return replace(known, gross=line.gross.amount, quantity=line.quantity)


def ships_on(order: OrderSnapshot) -> date | None:
    """The first day on which goods leave; None if anything may leave at once."""
    days = [line.promised_on or order.promised_on for line in order.lines if line.quantity]
    known = [day for day in days if day is not None]
    return min(known) if known and len(known) == len(days) else None


def _state(order: OrderSnapshot) -> PositionState:
    if order.status is OrderStatus.DONE:
        return PositionState.DONE
    if order.status is OrderStatus.CONFIRMED:
        return PositionState.CLOSED if order.closed else PositionState.OPEN
    return PositionState.CLOSED if order.status is OrderStatus.CANCELLED else PositionState.WAITING


@hookimpl
def orders_confirm_locks(ctx: Context, order: OrderSnapshot) -> list[LockKey]:
    """The account of whoever gets the invoice."""
    return account_locks(ctx, [order.bill_to_id], [] if order.status in BEFORE else [order.id])


@hookimpl
def orders_payment_terms(
    ctx: Context, terms: OrderTerms, bill_to_id: UUID, total: Money, ordered_on: date
) -> OrderTerms | None:
    """Those of the risk class, where they are shorter."""
    bound = class_terms(ctx, pool_of(ctx, bill_to_id).class_id)
    if bound is None or not days_longer(terms.terms, bound.terms, total, ordered_on):
        return None
    return OrderTerms(code=bound.code, terms=bound.terms)


@hookimpl
def orders_before_quote(ctx: Context, order: OrderSnapshot) -> Iterable[Refusal]:
    """Whether there would be room for it today."""
    return _asked(ctx, Checkpoint.QUOTE, order)


@hookimpl
def orders_before_confirm(ctx: Context, order: OrderSnapshot) -> Iterable[Refusal]:
    """Whether there is room for it, and whatever else the rules say."""
    return _asked(ctx, Checkpoint.CONFIRM, order)


@hookimpl
def orders_before_change(ctx: Context, before: OrderSnapshot, after: OrderSnapshot) -> Iterable[Refusal]:
    """Whether there is room for the increase; what was agreed is not asked again."""
    return _asked(ctx, Checkpoint.CHANGE, after) if after.total > before.total else []


def _asked(ctx: Context, checkpoint: Checkpoint, order: OrderSnapshot) -> Iterable[Refusal]:
    if order.kind is not OrderKind.SALE or order.total.amount <= 0:
        return []
    return refusals(ctx, checkpoint, _document(ctx, order))


def _document(ctx: Context, order: OrderSnapshot) -> Document:
    position = position_of(ctx, ORDER, order.id)
    known = decoded(position.lines) if position is not None else {}
    deposits = position.deposits if position is not None else ZERO
    future = open_of(lines_of(order, known).values(), order.currency, PositionState.OPEN, deposits)
    owed = position.ordered + position.shipped if position is not None else ZERO
    return Document(
        type=ORDER,
        id=order.id,
        bill_to_id=order.bill_to_id,
        currency=order.currency,
        amount=order.total.amount,
        increase=future.ordered + future.shipped - owed,
        ships_on=ships_on(order),
        position=position,
        prepaid=lambda: _paid(ctx, order),
        agreed=Agreed(order.payment_terms, order.terms, order.ordered_on),
    )


def _paid(ctx: Context, order: OrderSnapshot) -> Decimal:
    parts = trace(ctx, [order.id])[order.id]
    return sum((part.amount.amount for part in parts if part.name == "paid" and part.amount is not None), ZERO)


@hookimpl(tryfirst=True)
def orders_after_confirm(ctx: Context, order: OrderSnapshot) -> None:
    """It owes from now on; first of all, because others may invoice it at once."""
    _follow(ctx, "confirm", order)


@hookimpl(tryfirst=True)
def orders_after_change(ctx: Context, after: OrderSnapshot) -> None:
    """It owes what it comes to now."""
    _follow(ctx, "change", after)


@hookimpl
def orders_after_cancel(ctx: Context, order: OrderSnapshot) -> None:
    """It owes nothing more."""
    _follow(ctx, "cancel", order, PositionState.CLOSED)


@hookimpl
def orders_after_close(ctx: Context, order: OrderSnapshot) -> None:
    """What was given up is owed no longer; what was delivered is, until it is invoiced."""
    _follow(ctx, "close", order)


@hookimpl(tryfirst=True)
def orders_after_reopen(ctx: Context, order: OrderSnapshot) -> None:
    """It owes again what closing gave up."""
    _follow(ctx, "reopen", order)


def _follow(ctx: Context, event: str, order: OrderSnapshot, state: PositionState | None = None) -> None:
    if order.kind is not OrderKind.SALE:
        return
    found = assessed(ctx, order.id)
    known = found.document.position if found is not None else position_of(ctx, ORDER, order.id)
    position = known or open_position(ctx, _source(order))
    _describe(position, order, lines_of(order, decoded(position.lines)), state or _state(order))
    balance = None if found is None else found.balance
    apply(ctx, event, [change_of(position)], balance)
    keep(ctx, found, position.account_id)
    if found is not None:
        watch_share(ctx, position.account_id, found.inputs, balance)


def _source(order: OrderSnapshot) -> Source:
    return Source(type=ORDER, id=order.id, bill_to_id=order.bill_to_id, currency=order.currency)


def _describe(position: Position, order: OrderSnapshot, lines: Lines, state: PositionState) -> None:
    position.lines, position.state, position.ships_on = encoded(lines), state, ships_on(order)


@hookimpl
def kernel_module_enabled(ctx: Context) -> None:
    """Build what orders owe from their history."""
    rebuild(ctx)


@subscribe(ModuleEnabled)
def follow_modules(ctx: Context, event: ModuleEnabled) -> None:
    """A module that tells how far orders have come is back: what it missed is made up for."""
    if event.module in TELLERS:
        rebuild(ctx)


@hookimpl
def kernel_invariants() -> Iterable[Invariant]:
    """Positions and orders agree."""
    return [
        Invariant(
            "credit.orders",
            "Orders owe what their lines, shipments and invoices say.",
            lambda ctx: [it.id for it in _compared(ctx)],
        )
    ]


def rebuild(ctx: Context) -> int:
    """Bring the positions of all orders in line with the orders; returns how many differed."""
    seen = list(_compared(ctx, build=True))
    orders = {item.id: item.order.bill_to_id for item in seen if item.order is not None}
    keys = account_locks(ctx, set(orders.values()), [item.id for item in seen])
    ctx.lock([*keys, *(order_lock(id) for id in orders)])
    # Read anew: whoever held the locks before may have changed it. What came since then is told by its own events.
    locked = {item.id for item in seen}
    differing = [item for item in _compared(ctx, build=True) if item.id in locked]
    for item in differing:
        _bring(ctx, item)
    return len(differing)


def _bring(ctx: Context, item: _Differing) -> None:
    position = position_of(ctx, ORDER, item.id)
    if item.order is None:
        assert position is not None
        position.state = PositionState.CLOSED
        apply(ctx, "rebuild", [Change(position, {Part.ORDERED: ZERO, Part.SHIPPED: ZERO})])
        return
    position = position or open_position(ctx, _source(item.order))
    position.deposits = item.deposits
    _describe(position, item.order, item.lines, _state(item.order))
    apply(ctx, "rebuild", [change_of(position)])


@dataclass(frozen=True, slots=True)
class _Differing:
    """An order whose position is not what all modules say; no order where it ended or is not there."""

    id: UUID
    order: OrderSnapshot | None
    lines: Lines
    deposits: Decimal


def _compared(ctx: Context, *, build: bool = False) -> Iterator[_Differing]:
    """``build``: also orders that owe nothing and have no position, but have come far enough to be remembered.

    Once the module that tells of it is disabled, only the position knows that they are invoiced.
    """
    owing = owing_sources(ctx, ORDER)
    after: UUID | None = None
    while page := agreed_orders(ctx, after=after, limit=PAGE):
        sales = [order for order in page if order.kind is OrderKind.SALE]
        ids = [order.id for order in sales]
        owing -= set(ids)
        found, positions = trace(ctx, ids), positions_of(ctx, ORDER, ids)
        for order in sales:
            position = positions.get(order.id)
            lines, deposits = _traced(ctx, order, found[order.id], position)
            expected = open_of(lines.values(), order.currency, _state(order), deposits)
            unknown = build and position is None and any(line.begun for line in lines.values())
            if unknown or expected != (Open() if position is None else Open(position.ordered, position.shipped)):
                yield _Differing(order.id, order, lines, deposits)
        after = page[-1].id
    for id in sorted(owing):
        yield _Differing(id, None, {}, ZERO)


def _traced(
    ctx: Context, order: OrderSnapshot, parts: Sequence[TracePart], position: Position | None
) -> tuple[dict[UUID, Line], Decimal]:
    """The lines and deposits as all modules say; what a disabled one would say is what it said last."""
    known = lines_in(position) if position is not None else {}
    lines = {id: kept_progress(ctx, it) for id, it in lines_of(order, known).items()}
    for part in parts:
        if part.name in PROGRESS and part.line_id in lines and part.quantity is not None:
            lines[part.line_id] = lines[part.line_id].moved(**{part.name: part.quantity})
    if position is not None and not ctx.enabled("invoicing"):
        return lines, position.deposits
    apart = [part.amount.amount for part in parts if part.name == "prebilled" and part.amount is not None]
    return lines, sum(apart, ZERO)


@extend(OrderConfirmPreview)
class PreviewExposure:
    """What credit adds to the preview of a confirmation."""

    @batch(requires=["order"], permission="credit.read")
    def exposure(ctx: Context, previews: Sequence[OrderConfirmPreview]) -> list[CreditPreview | None]:
        """What would be owed if it were confirmed now; null where nothing is checked."""
        found = orders_by_id(ctx, [preview.order.id for preview in previews])
        return [_preview(ctx, found[preview.order.id]) for preview in previews]


def _preview(ctx: Context, order: OrderSnapshot) -> CreditPreview | None:
    found = assess(ctx, Checkpoint.CONFIRM, _document(ctx, order))
    if found is None:
        return None
    inputs = found.inputs
    limit = None if inputs.bound is None else Money(inputs.bound, order.currency)
    return CreditPreview(Money(inputs.before, order.currency), Money(inputs.after, order.currency), limit)
