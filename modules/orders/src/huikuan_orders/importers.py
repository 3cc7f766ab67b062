"""CSV import of orders, with the customers and products that they name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TypeVar

from sqlalchemy import select

from huikuan.context import Context
from huikuan.importing import Column, Importer, ImportRun, Note, Outcome, Row, Status, Unit
from huikuan.values import Ref
from huikuan_customers.api import CustomerInput, customer_ids, ensure_customers
from huikuan_orders.creating import prepare, store
from huikuan_orders.inputs import OrderCreateInput, OrderLineInput
from huikuan_orders.models import Order
from huikuan_orders.snapshots import OrderKind
from huikuan_products.api import product_create, products_by_sku
from huikuan_products.snapshots import ProductKind

__all__ = ["orders"]

BATCH = 500
NOWHERE = "ZZ"
T = TypeVar("T")
Named = tuple[str, str | None, ProductKind]


def _prepare(run: ImportRun, units: Iterable[Unit]) -> None:
    """Make the customers and products that are missing, before the first order."""
    customers: dict[str, CustomerInput] = {}
    products: dict[str, Named] = {}
    for unit in units:
        if not _lines(unit):
            continue
        code = _customer_code(unit.first)
        if code not in customers:
            customers[code] = _customer(unit.first, code)
        for row in _lines(unit):
            sku = row.get("sku")
            if sku is not None and (sku not in products or products[sku][1] is None):
                products[sku] = sku, row.get("description"), _kind(row, sku)
    for number, some in _batches(list(customers.values())):
        run.command(f"customers:{number}", _making(ensure_customers, some))
    for number, others in _batches(list(products.values())):
        run.command(f"products:{number}", _making(_ensure_products, others))


def _write(ctx: Context, unit: Unit) -> Outcome:
    """One order; what is there already under its reference stays as it is."""
    found = ctx.scalar(select(Order.id).where(Order.reference == unit.key))
    if found is not None:
        return Outcome(status=Status.UNCHANGED, subject_id=found)
    lines = _lines(unit)
    notes = [_adjustment(row) for row in unit if not _is_line(row)]
    if not lines:
        return Outcome(status=Status.SKIPPED, notes=tuple(notes))
    first = unit.first
    code = _customer_code(first)
    customer = customer_ids(ctx, [code]).get(code)
    if customer is None:
        raise first.error("UNKNOWN_CUSTOMER", f"There is no customer {code!r}.", column="customer")
    if first.get("customer") is None:
        notes.append(Note("WALK_IN", f"{unit.key!r} names no customer: it stands on {code}.", first.number))
    notes += [_free(row) for row in lines if not row["unit_price"]]
    ordered_at = first.get("ordered_at")
    past = first.get("past", False)
    input = OrderCreateInput(
        customer=Ref(customer),
        lines=[_line(row) for row in lines],
        reference=unit.key,
        kind=OrderKind.RETURN if all(row["quantity"] < 0 for row in lines) else OrderKind.SALE,
        currency=first.get("currency"),
        ordered_on=ordered_at.date() if ordered_at is not None else None,
        promised_on=first.get("promised_on"),
        payment_terms=first.get("payment_terms"),
        notes=first.get("notes", ""),
    )
    order = store(ctx, prepare(ctx, input, past=past), past=past)
    return Outcome(subject_id=order.id, notes=tuple(notes))


def _lines(unit: Unit) -> list[Row]:
    return [row for row in unit if _is_line(row)]


def _is_line(row: Row) -> bool:
    """Whether it is a line of an order; goods that leave the books without a price are not."""
    return row["quantity"] > 0 or row.get("unit_price") is None or bool(row["unit_price"])


def _line(row: Row) -> OrderLineInput:
    price = row.get("unit_price")
    if price is not None and price < 0:
        raise row.error("NEGATIVE_PRICE", "A negative price is no sale.", column="unit_price")
    if not row["quantity"]:
        raise row.error("NO_QUANTITY", "A line needs a quantity other than 0.", column="quantity")
    if row.get("sku") is None and (price is None or row.get("description") is None):
        raise row.error("BAD_LINE", "A line without a sku needs a description and a price.", column="sku")
    return OrderLineInput(
        quantity=row["quantity"],
        sku=row.get("sku"),
        description=row.get("description"),
        unit_price=price,
        discount_percent=row.get("discount_percent"),
    )


def _adjustment(row: Row) -> Note:
    what = row.get("sku") or "the line"
    return Note("STOCK_ADJUSTMENT", f"{what}: {row['quantity']:f} at price 0 is no sale; left out.", row.number)


def _free(row: Row) -> Note:
    return Note("FREE_LINE", f"{row.get('sku') or 'The line'} costs nothing.", row.number)


def _customer_code(row: Row) -> str:
    code: str | None = row.get("customer")
    return code if code is not None else f"WALK-IN-{row.get('country', NOWHERE)}"


def _customer(row: Row, code: str) -> CustomerInput:
    country = row.get("country", NOWHERE)
    named = row.get("customer") is not None
    name = row.get("customer_name") or (f"Customer {code}" if named else f"Walk-in customers, {country}")
    tags = [f"country:{country}"] if country != NOWHERE else []
    return CustomerInput(code=code, name=name, currency=row.get("currency"), tags=tags)


def _kind(row: Row, sku: str) -> ProductKind:
    return ProductKind.SERVICE if sku in _services(row.get("services", "")) else ProductKind.GOODS


@lru_cache(maxsize=64)
def _services(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(",") if part.strip())


def _ensure_products(ctx: Context, wanted: Sequence[Named]) -> None:
    known = products_by_sku(ctx, [sku for sku, _, _ in wanted])
    for sku, name, kind in wanted:
        if sku not in known:
            product_create(ctx, sku=sku, name=name or sku, kind=kind)


def _making(make: Callable[[Context, Sequence[T]], object], items: Sequence[T]) -> Callable[[Context], None]:
    def work(ctx: Context) -> None:
        make(ctx, items)

    return work


def _batches(items: Sequence[T]) -> Iterator[tuple[int, Sequence[T]]]:
    for start in range(0, len(items), BATCH):
        yield start // BATCH, items[start : start + BATCH]


orders = Importer(
    name="orders",
    title="Orders",
    description=(
        "Orders with the customers and products they name, which are made where they are missing. "
        "Rows of one reference form one order; an order that is there already stays as it is."
    ),
    columns=(
        Column(
            "reference",
            required=True,
            max_length=200,
            description="Your own unique key of the order",
            aliases=("order", "order_number", "order_no"),
        ),
        Column("customer", max_length=64, description="Code of the customer; empty: walk-in customers of the country"),
        Column("customer_name", max_length=200, description="Name of a customer that is made"),
        Column("country", max_length=40, description="Country of a customer that is made, as its tag"),
        Column("sku", max_length=64, description="Product; empty: a line of free text", aliases=("product", "item")),
        Column("description", max_length=500, description="Text of the line, and name of a product that is made"),
        Column("quantity", type="decimal", places=6, required=True, description="Negative for what comes back"),
        Column(
            "unit_price",
            type="decimal",
            places=6,
            description="Empty: by price list and pricing rules",
            aliases=("price",),
        ),
        Column("discount_percent", type="decimal", places=6, description="From 0 to 100"),
        Column("currency", max_length=3, description="ISO 4217 code; empty: the customer's"),
        Column("ordered_at", type="datetime", description="Empty: today", aliases=("ordered_on", "date")),
        Column("promised_on", type="date", description="When the customer gets it"),
        Column("payment_terms", max_length=64, description="Code of payment terms that exist"),
        Column("notes", description="Anything worth knowing"),
        Column("past", type="boolean", description="It is over: entered as done, unchecked, with the prices given"),
        Column("services", description="Skus, separated by commas, that are services when they are made"),
    ),
    write=_write,
    group_by="reference",
    bad_row="row",
    prepare=_prepare,
    permission="orders.create",
)
