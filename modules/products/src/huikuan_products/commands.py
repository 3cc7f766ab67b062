"""Commands of products."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from huikuan import UNSET, BadInput, Context, Id, Ref, Refusal, Unset, command
from huikuan.money import exponent
from huikuan_products.errors import PRICE_OVERLAP, SKU_TAKEN, TAX_RATE_IN_USE, TAX_RATE_TAKEN
from huikuan_products.events import PriceSet, ProductActivated, ProductChanged, ProductCreated, ProductDeactivated
from huikuan_products.models import Price, Product, TaxRate
from huikuan_products.queries import overlapping
from huikuan_products.snapshots import ProductKind

__all__ = [
    "price_set",
    "product_activate",
    "product_create",
    "product_deactivate",
    "product_update",
    "tax_rate_create",
    "tax_rate_update",
]


@command(permission="products.manage", idempotency="natural")
def product_create(
    ctx: Context,
    sku: str,
    name: str,
    unit: str = "piece",
    kind: ProductKind = ProductKind.GOODS,
    tax_rate: Ref[TaxRate] | None = None,
) -> Product:
    """Add a product. Sending the same one again gives the one that is there."""
    sku = _text(sku, "sku", 64)
    found = ctx.find(Product, sku=sku)
    tax_rate_id = tax_rate.id if tax_rate else None
    if found is not None:
        same = (found.name, found.unit, found.kind, found.tax_rate_id) == (name, unit, kind, tax_rate_id)
        if not same:
            ctx.refuse(Refusal(SKU_TAKEN, f"There is a product {sku!r} already.", field="sku"))
        return found
    product = ctx.add(
        Product(
            sku=sku, name=_text(name, "name", 500), unit=_text(unit, "unit", 32), kind=kind, tax_rate_id=tax_rate_id
        )
    )
    ctx.emit(ProductCreated(product_id=product.id))
    return product


@command(permission="products.manage", idempotency="natural")
def product_update(
    ctx: Context,
    id: Id[Product],
    name: str | Unset = UNSET,
    unit: str | Unset = UNSET,
    kind: ProductKind | Unset = UNSET,
    tax_rate: Ref[TaxRate] | Unset | None = UNSET,
) -> Product:
    """Change a product; what is left out stays. Documents keep what they were made with."""
    product = ctx.get(Product, id)
    if not isinstance(name, Unset):
        product.name = _text(name, "name", 500)
    if not isinstance(unit, Unset):
        product.unit = _text(unit, "unit", 32)
    if not isinstance(kind, Unset):
        product.kind = kind
    if not isinstance(tax_rate, Unset):
        product.tax_rate_id = tax_rate.id if tax_rate else None
    ctx.emit(ProductChanged(product_id=product.id))
    return product


@command(permission="products.manage", idempotency="natural")
def product_activate(ctx: Context, id: Id[Product]) -> Product:
    """Let a product be sold again."""
    product = ctx.get(Product, id)
    if not product.active:
        product.active = True
        ctx.emit(ProductActivated(product_id=product.id))
    return product


@command(permission="products.manage", idempotency="natural")
def product_deactivate(ctx: Context, id: Id[Product]) -> Product:
    """Stop selling a product; orders that have it keep it."""
    product = ctx.get(Product, id)
    if product.active:
        product.active = False
        ctx.emit(ProductDeactivated(product_id=product.id))
    return product


@command(permission="products.manage", idempotency="natural")
def price_set(
    ctx: Context,
    product: Ref[Product],
    currency: str,
    unit_price: Decimal,
    valid_from: date | None = None,
    valid_to: date | None = None,
    min_quantity: Decimal = Decimal(0),
) -> Price:
    """Set a list price from a day on. The price it follows ends the day before."""
    exponent(currency)
    start = valid_from or ctx.today
    if unit_price < 0:
        raise BadInput("A price is 0 or more.", field="unitPrice")
    if min_quantity < 0:
        raise BadInput("A least quantity is 0 or more.", field="minQuantity")
    if valid_to is not None and valid_to < start:
        raise BadInput("A price ends on or after the day it begins.", field="validTo")
    same_day = ctx.find(Price, product_id=product.id, currency=currency, min_quantity=min_quantity, valid_from=start)
    _end_before(ctx, product.id, currency, min_quantity, start, valid_to, same_day)
    if same_day is not None:
        same_day.unit_price, same_day.valid_to = unit_price, valid_to
        price = same_day
    else:
        price = ctx.add(
            Price(
                product_id=product.id,
                currency=currency,
                unit_price=unit_price,
                min_quantity=min_quantity,
                valid_from=start,
                valid_to=valid_to,
            )
        )
    ctx.emit(PriceSet(product_id=product.id, currency=currency, unit_price=unit_price, valid_from=start))
    return price


@command(permission="products.manage", idempotency="natural")
def tax_rate_create(ctx: Context, code: str, name: str, percent: Decimal, included: bool = False) -> TaxRate:
    """Add a tax rate. ``included`` says that list prices contain it."""
    code = _text(code, "code", 32)
    _check_percent(percent)
    found = ctx.find(TaxRate, code=code)
    if found is not None:
        if (found.name, found.percent, found.included) != (name, percent, included):
            ctx.refuse(Refusal(TAX_RATE_TAKEN, f"There is a tax rate {code!r} already.", field="code"))
        return found
    return ctx.add(TaxRate(code=code, name=_text(name, "name", 200), percent=percent, included=included))


@command(permission="products.manage", idempotency="natural")
def tax_rate_update(ctx: Context, id: Id[TaxRate], name: str | Unset = UNSET, active: bool | Unset = UNSET) -> TaxRate:
    """Rename a tax rate or take it out of use. Its percentage never changes: add a new rate instead."""
    rate = ctx.get(TaxRate, id)
    if not isinstance(name, Unset):
        rate.name = _text(name, "name", 200)
    if not isinstance(active, Unset):
        if not active:
            _check_unused(ctx, rate)
        rate.active = active
    return rate


def _check_unused(ctx: Context, rate: TaxRate) -> None:
    if ctx.exists(Product, tax_rate_id=rate.id, active=True):
        ctx.refuse(
            Refusal(TAX_RATE_IN_USE, f"Active products use {rate.code}.", advice="Give them another rate first.")
        )
    if ctx.setting("products.default_tax_rate") == rate.code:
        advice = "Change the setting products.default_tax_rate first."
        ctx.refuse(Refusal(TAX_RATE_IN_USE, f"Products that name no rate use {rate.code}.", advice=advice))


def _end_before(
    ctx: Context,
    product_id: UUID,
    currency: str,
    min_quantity: Decimal,
    start: date,
    end: date | None,
    same_day: Price | None,
) -> None:
    """End the price that holds when the new one begins; refuse to cut into one that begins later."""
    rows = ctx.scalars(overlapping(product_id, currency, min_quantity, start, end))
    for row in rows:
        if same_day is not None and row.id == same_day.id:
            continue
        if row.valid_from > start:
            ctx.refuse(
                Refusal(
                    PRICE_OVERLAP,
                    f"A price from {row.valid_from} on is set already.",
                    field="validTo",
                    advice=f"End this price before {row.valid_from}.",
                )
            )
        row.valid_to = start - timedelta(days=1)


def _check_percent(percent: Decimal) -> None:
    if not 0 <= percent <= 1000:
        raise BadInput("A tax rate lies between 0 and 1000 percent.", field="percent")


def _text(value: str, field: str, limit: int) -> str:
    value = value.strip()
    if not value:
        raise BadInput(f"{field} must not be empty.", field=field)
    if len(value) > limit:
        raise BadInput(f"{field} has at most {limit} characters.", field=field)
    return value
