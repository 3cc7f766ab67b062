"""What orders itself contributes, through the same doors as everybody else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from huikuan.context import Context
from huikuan.db import LockKey
from huikuan.demo_step import DemoStep
from huikuan.errors import Refusal
from huikuan.hooks import hookimpl
from huikuan.invariants import Invariant
from huikuan.money import Money
from huikuan_customers.api import customer_lock
from huikuan_customers.snapshots import CustomerSnapshot
from huikuan_orders.checks import cancel_refusals, change_refusals, confirm_refusals
from huikuan_orders.demo import STEPS
from huikuan_orders.errors import CUSTOMER_HAS_ORDERS
from huikuan_orders.invariants import INVARIANTS
from huikuan_orders.masters import accountable
from huikuan_orders.queries import open_order_count, ordered_parts
from huikuan_orders.snapshots import LineDraft, OrderDraft, OrderSnapshot, TracePart

__all__ = [
    "customers_before_archive",
    "kernel_invariants",
    "orders_before_cancel",
    "orders_before_change",
    "orders_before_confirm",
    "orders_confirm_locks",
    "orders_price_line",
    "orders_trace_parts",
]


@hookimpl
def orders_confirm_locks(ctx: Context, order: OrderSnapshot) -> list[LockKey]:
    """The customers whose hold the checks read."""
    return [customer_lock(id) for id in accountable(ctx, order.customer_id, order.bill_to_id)]


@hookimpl
def orders_before_confirm(ctx: Context, order: OrderSnapshot) -> Iterable[Refusal]:
    """Customer on hold, nothing or less than nothing ordered, quote expired, products gone, price, size."""
    return list(confirm_refusals(ctx, order))


@hookimpl
def orders_before_change(
    ctx: Context, before: OrderSnapshot, after: OrderSnapshot, increase: Money
) -> Iterable[Refusal]:
    """Not below what was shipped or invoiced; new lines and lower prices are checked as in a new order."""
    return list(change_refusals(ctx, before, after, increase))


@hookimpl
def orders_before_cancel(ctx: Context, order: OrderSnapshot) -> Iterable[Refusal]:
    """Nothing may be shipped or invoiced."""
    return list(cancel_refusals(ctx, order))


@hookimpl(tryfirst=True)
def orders_price_line(line: LineDraft, order: OrderDraft) -> LineDraft | None:
    """The list price, with the customer's standing discount; first, so that other rules see it."""
    if line.unit_price is not None or line.list_price is None:
        return None
    discount = line.discount_percent or order.standing_discount_percent
    return replace(line, unit_price=line.list_price, discount_percent=discount)


@hookimpl
def orders_trace_parts(ctx: Context, orders: Sequence[UUID]) -> list[TracePart]:
    """What was ordered."""
    return ordered_parts(ctx, orders)


@hookimpl
def customers_before_archive(ctx: Context, customer: CustomerSnapshot) -> Refusal | None:
    """A customer with open orders stays."""
    count = open_order_count(ctx, customer.id)
    if not count:
        return None
    return Refusal(
        CUSTOMER_HAS_ORDERS,
        f"{customer.code} has {count} open {'order' if count == 1 else 'orders'}.",
        advice="Cancel, close or complete them first.",
        count=count,
    )


@hookimpl
def kernel_invariants() -> Iterable[Invariant]:
    """Sums, changes and states."""
    return INVARIANTS


@hookimpl
def kernel_demo_steps() -> Iterable[DemoStep]:
    """A slice of a real wholesaler's year."""
    return STEPS
