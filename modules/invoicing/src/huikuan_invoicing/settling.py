"""How far documents are settled: derived from what other modules and credit notes contribute, never stored."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan.money import Money
from huikuan_invoicing.crediting import credited
from huikuan_invoicing.hookspecs import invoicing_payment_parts
from huikuan_invoicing.models import Invoice, InvoiceInstalment
from huikuan_invoicing.snapshots import InvoiceStatus, PaymentPart, PaymentState, Settlement

__all__ = ["credited_parts", "settlements", "state_of"]

ZERO = Decimal(0)


def settlements(ctx: Context, ids: Collection[UUID]) -> dict[UUID, Settlement]:
    """How far these documents are settled today; drafts and unknown ids are left out. A fixed number of statements."""
    if not ids:
        return {}
    rows = ctx.rows(
        select(Invoice.id, Invoice.total_amount, Invoice.currency).where(
            Invoice.id.in_(ids), Invoice.status == InvoiceStatus.POSTED
        )
    )
    posted = [row.id for row in rows]
    if not posted:
        return {}
    paid: dict[UUID, Decimal] = {}
    taken: dict[UUID, Decimal] = {}
    for part in ctx.collect(invoicing_payment_parts, invoices=posted):
        paid[part.invoice_id] = paid.get(part.invoice_id, ZERO) + part.paid
        taken[part.invoice_id] = taken.get(part.invoice_id, ZERO) + part.credited
    due: dict[UUID, list[tuple[date, Decimal]]] = {id: [] for id in posted}
    columns = (InvoiceInstalment.invoice_id, InvoiceInstalment.due_on, InvoiceInstalment.amount)
    statement = select(*columns).where(InvoiceInstalment.invoice_id.in_(posted))
    for item in ctx.rows(statement.order_by(InvoiceInstalment.due_on, InvoiceInstalment.sequence)):
        due[item.invoice_id].append((item.due_on, item.amount))
    return {
        row.id: _settlement(
            row.id,
            row.currency,
            row.total_amount,
            paid.get(row.id, ZERO),
            taken.get(row.id, ZERO),
            due[row.id],
            ctx.today,
        )
        for row in rows
    }


def _settlement(
    id: UUID,
    currency: str,
    total: Decimal,
    paid: Decimal,
    taken: Decimal,
    due: Iterable[tuple[date, Decimal]],
    today: date,
) -> Settlement:
    """Payments and credits settle the instalments in the order in which they are due."""
    left = paid + taken
    overdue, next_due = ZERO, None
    for day, amount in due:
        settled = min(left, amount) if total >= 0 else max(left, amount)
        left -= settled
        if amount != settled:
            next_due = next_due or day
            overdue += amount - settled if day < today else ZERO
    return Settlement(
        invoice_id=id,
        total=Money(total, currency),
        paid=Money(paid, currency),
        credited=Money(taken, currency),
        open=Money(total - paid - taken, currency),
        overdue=Money(overdue, currency),
        next_due_on=next_due,
        state=state_of(total, paid, taken),
    )


def state_of(total: Decimal, paid: Decimal, taken: Decimal) -> PaymentState:
    """The state that amounts of one sign come to; an invoice of nothing is paid."""
    if total > 0 and taken >= total:
        return PaymentState.REVERSED
    settled = paid + taken
    if abs(settled) >= abs(total):
        return PaymentState.PAID
    return PaymentState.PARTIAL if settled else PaymentState.NOT_PAID


def credited_parts(ctx: Context, ids: Collection[UUID]) -> list[PaymentPart]:
    """What credit notes settle: of the document they take back, and of themselves."""
    wanted = list(ids)
    of_origins = [PaymentPart(invoice_id=id, credited=amount) for id, amount in credited(ctx, wanted).items()]
    notes = ctx.rows(
        select(Invoice.id, Invoice.total_amount).where(
            Invoice.id.in_(wanted), Invoice.origin_id.is_not(None), Invoice.status == InvoiceStatus.POSTED
        )
    )
    return [*of_origins, *(PaymentPart(invoice_id=row.id, credited=row.total_amount) for row in notes)]
