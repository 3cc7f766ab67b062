"""Reading invoices for others: many at once, never writing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from huikuan.context import Context
from huikuan.errors import BadInput
from huikuan_invoicing.models import BillingPolicy, Invoice, InvoiceLine
from huikuan_invoicing.snapshots import BillingMethod, CreditAftermath, InvoiceSnapshot, InvoiceStatus
from huikuan_invoicing.views import snapshots

__all__ = [
    "Billed",
    "asked_for",
    "billed",
    "billed_amounts",
    "drafts_of",
    "invoice_by_id",
    "invoice_ids",
    "invoice_numbers",
    "invoices_by_id",
    "method_of",
    "policy_of",
    "posted_documents",
    "posted_for",
    "posted_of",
    "ships_when_paid",
]

ZERO = Decimal(0)
MANY = 5_000


@dataclass(frozen=True, slots=True)
class Billed:
    """How much of one source line is invoiced, less what was credited.

    ``posted`` is on posted documents, ``drafted`` on drafts; ``given_up`` was credited for good and may not
    be invoiced again.
    """

    posted: Decimal = ZERO
    drafted: Decimal = ZERO
    given_up: Decimal = ZERO

    @property
    def taken(self) -> Decimal:
        """What is no longer there to be invoiced."""
        return self.posted + self.drafted + self.given_up


def invoice_by_id(ctx: Context, invoice_id: UUID) -> InvoiceSnapshot:
    """One invoice with its lines and instalments, or NotFound."""
    ctx.get(Invoice, invoice_id)
    return snapshots(ctx, [invoice_id])[0]


def invoices_by_id(ctx: Context, ids: Collection[UUID]) -> dict[UUID, InvoiceSnapshot]:
    """Invoices with lines and instalments; unknown ids are left out. Three statements."""
    return {found.id: found for found in snapshots(ctx, list(ids))} if ids else {}


def invoice_numbers(ctx: Context, ids: Collection[UUID]) -> dict[UUID, str]:
    """The numbers of these invoices; drafts and unknown ids are left out. One statement for each 5,000."""
    wanted, found = list(ids), {}
    for start in range(0, len(wanted), MANY):
        page = wanted[start : start + MANY]
        for row in ctx.rows(select(Invoice.id, Invoice.number).where(ctx.among(Invoice.id, page))):
            if row.number is not None:
                found[row.id] = row.number
    return found


def invoice_ids(ctx: Context, numbers: Collection[str]) -> dict[str, UUID]:
    """The posted documents that have these numbers; unknown numbers are left out. One statement for each 5,000."""
    wanted, found = list(numbers), {}
    for start in range(0, len(wanted), MANY):
        page = wanted[start : start + MANY]
        statement = select(Invoice.id, Invoice.number).where(
            ctx.among(Invoice.number, page), Invoice.status == InvoiceStatus.POSTED
        )
        found.update({row.number: row.id for row in ctx.rows(statement)})
    return found


def posted_documents(
    ctx: Context, *, after: tuple[date, UUID] | None = None, limit: int = 500
) -> list[InvoiceSnapshot]:
    """Posted documents with lines and instalments, page by page in the order of their dates, for who missed them.

    ``after``: date and id of the last one of the page before.
    """
    statement = select(Invoice.id, Invoice.issued_on).where(Invoice.status == InvoiceStatus.POSTED)
    if after is not None:
        day, id = after
        statement = statement.where((Invoice.issued_on > day) | ((Invoice.issued_on == day) & (Invoice.id > id)))
    ids = [row.id for row in ctx.rows(statement.order_by(Invoice.issued_on, Invoice.id).limit(limit))]
    found = invoices_by_id(ctx, ids)
    return [found[id] for id in ids]


def billed(ctx: Context, source_type: str, source_ids: Collection[UUID]) -> dict[UUID, Billed]:
    """How much of these source lines is invoiced; those without are left out. One statement."""
    if not source_ids:
        return {}
    same = (InvoiceLine.invoice_id == Invoice.id) & (InvoiceLine.tenant_id == Invoice.tenant_id)
    rows = ctx.rows(
        select(
            InvoiceLine.source_id,
            Invoice.status,
            Invoice.aftermath,
            func.sum(InvoiceLine.quantity).label("quantity"),
        )
        .join(Invoice, same)
        .where(InvoiceLine.source_type == source_type, InvoiceLine.source_id.in_(source_ids))
        .group_by(InvoiceLine.source_id, Invoice.status, Invoice.aftermath)
    )
    found: dict[UUID, Billed] = {}
    for row in rows:
        before = found.get(row.source_id, Billed())
        posted = row.quantity if row.status is InvoiceStatus.POSTED else ZERO
        given_up = -row.quantity if row.aftermath is CreditAftermath.IGNORE else ZERO
        found[row.source_id] = Billed(
            before.posted + posted, before.drafted + row.quantity - posted, before.given_up + given_up
        )
    return found


def billed_amounts(ctx: Context, document_ids: Collection[UUID]) -> dict[UUID, dict[str, Decimal]]:
    """What posted documents come to for each source document, by the source type of their lines.

    Deposits and their deductions are among them; documents without any are left out.
    """
    if not document_ids:
        return {}
    rows = ctx.rows(
        select(InvoiceLine.document_id, InvoiceLine.source_type, func.sum(InvoiceLine.gross).label("gross"))
        .where(InvoiceLine.document_id.in_(document_ids), InvoiceLine.posted.is_(True))
        .group_by(InvoiceLine.document_id, InvoiceLine.source_type)
    )
    found: dict[UUID, dict[str, Decimal]] = {}
    for row in rows:
        found.setdefault(row.document_id, {})[row.source_type] = row.gross
    return found


def asked_for(ctx: Context, document_ids: Collection[UUID]) -> dict[UUID, Decimal]:
    """What all documents ask for of each source document, drafts included; those without any are left out."""
    if not document_ids:
        return {}
    rows = ctx.rows(
        select(InvoiceLine.document_id, func.sum(InvoiceLine.gross).label("gross"))
        .where(InvoiceLine.document_id.in_(document_ids))
        .group_by(InvoiceLine.document_id)
    )
    return {row.document_id: row.gross for row in rows}


def posted_of(ctx: Context, document_id: UUID) -> Sequence[UUID]:
    """Posted documents with lines of this source document."""
    return _of(ctx, document_id, InvoiceStatus.POSTED)


def posted_for(ctx: Context, document_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Posted documents that are for one of these source documents alone, by source document. One statement."""
    if not document_ids:
        return {}
    statement = select(Invoice.id, Invoice.source_id).where(
        Invoice.source_id.in_(document_ids), Invoice.status == InvoiceStatus.POSTED
    )
    found: dict[UUID, list[UUID]] = {}
    for row in ctx.rows(statement.order_by(Invoice.id)):
        if row.source_id is not None:
            found.setdefault(row.source_id, []).append(row.id)
    return found


def drafts_of(ctx: Context, document_id: UUID) -> Sequence[UUID]:
    """Drafts with lines of this source document."""
    return _of(ctx, document_id, InvoiceStatus.DRAFT)


def _of(ctx: Context, document_id: UUID, status: InvoiceStatus) -> Sequence[UUID]:
    same = (InvoiceLine.invoice_id == Invoice.id) & (InvoiceLine.tenant_id == Invoice.tenant_id)
    statement = select(Invoice.id).join(InvoiceLine, same)
    return ctx.scalars(
        statement.where(InvoiceLine.document_id == document_id, Invoice.status == status)
        .distinct()
        .order_by(Invoice.id)
    )


def policy_of(ctx: Context, source_type: str, source_id: UUID) -> BillingPolicy | None:
    """What was agreed about invoicing this document, if anything was."""
    key = "invoicing.policy", source_type, source_id
    return ctx.once(key, lambda: ctx.find(BillingPolicy, source_type=source_type, source_id=source_id), BillingPolicy)


def method_of(ctx: Context, source_type: str, source_id: UUID) -> BillingMethod:
    """When this document is invoiced: as agreed, else as the setting says."""
    policy = policy_of(ctx, source_type, source_id)
    if policy is not None:
        return policy.method
    name = str(ctx.setting("invoicing.method")).strip().upper()
    if name not in BillingMethod.__members__:
        choices = ", ".join(item.name.lower() for item in BillingMethod)
        raise BadInput(f"The setting invoicing.method is {name.lower()!r}; set it to one of {choices}.")
    return BillingMethod[name]


def ships_when_paid(ctx: Context, source_type: str, source_id: UUID) -> bool:
    """Whether goods of this document wait for the payment of its invoices: as agreed, else as the setting says."""
    policy = policy_of(ctx, source_type, source_id)
    return policy.ship_when_paid if policy is not None else bool(ctx.setting("invoicing.ship_when_paid"))
