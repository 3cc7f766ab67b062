"""From what a caller gives to lines with products, prices and taxes; reads, never writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from huikuan.context import Context
from huikuan.errors import BadInput, NotFound, Refusal
from huikuan.ids import new_id
from huikuan_orders.errors import PRICE_INVALID, PRICE_MISSING
from huikuan_orders.hookspecs import orders_price_line
from huikuan_orders.inputs import OrderLineInput
from huikuan_orders.masters import goods_by_sku, list_prices, standing_discount, usual_tax
from huikuan_orders.snapshots import LineDraft, OrderDraft
from huikuan_orders.values import LineValues
from huikuan_products.snapshots import ProductSnapshot, TaxRateSnapshot

__all__ = ["MAX_LINES", "check_numbers", "draft_lines"]

MAX_LINES = 5_000
LIMIT = Decimal(10) ** 12
PLACES = -6
HUNDRED = Decimal(100)
ZERO = Decimal(0)


def draft_lines(
    ctx: Context,
    inputs: Sequence[OrderLineInput],
    order: OrderDraft,
    *,
    first_position: int = 1,
    field: str = "lines",
) -> list[LineValues]:
    """The lines with products looked up and prices found; their amounts are still to be assessed."""
    if len(inputs) > MAX_LINES:
        raise BadInput(f"An order has at most {MAX_LINES} lines; split it.", field=field)
    for index, line in enumerate(inputs):
        check_numbers(line.quantity, line.unit_price, line.discount_percent, f"{field}.{index}")
    goods = _goods(ctx, inputs, field)
    prices = _list_prices(ctx, inputs, goods, order)
    free_tax = usual_tax(ctx) if any(line.sku is None for line in inputs) else None
    drafted = []
    for index, line in enumerate(inputs):
        product = goods[line.sku] if line.sku is not None else None
        tax = product.tax if product is not None else free_tax
        drafted.append(_line(line, product, tax, prices.get(index), first_position + index))
    if any(line.unit_price is None for line in inputs):
        order = replace(order, standing_discount_percent=standing_discount(ctx, order.customer_id))
    for index, (line, values) in enumerate(zip(inputs, drafted, strict=True)):
        if line.unit_price is None:
            _ask_price(ctx, values, line.discount_percent, order, f"{field}.{index}")
    return drafted


def check_numbers(quantity: Decimal, unit_price: Decimal | None, discount_percent: Decimal | None, where: str) -> None:
    """Numbers that a line can take: six digits, no negative price, a discount from 0 to 100."""
    if not quantity:
        raise BadInput("A line needs a quantity other than 0.", field=f"{where}.quantity")
    _check_number(quantity, f"{where}.quantity")
    if unit_price is not None:
        _check_number(unit_price, f"{where}.unitPrice")
        if unit_price < 0:
            raise BadInput(
                "A unit price is not negative; give a negative quantity for what is deducted.",
                field=f"{where}.unitPrice",
            )
    if discount_percent is not None:
        _check_number(discount_percent, f"{where}.discountPercent")
        if not 0 <= discount_percent <= HUNDRED:
            raise BadInput("A discount lies between 0 and 100 percent.", field=f"{where}.discountPercent")


def _check_number(value: Decimal, field: str) -> None:
    places = value.as_tuple().exponent
    if not isinstance(places, int):
        raise BadInput(f"{value} is no number.", field=field)
    if places < PLACES and value != round(value, -PLACES):
        raise BadInput(f"{value} has more than {-PLACES} digits after the point.", field=field)
    if abs(value) >= LIMIT:
        raise BadInput(f"{value} is too large.", field=field)


def _goods(ctx: Context, inputs: Sequence[OrderLineInput], field: str) -> Mapping[str, ProductSnapshot]:
    skus = {line.sku for line in inputs if line.sku is not None}
    goods = goods_by_sku(ctx, skus) if skus else {}
    for index, line in enumerate(inputs):
        if line.sku is None:
            if not line.description or line.unit_price is None:
                raise BadInput("A line without a sku needs a description and a unit price.", field=f"{field}.{index}")
        elif line.sku not in goods:
            raise NotFound(f"There is no product {line.sku!r}.", field=f"{field}.{index}.sku")
    return goods


def _list_prices(
    ctx: Context, inputs: Sequence[OrderLineInput], goods: Mapping[str, ProductSnapshot], order: OrderDraft
) -> Mapping[int, Decimal]:
    """List prices by index of the line; orders of the past are not compared with today's list."""
    if order.past:
        return {}
    questions = [
        (index, goods[line.sku].id, line.quantity) for index, line in enumerate(inputs) if line.sku is not None
    ]
    return list_prices(ctx, questions, order.currency, order.ordered_on)


def _line(
    line: OrderLineInput,
    product: ProductSnapshot | None,
    tax: TaxRateSnapshot | None,
    list_price: Decimal | None,
    position: int,
) -> LineValues:
    return LineValues(
        id=new_id(),
        position=position,
        product_id=product.id if product else None,
        sku=product.sku if product else None,
        description=line.description or (product.name if product else ""),
        quantity=line.quantity,
        unit_price=line.unit_price if line.unit_price is not None else ZERO,
        list_price=list_price,
        discount_percent=line.discount_percent or ZERO,
        tax_code=tax.code if tax else None,
        tax_percent=tax.percent if tax else ZERO,
        tax_included=tax.included if tax else False,
        net=ZERO,
        tax=ZERO,
        gross=ZERO,
        promised_on=line.promised_on,
    )


def _ask_price(ctx: Context, line: LineValues, discount: Decimal | None, order: OrderDraft, where: str) -> None:
    """The price by pricing rules; a discount that the caller gave stays."""
    draft = LineDraft(
        position=line.position,
        product_id=line.product_id,
        sku=line.sku,
        description=line.description,
        quantity=line.quantity,
        list_price=line.list_price,
        unit_price=None,
        discount_percent=line.discount_percent,
    )
    priced = ctx.change(orders_price_line, draft, order=order)
    if priced.unit_price is None:
        ctx.refuse(
            Refusal(
                PRICE_MISSING,
                f"{line.sku} has no price in {order.currency} for this customer, quantity and day.",
                field=f"{where}.unitPrice",
                advice="Give a unit price, or add one to the price list.",
                sku=line.sku,
                currency=order.currency,
            )
        )
        return
    _check_priced(ctx, draft, priced, where)
    line.unit_price, line.description = priced.unit_price, priced.description
    line.discount_percent = priced.discount_percent if discount is None else discount


def _check_priced(ctx: Context, before: LineDraft, after: LineDraft, where: str) -> None:
    """What a pricing rule returned must be a line that the order can take."""
    if (
        replace(
            after,
            unit_price=None,
            discount_percent=before.discount_percent,
            description=before.description,
        )
        != before
    ):
        ctx.refuse(Refusal(PRICE_INVALID, "A pricing rule changed more than price, discount and text.", field=where))
    try:
        check_numbers(after.quantity, after.unit_price, after.discount_percent, where)
    except BadInput as error:
        ctx.refuse(Refusal(PRICE_INVALID, f"A pricing rule made an impossible line: {error.message}", field=where))
