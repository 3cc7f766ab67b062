"""What must always be true of invoices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, select

from huikuan.context import Context
from huikuan.invariants import Invariant
from huikuan_invoicing.amounts import tax_sums
from huikuan_invoicing.content import content_hash
from huikuan_invoicing.crediting import credited
from huikuan_invoicing.models import BillingMilestone, BillingPlan, Invoice, InvoiceInstalment, InvoiceLine, InvoiceTax
from huikuan_invoicing.settling import settlements
from huikuan_invoicing.snapshots import InvoiceKind, InvoiceStatus

__all__ = ["INVARIANTS"]

PAGE = 500
ZERO = Decimal(0)
R = TypeVar("R", InvoiceLine, InvoiceTax, InvoiceInstalment)


def _open(ctx: Context) -> Sequence[UUID]:
    broken = []
    for page in _posted(ctx):
        for found in settlements(ctx, [invoice.id for invoice in page]).values():
            low, high = sorted((ZERO, found.total.amount))
            if not low <= found.open.amount <= high:
                broken.append(found.invoice_id)
    return broken


def _credits(ctx: Context) -> Sequence[UUID]:
    origins = ctx.scalars(select(Invoice.origin_id).where(Invoice.origin_id.is_not(None)).distinct())
    broken = []
    for start in range(0, len(origins), PAGE):
        some = [id for id in origins[start : start + PAGE] if id is not None]
        taken = credited(ctx, some)
        rows = ctx.rows(select(Invoice.id, Invoice.total_amount).where(Invoice.id.in_(some)))
        broken += [row.id for row in rows if taken.get(row.id, ZERO) > row.total_amount]
    return broken


def _numbers(ctx: Context) -> Sequence[UUID]:
    """Per series: max = count = distinct, and exactly the posted ones have a number."""
    rows = ctx.rows(
        select(Invoice.series, Invoice.sequence, Invoice.id)
        .where(Invoice.sequence.is_not(None))
        .order_by(Invoice.series, Invoice.sequence)
    )
    broken, series, expected = [], None, 0
    for row in rows:
        expected = 1 if row.series != series else expected + 1
        series = row.series
        if row.sequence != expected:
            broken.append(row.id)
            expected = row.sequence
    numbered = (Invoice.number.is_not(None)) != (Invoice.status == InvoiceStatus.POSTED)
    return [*broken, *ctx.scalars(select(Invoice.id).where(numbered))]


def _dates(ctx: Context) -> Sequence[UUID]:
    rows = ctx.rows(
        select(Invoice.series, Invoice.issued_on, Invoice.id)
        .where(Invoice.sequence.is_not(None))
        .order_by(Invoice.series, Invoice.sequence)
    )
    broken: list[UUID] = []
    before: Any = None
    for row in rows:
        if before is not None and before.series == row.series and before.issued_on > row.issued_on:
            broken.append(row.id)
        before = row
    return broken


def _hashes(ctx: Context) -> Sequence[UUID]:
    broken = []
    for page in _posted(ctx):
        ids = [invoice.id for invoice in page]
        lines, taxes, parts = _by(ctx, InvoiceLine, ids), _by(ctx, InvoiceTax, ids), _by(ctx, InvoiceInstalment, ids)
        for invoice in page:
            found = content_hash(
                invoice, lines.get(invoice.id, ()), taxes.get(invoice.id, ()), parts.get(invoice.id, ())
            )
            if found != invoice.content_hash:
                broken.append(invoice.id)
    return broken


def _totals(ctx: Context) -> Sequence[UUID]:
    def wrong(column: Any, total: Any) -> Any:
        return func.coalesce(func.sum(column), 0) != total

    same = (InvoiceLine.invoice_id == Invoice.id) & (InvoiceLine.tenant_id == Invoice.tenant_id)
    sums = ctx.scalars(
        select(Invoice.id)
        .outerjoin(InvoiceLine, same)
        .group_by(Invoice.id, Invoice.net_amount, Invoice.tax_amount, Invoice.total_amount)
        .having(
            wrong(InvoiceLine.net, Invoice.net_amount)
            | wrong(InvoiceLine.tax, Invoice.tax_amount)
            | wrong(InvoiceLine.gross, Invoice.total_amount)
            | (Invoice.net_amount + Invoice.tax_amount != Invoice.total_amount)
        )
    )
    foreign = select(Invoice.id).join(InvoiceLine, same).where(InvoiceLine.currency != Invoice.currency).distinct()
    return list(dict.fromkeys([*sums, *ctx.scalars(foreign)]))


def _taxes(ctx: Context) -> Sequence[UUID]:
    broken = []
    for page in _posted(ctx):
        ids = [invoice.id for invoice in page]
        lines, taxes = _by(ctx, InvoiceLine, ids), _by(ctx, InvoiceTax, ids)
        for id in ids:
            stored = {(row.code, row.percent, row.included, row.base, row.tax) for row in taxes.get(id, ())}
            sums = {(it.code, it.percent, it.included, it.base, it.tax) for it in tax_sums(lines.get(id, ()))}
            if stored != sums:
                broken.append(id)
    return broken


def _instalments(ctx: Context) -> Sequence[UUID]:
    same = (InvoiceInstalment.invoice_id == Invoice.id) & (InvoiceInstalment.tenant_id == Invoice.tenant_id)
    return ctx.scalars(
        select(Invoice.id)
        .outerjoin(InvoiceInstalment, same)
        .where(Invoice.status == InvoiceStatus.POSTED)
        .group_by(Invoice.id, Invoice.total_amount)
        .having(
            (func.coalesce(func.sum(InvoiceInstalment.amount), 0) != Invoice.total_amount)
            | (func.count(InvoiceInstalment.id) == 0)
        )
    )


def _signs(ctx: Context) -> Sequence[UUID]:
    note = Invoice.kind == InvoiceKind.CREDIT_NOTE
    return ctx.scalars(
        select(Invoice.id).where((note & (Invoice.total_amount > 0)) | (~note & (Invoice.total_amount < 0)))
    )


def _plans(ctx: Context) -> Sequence[UUID]:
    rows = ctx.rows(select(BillingMilestone.plan_id, BillingMilestone.amount))
    sums: dict[UUID, Decimal] = {}
    for row in rows:
        sums[row.plan_id] = sums.get(row.plan_id, ZERO) + row.amount.amount
    return [plan.id for plan in ctx.scalars(select(BillingPlan)) if sums.get(plan.id, ZERO) != plan.amount.amount]


def _posted(ctx: Context) -> Iterator[Sequence[Invoice]]:
    """Posted documents, page by page."""
    after: UUID | None = None
    while True:
        statement = select(Invoice).where(Invoice.status == InvoiceStatus.POSTED)
        if after is not None:
            statement = statement.where(Invoice.id > after)
        page = ctx.scalars(statement.order_by(Invoice.id).limit(PAGE))
        if not page:
            return
        yield page
        after = page[-1].id


def _by(ctx: Context, model: type[R], ids: Sequence[UUID]) -> dict[UUID, list[R]]:
    found: dict[UUID, list[R]] = {}
    for row in ctx.scalars(select(model).where(model.invoice_id.in_(ids))):
        found.setdefault(row.invoice_id, []).append(row)
    return found


INVARIANTS = (
    Invariant("invoicing.open", "What is open of a document lies between nothing and its total.", _open),
    Invariant("invoicing.credits", "Credit notes of an invoice come to its total at most.", _credits),
    Invariant("invoicing.numbers", "Numbers of a series have no gaps, and every posted document has one.", _numbers),
    Invariant("invoicing.dates", "In a series, a later number has no earlier date.", _dates),
    Invariant("invoicing.hash", "Posted documents are what they were when they were posted.", _hashes),
    Invariant("invoicing.total-of-lines", "Net, tax and total are the sums of the lines, in one currency.", _totals),
    Invariant("invoicing.taxes", "The taxes of a posted document are those of its lines.", _taxes),
    Invariant("invoicing.instalments", "Instalments of a posted document come to its total.", _instalments),
    Invariant("invoicing.signs", "Credit notes are not positive, invoices and deposits not negative.", _signs),
    Invariant("invoicing.plans", "The milestones of a billing plan come to its amount.", _plans),
)
