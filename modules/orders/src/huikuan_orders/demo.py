"""What orders shows in ``huikuan demo``: a real wholesaler's orders, come in and confirmed day by day."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from sqlalchemy import func, select

from huikuan.core.models import Hold
from huikuan.demo_step import DemoRun, DemoStep
from huikuan.graphql.ids import encode_id
from huikuan_orders.demo_slice import day_before, import_rows, rows_between
from huikuan_orders.models import Order, OrderLine
from huikuan_orders.snapshots import OrderKind, OrderStatus

__all__ = ["STEPS"]


def _arrive(demo: DemoRun, day: date) -> dict[str, Any]:
    """The day's orders come in as drafts."""
    played, left_out = rows_between(demo, day_before(demo, day), day)
    figures = {"orders_in": 0, "order_lines": 0, "orders_left_out": len({row["InvoiceNo"] for row in left_out})}
    if played:
        summary = import_rows(demo, played)
        figures |= {"orders_in": summary.units.created, "order_lines": summary.rows.read}
    return figures


def _confirm(demo: DemoRun, day: date) -> dict[str, Any]:
    """Every draft of the day is asked to confirm; those that are held wait for somebody."""
    with demo.kernel.reading(demo.scope) as ctx:
        held = select(Hold.subject_id).where(Hold.command == "order_confirm")
        drafts = ctx.rows(
            select(Order.id)
            .where(Order.status == OrderStatus.DRAFT, Order.id.not_in(held))
            .order_by(Order.ordered_on, Order.reference)
        )
    refused: Counter[str] = Counter()
    confirmed = 0
    for row in drafts:
        result = demo.command("order_confirm", id=row.id)
        confirmed += result.done
        refused.update({refusal.code for refusal in result.refusals})
    return {"confirmed_at_once": confirmed, "held_or_refused": dict(sorted(refused.items()))}


def _finish(demo: DemoRun) -> dict[str, Any]:
    """How all orders that were played stand at the end."""
    with demo.kernel.reading(demo.scope) as ctx:
        played = (Order.confirmed_at.is_not(None) | (Order.status != OrderStatus.DONE),)
        states = ctx.rows(select(Order.status, func.count()).where(*played).group_by(Order.status))
        totals = ctx.rows(
            select(Order.currency, func.sum(Order.total_amount))
            .where(*played, Order.status.in_((OrderStatus.CONFIRMED, OrderStatus.DONE)))
            .group_by(Order.currency)
        )
    return {
        "orders_now": {status.name: count for status, count in sorted(states, key=lambda it: it[0].name)},
        "sales": {row[0]: f"{row[1]:.2f}" for row in totals},
    }


def _queries(demo: DemoRun) -> list[tuple[str, str]]:
    """Documents that run as they stand on the demo's data."""
    with demo.kernel.reading(demo.scope) as ctx:
        order = ctx.scalar(
            select(Order.id).where(Order.kind == OrderKind.SALE).order_by(Order.ordered_on.desc(), Order.id)
        )
        line = ctx.rows(select(OrderLine.sku).where(OrderLine.order_id == order, OrderLine.sku.is_not(None)).limit(1))
        buyer = ctx.scalar(select(Order.customer_id).where(Order.id == order))
    if order is None or buyer is None or not line:
        return []
    order_id, buyer_id = encode_id("Order", order), encode_id("Customer", buyer)
    return [
        (
            "The newest orders, with their customers and lines",
            """query {
  orders(first: 5, orderBy: [CREATED_AT_DESC]) {
    totalCount
    nodes { number reference status total { amount currency } customer { code name }
            lines { position description quantity gross { amount } } }
  }
}""",
        ),
        (
            "Would this order pass, and if not, what would help?",
            f"""query {{
  orderConfirmPreview(id: "{order_id}") {{ passes refusals {{ code message advice }} }}
}}""",
        ),
        (
            "A sale, safe to repeat",
            f"""mutation {{
  orderCreate(input: {{ customer: {{ id: "{buyer_id}" }}, reference: "shop-9931",
                       lines: [{{ sku: "{line[0].sku}", quantity: "5", unitPrice: "2.55" }}] }}) {{
    order {{ id number status total {{ amount currency }} }}
    refusals {{ code message field }}
  }}
}}""",
        ),
    ]


STEPS = (
    DemoStep(20, "orders come in", each_day=_arrive),
    DemoStep(40, "orders are confirmed", each_day=_confirm, finish=_finish, queries=_queries),
)
