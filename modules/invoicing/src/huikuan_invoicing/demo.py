"""What invoicing shows in ``huikuan demo``: each shipment is invoiced, at 7 days."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from huikuan.demo_step import DemoRun, DemoStep
from huikuan_invoicing.models import Invoice
from huikuan_invoicing.snapshots import InvoiceStatus

__all__ = ["STEPS"]

TERMS = "NET7"


def _agree(demo: DemoRun) -> dict[str, Any]:
    """Invoices by shipment, posted at once, and terms for everybody."""
    demo.command("payment_terms_create", code=TERMS, name="7 days net", lines=[{"kind": "BALANCE", "days": 7}])
    demo.settings({"customers.payment_terms": TERMS, "invoicing.method": "shipment"})
    return {}


def _finish(demo: DemoRun) -> dict[str, Any]:
    """What was invoiced, all invoices taken together."""
    with demo.kernel.reading(demo.scope) as ctx:
        rows = ctx.rows(
            select(func.count(), func.sum(Invoice.total_amount)).where(Invoice.status == InvoiceStatus.POSTED)
        )
    return {"invoices": rows[0][0], "invoiced": f"{rows[0][1] or 0:.2f}"}


STEPS = (DemoStep(6, "agreeing how to invoice", _agree, finish=_finish),)
