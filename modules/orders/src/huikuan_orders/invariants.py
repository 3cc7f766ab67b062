"""What must always be true of orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, tuple_

from huikuan.context import Context
from huikuan.invariants import Invariant
from huikuan_orders.models import Order, OrderChange, OrderLine, OrderTransition
from huikuan_orders.snapshots import OrderStatus
from huikuan_orders.states import RULES

__all__ = ["INVARIANTS"]


def _totals(ctx: Context) -> Sequence[UUID]:
    def wrong(column: Any, total: Any) -> Any:
        return func.coalesce(func.sum(column), 0) != total

    same = (OrderLine.order_id == Order.id) & (OrderLine.tenant_id == Order.tenant_id)
    return ctx.scalars(
        select(Order.id)
        .outerjoin(OrderLine, same)
        .group_by(Order.id, Order.net_amount, Order.tax_amount, Order.total_amount)
        .having(
            wrong(OrderLine.net, Order.net_amount)
            | wrong(OrderLine.tax, Order.tax_amount)
            | wrong(OrderLine.gross, Order.total_amount)
        )
    )


def _sums(ctx: Context) -> Sequence[UUID]:
    return ctx.scalars(select(Order.id).where(Order.net_amount + Order.tax_amount != Order.total_amount))


def _changes(ctx: Context) -> Sequence[UUID]:
    same = (OrderChange.order_id == Order.id) & (OrderChange.tenant_id == Order.tenant_id)
    return ctx.scalars(
        select(Order.id)
        .outerjoin(OrderChange, same)
        .where(Order.original_total_amount.is_not(None))
        .group_by(Order.id, Order.original_total_amount, Order.total_amount)
        .having(
            Order.original_total_amount + func.coalesce(func.sum(OrderChange.total_amount), 0) != Order.total_amount
        )
    )


def _transitions(ctx: Context) -> Sequence[UUID]:
    used = ctx.rows(
        select(OrderTransition.action, OrderTransition.source, OrderTransition.target)
        .where(OrderTransition.source.is_not(None))
        .distinct()
    )
    wrong = [
        (row.action, row.source, row.target)
        for row in used
        if row.action not in RULES
        or row.source not in RULES[row.action].sources
        or row.target is not (RULES[row.action].target or row.source)
    ]
    if not wrong:
        return ()
    columns = tuple_(OrderTransition.action, OrderTransition.source, OrderTransition.target)
    return ctx.scalars(select(OrderTransition.order_id).where(columns.in_(wrong)).distinct())


def _status(ctx: Context) -> Sequence[UUID]:
    newest = (
        select(OrderTransition.order_id, func.max(OrderTransition.version).label("version"))
        .group_by(OrderTransition.order_id)
        .subquery()
    )
    same = (Order.id == OrderTransition.order_id) & (Order.tenant_id == OrderTransition.tenant_id)
    last = (newest.c.order_id == OrderTransition.order_id) & (newest.c.version == OrderTransition.version)
    moved = select(OrderTransition.order_id).join(newest, last).join(Order, same)
    never = select(OrderTransition.order_id)
    return [
        *ctx.scalars(moved.where(OrderTransition.target != Order.status)),
        *ctx.scalars(select(Order.id).where(Order.status != OrderStatus.DRAFT, Order.id.not_in(never))),
    ]


INVARIANTS = (
    Invariant("orders.total-of-lines", "An order's net, tax and total are the sums of its lines.", _totals),
    Invariant("orders.net-plus-tax", "An order's total is net plus tax.", _sums),
    Invariant("orders.original-plus-changes", "A confirmed order is its original plus its changes.", _changes),
    Invariant("orders.transitions", "Every recorded transition stands in the table of states.", _transitions),
    Invariant("orders.status", "An order's status is where its last transition led.", _status),
)
