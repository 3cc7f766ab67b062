"""Orders that are written again and again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import BadInput, Refusal, Refused
from huikuan.money import exponent
from huikuan.values import Id, Ref, Unset
from huikuan_orders.commands.binding import order_confirm
from huikuan_orders.commands.drafts import order_create
from huikuan_orders.drafting import MAX_LINES, check_numbers
from huikuan_orders.errors import TEMPLATE_STOPPED, TEMPLATE_TAKEN
from huikuan_orders.inputs import (
    OrderCreateInput,
    OrderLineInput,
    OrderTemplateInput,
    OrderTemplateUpdateInput,
)
from huikuan_orders.masters import people
from huikuan_orders.models import Order, OrderTemplate, OrderTemplateLine
from huikuan_orders.recurrence import date_of_run

__all__ = ["order_template_create", "order_template_run", "order_template_stop", "order_template_update"]

MAX_EVERY = 366


@command(permission="orders.templates", idempotency="key")
def order_template_create(ctx: Context, input: OrderTemplateInput) -> OrderTemplate:
    """Have an order written again and again; each date makes one order, whatever happens meanwhile."""
    if not 1 <= input.every <= MAX_EVERY:
        raise BadInput(f"Give a number from 1 to {MAX_EVERY}.", field="every")
    if input.ends_on is not None and input.ends_on < input.starts_on:
        raise BadInput("It cannot end before it begins.", field="endsOn")
    customer = people(ctx, [input.customer.id])[input.customer.id]
    currency = input.currency or customer.currency
    exponent(currency)
    template = ctx.add(
        OrderTemplate(
            name=_free_name(ctx, input.name),
            customer_id=customer.id,
            currency=currency,
            interval=input.interval,
            every=input.every,
            starts_on=input.starts_on,
            ends_on=input.ends_on,
            runs=0,
            next_on=input.starts_on,
            confirm=input.confirm,
            notes=input.notes,
        )
    )
    _write_lines(ctx, template, input.lines)
    return template


@command(permission="orders.templates", idempotency="natural")
def order_template_update(ctx: Context, id: Id[OrderTemplate], input: OrderTemplateUpdateInput) -> OrderTemplate:
    """Change a template from its next date on; orders that it made stay as they are."""
    template = _running(ctx, id)
    if not isinstance(input.name, Unset) and input.name != template.name:
        template.name = _free_name(ctx, input.name)
    if not isinstance(input.confirm, Unset):
        template.confirm = input.confirm
    if not isinstance(input.notes, Unset):
        template.notes = input.notes
    if not isinstance(input.ends_on, Unset):
        if input.ends_on is not None and input.ends_on < template.starts_on:
            raise BadInput("It cannot end before it begins.", field="endsOn")
        template.ends_on = input.ends_on
        _plan(template)
    if not isinstance(input.lines, Unset):
        for line in _lines(ctx, template.id):
            ctx.remove(line)
        ctx.flush()
        _write_lines(ctx, template, input.lines)
    return template


@command(permission="orders.templates", idempotency="natural")
def order_template_stop(ctx: Context, id: Id[OrderTemplate]) -> OrderTemplate:
    """Stop a template for good; orders that it made stay."""
    template = ctx.get(OrderTemplate, id)
    if template.stopped_at is None:
        template.stopped_at = ctx.now
        template.next_on = None
    return template


@command(permission="orders.templates", idempotency="natural", exposed=False)
def order_template_run(ctx: Context, id: UUID, on: date) -> OrderTemplate:
    """Write the order of one date, once: its reference names template and date."""
    template = ctx.get(OrderTemplate, id)
    if template.next_on != on:
        return template
    try:
        with ctx.savepoint():
            order = order_create(ctx, input=_order(ctx, template, on))
    except (Refused, BadInput) as error:
        template.last_error = f"{on}: {error.message}"
        return template
    order.template_id = template.id
    template.runs += 1
    template.last_error = _confirm(ctx, order, on) if template.confirm else None
    _plan(template)
    return template


def _order(ctx: Context, template: OrderTemplate, on: date) -> OrderCreateInput:
    return OrderCreateInput(
        customer=Ref(template.customer_id),
        lines=[
            OrderLineInput(
                quantity=line.quantity,
                sku=line.sku,
                description=line.description,
                unit_price=line.unit_price,
                discount_percent=line.discount_percent,
            )
            for line in _lines(ctx, template.id)
        ],
        reference=f"template:{template.id}:{on}",
        currency=template.currency,
        ordered_on=on,
        notes=template.notes,
    )


def _confirm(ctx: Context, order: Order, on: date) -> str | None:
    """Confirm the new order; refused, it stays a draft."""
    try:
        with ctx.savepoint():
            order_confirm(ctx, id=order.id)
    except Refused as error:
        return f"{on}: not confirmed: {error.message}"
    return None


def _plan(template: OrderTemplate) -> None:
    following = date_of_run(template.starts_on, template.interval, template.every, template.runs)
    template.next_on = None if template.ends_on is not None and following > template.ends_on else following


def _free_name(ctx: Context, name: str) -> str:
    if not name.strip():
        raise BadInput("Give the template a name.", field="name")
    if ctx.exists(OrderTemplate, name=name.strip()):
        ctx.refuse(Refusal(TEMPLATE_TAKEN, f"There is a template {name.strip()!r} already.", field="name"))
    return name.strip()


def _running(ctx: Context, id: UUID) -> OrderTemplate:
    template = ctx.get(OrderTemplate, id)
    if template.stopped_at is not None:
        ctx.refuse(Refusal(TEMPLATE_STOPPED, f"{template.name} was stopped.", advice="Write a new template."))
    return template


def _lines(ctx: Context, template_id: UUID) -> Sequence[OrderTemplateLine]:
    statement = select(OrderTemplateLine).where(OrderTemplateLine.template_id == template_id)
    return ctx.scalars(statement.order_by(OrderTemplateLine.position))


def _write_lines(ctx: Context, template: OrderTemplate, lines: Sequence[OrderLineInput]) -> None:
    if not 1 <= len(lines) <= MAX_LINES:
        raise BadInput(f"Give 1 to {MAX_LINES} lines.", field="lines")
    for index, line in enumerate(lines):
        check_numbers(line.quantity, line.unit_price, line.discount_percent, f"lines.{index}")
        if line.sku is None and (not line.description or line.unit_price is None):
            raise BadInput("A line without a sku needs a description and a unit price.", field=f"lines.{index}")
    ctx.add_all(
        OrderTemplateLine(
            template_id=template.id,
            position=position,
            sku=line.sku,
            description=line.description,
            quantity=line.quantity,
            unit_price=line.unit_price,
            discount_percent=line.discount_percent,
        )
        for position, line in enumerate(lines, 1)
    )
