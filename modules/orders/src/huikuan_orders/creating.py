"""Writes a new order from its input: first everything is read and checked, then it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from huikuan.codec import decode, digest, encode
from huikuan.context import Context
from huikuan.errors import BadInput, Refusal
from huikuan.money import Money, exponent
from huikuan.tax import TaxRounding
from huikuan_customers.snapshots import Terms
from huikuan_orders.amounts import Totals, assess
from huikuan_orders.drafting import draft_lines
from huikuan_orders.errors import REFERENCE_TAKEN, RETURN_QUANTITY
from huikuan_orders.events import OrderCreated
from huikuan_orders.hookspecs import orders_payment_terms
from huikuan_orders.inputs import OrderCreateInput
from huikuan_orders.lifecycle import record
from huikuan_orders.masters import Parties, parties, past_parties
from huikuan_orders.models import Order, OrderLine
from huikuan_orders.snapshots import OrderDraft, OrderKind, OrderStatus, OrderTerms
from huikuan_orders.states import OrderAction
from huikuan_orders.values import LineLike, LineValues

__all__ = ["Prepared", "check_kind", "line_row", "prepare", "same_order", "set_totals", "store"]

LINE_FIELDS = tuple(field.name for field in fields(LineValues))


@dataclass(frozen=True, slots=True)
class Prepared:
    """An order ready to be stored."""

    order: Order
    lines: Sequence[LineValues]


def same_order(ctx: Context, input: OrderCreateInput, *, past: bool = False) -> Order | None:
    """The order that was made from this very input before, by its reference; refuses another content.

    An order of the past is a fact: it is recognised by its reference alone.
    """
    if input.reference is None:
        return None
    if not input.reference.strip():
        raise BadInput("A reference is not empty; leave it out instead.", field="reference")
    found = ctx.find(Order, reference=input.reference)
    if found is not None and not past and found.content_hash != digest(input):
        ctx.refuse(
            Refusal(
                REFERENCE_TAKEN,
                f"Order {found.number} has the reference {input.reference!r}, with other content.",
                field="reference",
                advice="Change that order, or send another reference.",
                order=found.id,
                number=found.number,
            )
        )
    return found


def prepare(ctx: Context, input: OrderCreateInput, *, past: bool = False) -> Prepared:
    """Look everything up, price and tax the lines; writes nothing."""
    people = past_parties(ctx, input) if past else parties(ctx, input)
    currency = people.currency
    exponent(currency)
    ordered_on = input.ordered_on or ctx.today
    if input.valid_until is not None and input.valid_until < ordered_on:
        raise BadInput("A quote cannot end before it begins.", field="validUntil")
    draft = OrderDraft(
        customer_id=people.customer, kind=input.kind, currency=currency, ordered_on=ordered_on, past=past
    )
    lines = draft_lines(ctx, input.lines, draft)
    check_kind(ctx, input.kind, lines)
    rounding = TaxRounding.DOCUMENT if ctx.setting("orders.tax_per_document") else TaxRounding.LINE
    totals = assess(lines, currency, rounding)
    if not past and input.payment_terms is None and input.kind is OrderKind.SALE:
        people = _on_terms(ctx, people, totals.total, ordered_on)
    order = Order(
        kind=input.kind,
        status=OrderStatus.DONE if past else OrderStatus.DRAFT,
        reference=input.reference,
        content_hash=None if past or input.reference is None else digest(input),
        customer_id=people.customer,
        bill_to_id=people.bill_to,
        ship_to_id=people.ship_to,
        payer_id=people.payer,
        origin_id=input.origin.id if input.origin else None,
        currency=currency,
        tax_rounding=rounding,
        ordered_on=ordered_on,
        promised_on=input.promised_on,
        valid_until=input.valid_until,
        payment_terms=people.payment_terms,
        terms=people.terms,
        notes=input.notes,
        version=1,
    )
    set_totals(order, totals)
    return Prepared(order, lines)


def _on_terms(ctx: Context, people: Parties, total: Money, ordered_on: date) -> Parties:
    """The parties on the terms that modules leave them."""
    known = OrderTerms(code=people.payment_terms, terms=decode(Terms, people.terms) if people.terms else None)
    found = ctx.change(orders_payment_terms, known, bill_to_id=people.bill_to, total=total, ordered_on=ordered_on)
    if found == known:
        return people
    return replace(people, payment_terms=found.code, terms=encode(found.terms) if found.terms else None)


def store(ctx: Context, prepared: Prepared, *, past: bool = False) -> Order:
    """Add the order with its lines, give it a number, tell the world."""
    order = ctx.add(prepared.order)
    if past:  # thousands at a time; nobody will ask the audit trail for the price of a line of years ago
        ctx.insert(OrderLine, [line_values(order, line) for line in prepared.lines])
    else:
        ctx.add_all([line_row(order, line) for line in prepared.lines])
    prefix = ctx.setting("orders.number_prefix")
    ctx.number("orders", order, format=lambda value: f"{prefix}{value:06d}")
    if past:
        record(ctx, order, OrderAction.RECORD)
    ctx.emit(
        OrderCreated(
            order_id=order.id,
            customer_id=order.customer_id,
            kind=order.kind,
            status=order.status,
            total=order.total,
            ordered_on=order.ordered_on,
        )
    )
    return order


def line_row(order: Order, line: LineValues) -> OrderLine:
    """A line to be stored."""
    return OrderLine(**line_values(order, line))


def line_values(order: Order, line: LineValues) -> dict[str, Any]:
    """The columns of a line."""
    return {"order_id": order.id, "currency": order.currency, **{name: getattr(line, name) for name in LINE_FIELDS}}


def set_totals(order: Order, totals: Totals) -> None:
    """Copy the sums of the lines to the order."""
    order.net, order.tax, order.total = totals.net, totals.tax, totals.total


def check_kind(ctx: Context, kind: OrderKind, lines: Sequence[LineLike]) -> None:
    """A return takes goods back: no quantity of it is positive."""
    if kind is not OrderKind.RETURN:
        return
    wrong = next((line for line in lines if line.quantity > Decimal(0)), None)
    if wrong is not None:
        ctx.refuse(
            Refusal(
                RETURN_QUANTITY,
                f"Line {wrong.position} of a return has the quantity {wrong.quantity}; it must be negative.",
                field="lines",
                advice="Write what the customer keeps or buys as a sale of its own.",
                position=wrong.position,
            )
        )
