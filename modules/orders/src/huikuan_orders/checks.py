"""The order's own reasons against a confirmation, a change or a cancellation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from huikuan.context import Context
from huikuan.errors import Level, Refusal
from huikuan.money import Money, quantize
from huikuan_orders.errors import (
    BELOW_MINIMUM,
    CUSTOMER_ON_HOLD,
    EMPTY,
    FULFILLED,
    NEGATIVE_TOTAL,
    PRICE_BELOW_FLOOR,
    PRODUCT_INACTIVE,
    QUOTE_EXPIRED,
)
from huikuan_orders.masters import accountable, goods_by_id, people
from huikuan_orders.queries import fulfilled
from huikuan_orders.snapshots import LineSnapshot, OrderKind, OrderSnapshot

__all__ = ["cancel_refusals", "change_refusals", "confirm_refusals"]

HUNDRED = Decimal(100)
ZERO = Decimal(0)


def confirm_refusals(ctx: Context, order: OrderSnapshot) -> Iterator[Refusal]:
    """Everything of the order itself that stands against confirming it."""
    if not order.lines:
        yield Refusal(EMPTY, "The order has no lines.", advice="Add lines first.")
    yield from _held_customers(ctx, order)
    if order.valid_until is not None and order.valid_until < ctx.today and order.confirmed_at is None:
        yield Refusal(
            QUOTE_EXPIRED,
            f"The quote was valid until {order.valid_until}.",
            field="validUntil",
            advice="Revise it and quote anew.",
            valid_until=order.valid_until,
        )
    yield from _negative(order)
    if order.kind is OrderKind.SALE:
        yield from _inactive(ctx, order.lines)
        yield from _too_small(ctx, order)
        yield from _too_cheap(ctx, order.lines, order.currency)


def change_refusals(ctx: Context, before: OrderSnapshot, after: OrderSnapshot, increase: Money) -> Iterator[Refusal]:
    """Everything of the order itself that stands against changing it; what was agreed is not asked again."""
    yield from _below_fulfilled(ctx, after)
    yield from _negative(after)
    if increase:
        yield from _held_customers(ctx, after)
    if after.kind is OrderKind.SALE:
        agreed = {line.id: line for line in before.lines}
        new = [line for line in after.lines if _worse(agreed.get(line.id), line)]
        yield from _inactive(ctx, [line for line in new if line.id not in agreed])
        yield from _too_cheap(ctx, new, after.currency)


def cancel_refusals(ctx: Context, order: OrderSnapshot) -> Iterator[Refusal]:
    """What was shipped or invoiced cannot be undone by cancelling."""
    if order.binding and any(fulfilled(ctx, order.id).values()):
        yield Refusal(
            FULFILLED,
            "Parts of the order were shipped or invoiced.",
            advice="Close it to give up the rest, or take goods back by a return.",
        )


def _held_customers(ctx: Context, order: OrderSnapshot) -> Iterator[Refusal]:
    found = people(ctx, accountable(ctx, order.customer_id, order.bill_to_id))
    for customer in sorted(found.values(), key=lambda item: item.code):
        if customer.held:
            yield Refusal(
                CUSTOMER_ON_HOLD,
                f"Customer {customer.code} is on hold: {customer.hold_reason}.",
                field="customer",
                advice="Lift the customer's hold.",
                customer=customer.code,
            )


def _inactive(ctx: Context, lines: Iterable[LineSnapshot]) -> Iterator[Refusal]:
    ids = {line.product_id: line.position for line in lines if line.product_id is not None and line.quantity}
    goods = goods_by_id(ctx, list(ids)) if ids else {}
    gone = sorted((ids[item.id], item.sku) for item in goods.values() if not item.active)
    if gone:
        yield Refusal(
            PRODUCT_INACTIVE,
            f"No longer sold: {', '.join(sku for _, sku in gone)}.",
            field="lines",
            advice="Remove these lines, or activate the products.",
            skus=[sku for _, sku in gone],
            positions=[position for position, _ in gone],
        )


def _negative(order: OrderSnapshot) -> Iterator[Refusal]:
    if order.kind is OrderKind.SALE and order.total.amount < 0:
        yield Refusal(
            NEGATIVE_TOTAL,
            f"The order comes to {order.total}.",
            field="lines",
            advice="Write a return for goods that come back.",
            total=order.total,
        )


def _too_small(ctx: Context, order: OrderSnapshot) -> Iterator[Refusal]:
    minimum = Decimal(ctx.setting("orders.minimum_value"))
    if order.currency != ctx.tenant.currency or not ZERO <= order.net.amount < minimum:
        return
    needed = Money(minimum, order.currency) - order.net
    yield Refusal(
        BELOW_MINIMUM,
        f"The order comes to {order.net} net; the minimum is {Money(minimum, order.currency)}.",
        level=Level.APPROVE,
        advice=f"Add goods for {needed}.",
        net=order.net,
        needed=needed,
    )


def _too_cheap(ctx: Context, lines: Iterable[LineSnapshot], currency: str) -> Iterator[Refusal]:
    percent = Decimal(ctx.setting("orders.price_floor_percent"))
    cheap = [(line, floor) for line in lines if (floor := _floor(line, percent)) is not None]
    if not cheap:
        return
    needed = sum((_missing(line, floor, currency) for line, floor in cheap), Money.zero(currency))
    yield Refusal(
        PRICE_BELOW_FLOOR,
        f"More than {percent} % below the list price: line {', '.join(str(line.position) for line, _ in cheap)}.",
        level=Level.APPROVE,
        field="lines",
        advice="; ".join(f"line {line.position}: at least {_plain(floor)} {currency}" for line, floor in cheap),
        positions=[line.position for line, _ in cheap],
        needed=needed,
    )


def _floor(line: LineSnapshot, percent: Decimal) -> Decimal | None:
    """The lowest price without approval, if the line's price after discount is below it."""
    if line.list_price is None or line.quantity <= 0:
        return None
    floor = line.list_price * (HUNDRED - percent) / HUNDRED
    return floor if _price(line) < floor else None


def _price(line: LineSnapshot) -> Decimal:
    return line.unit_price * (HUNDRED - line.discount_percent) / HUNDRED


def _missing(line: LineSnapshot, floor: Decimal, currency: str) -> Money:
    return Money(quantize((floor - _price(line)) * line.quantity, currency), currency)


def _below_fulfilled(ctx: Context, after: OrderSnapshot) -> Iterator[Refusal]:
    done = fulfilled(ctx, after.id)
    short = [line for line in after.lines if abs(line.quantity) < abs(done.get(line.id, ZERO))]
    if short:
        yield Refusal(
            FULFILLED,
            f"More was shipped or invoiced of line {', '.join(str(line.position) for line in short)}.",
            field="lines",
            advice="; ".join(f"line {line.position}: at least {_plain(done[line.id])}" for line in short),
            positions=[line.position for line in short],
        )


def _worse(agreed: LineSnapshot | None, line: LineSnapshot) -> bool:
    """Whether a line is new or has become cheaper."""
    return agreed is None or _price(line) < _price(agreed)


def _plain(value: Decimal) -> str:
    """A number as people write it: 80, not 80.000000."""
    return format(value.normalize(), "f")
