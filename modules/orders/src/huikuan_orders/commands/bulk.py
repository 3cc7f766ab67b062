"""Many orders at once, answered row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import BadInput, Refused
from huikuan.graphql import output
from huikuan.values import Ref
from huikuan_customers.api import customer_ids
from huikuan_orders.commands.drafts import order_create, order_record
from huikuan_orders.inputs import OrderCreateInput, OrderImportInput
from huikuan_orders.models import Order

__all__ = ["OrderImportResult", "OrderImportStatus", "OrdersImported", "orders_import"]

MAX_ROWS = 1_000


class OrderImportStatus(Enum):
    """What became of a row."""

    CREATED = "a new order"
    UNCHANGED = "the order was there already"
    REFUSED = "no order: code and message say why"


@output
@dataclass(frozen=True)
class OrderImportResult:
    """The answer to one row, 0 being the first."""

    row: int
    reference: str
    status: OrderImportStatus
    order: Ref[Order] | None
    code: str | None
    message: str | None
    field: str | None


@output
@dataclass(frozen=True)
class OrdersImported:
    """The answers, in the order of the rows."""

    results: list[OrderImportResult]


@command(permission="orders.create", idempotency="natural")
def orders_import(ctx: Context, orders: list[OrderImportInput]) -> OrdersImported:
    """Write up to 1,000 drafts; each row is answered for itself, and a bad one costs no other.

    Customers are named by code. It is safe to repeat: what is there already stays as it is.
    """
    if len(orders) > MAX_ROWS:
        raise BadInput(f"Send at most {MAX_ROWS} orders at once.", field="orders")
    codes = customer_ids(ctx, {row.customer for row in orders})
    results = []
    for index, row in enumerate(orders):
        try:
            with ctx.savepoint():
                results.append(_import(ctx, index, row, codes))
        except Refused as error:
            refusal = error.refusals[0]
            results.append(_refused(index, row, refusal.code, refusal.message, refusal.field))
        except BadInput as error:
            results.append(_refused(index, row, error.code, error.message, error.data.get("field")))
    return OrdersImported(results)


def _import(ctx: Context, index: int, row: OrderImportInput, codes: Mapping[str, UUID]) -> OrderImportResult:
    if row.customer not in codes:
        raise BadInput(f"There is no customer {row.customer!r}.", field="customer")
    known = ctx.find(Order, reference=row.reference) is not None
    write = order_record if row.past else order_create
    order = write(
        ctx,
        input=OrderCreateInput(
            customer=Ref(codes[row.customer]),
            lines=row.lines,
            reference=row.reference,
            kind=row.kind,
            currency=row.currency,
            ordered_on=row.ordered_on,
            promised_on=row.promised_on,
            payment_terms=row.payment_terms,
            notes=row.notes,
        ),
    )
    status = OrderImportStatus.UNCHANGED if known else OrderImportStatus.CREATED
    return OrderImportResult(index, row.reference, status, Ref(order.id), None, None, None)


def _refused(index: int, row: OrderImportInput, code: str, message: str, field: str | None) -> OrderImportResult:
    return OrderImportResult(index, row.reference, OrderImportStatus.REFUSED, None, code, message, field)
