"""What orders shows in ``huikuan demo``: a slice of a real wholesaler's year, imported and confirmed."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from huikuan.demo_step import DemoRun, DemoStep
from huikuan.graphql.ids import encode_id
from huikuan.importing import ColumnMapping, load_mapping
from huikuan.importing_commands import import_file
from huikuan_orders.importers import orders
from huikuan_orders.models import Order, OrderLine
from huikuan_orders.snapshots import OrderKind, OrderStatus

__all__ = ["STEPS"]

HERE = Path(__file__).parent
SLICE = HERE / "data" / "online_retail_slice.csv.gz"
MAPPING = HERE / "mappings" / "online_retail.toml"
EVERY = 100


def _import(demo: DemoRun) -> dict[str, Any]:
    """The slice as drafts, through the command that clients use."""
    shipped = load_mapping(MAPPING)
    columns = {**shipped.columns, "past": ColumnMapping(constant="false")}
    with tempfile.TemporaryDirectory() as folder:
        summary = import_file(
            demo.kernel,
            demo.scope,
            orders,
            SLICE,
            mapping=replace(shipped, columns=columns),
            report_path=Path(folder) / "report.csv",
        )
    with demo.kernel.reading(demo.scope) as ctx:
        lines = ctx.scalar(select(func.count(OrderLine.id))) or 0
        customers = ctx.scalar(select(func.count(Order.customer_id.distinct()))) or 0
    return {
        "rows_read": summary.rows.read,
        "orders_created": summary.units.created,
        "units_skipped": summary.units.skipped,
        "units_failed": summary.units.failed,
        "order_lines": lines,
        "customers": customers,
    }


def _confirm(demo: DemoRun) -> dict[str, Any]:
    """Every draft, oldest first: sales are confirmed, each in a transaction of its own."""
    with demo.kernel.reading(demo.scope) as ctx:
        drafts = ctx.rows(
            select(Order.id).where(Order.status == OrderStatus.DRAFT).order_by(Order.ordered_on, Order.reference)
        )
    refused: Counter[str] = Counter()
    confirmed = 0
    for number, row in enumerate(drafts, start=1):
        result = demo.command("order_confirm", id=row.id)
        confirmed += result.done
        refused.update(refusal.code for refusal in result.refusals)
        if number % EVERY == 0:
            demo.tell(f"{number} of {len(drafts)} orders asked to confirm")
    with demo.kernel.reading(demo.scope) as ctx:
        totals = ctx.rows(
            select(Order.currency, func.sum(Order.total_amount))
            .where(Order.status == OrderStatus.CONFIRMED, Order.kind == OrderKind.SALE)
            .group_by(Order.currency)
        )
    return {
        "orders_confirmed": confirmed,
        "orders_refused": dict(sorted(refused.items())),
        "sales_confirmed": {row[0]: f"{row[1]:,.2f}" for row in totals},
    }


def _queries(demo: DemoRun) -> list[tuple[str, str]]:
    """Documents that run as they stand on the demo's data."""
    with demo.kernel.reading(demo.scope) as ctx:
        order = ctx.scalar(select(Order.id).where(Order.kind == OrderKind.SALE).order_by(Order.ordered_on))
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
    DemoStep(20, "importing a year of a real wholesaler's orders (896 orders, 16,095 lines)", _import),
    DemoStep(30, "confirming them", _confirm, _queries),
)
