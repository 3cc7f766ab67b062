"""Payment terms between the database and the engine."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import select

from huikuan import Context
from huikuan_customers.models import PaymentTerms, PaymentTermsLine
from huikuan_customers.queries import cascade, cascades, grouped
from huikuan_customers.snapshots import PaymentTermsSnapshot, Terms, TermsLine

__all__ = [
    "line_rows",
    "payment_terms",
    "payment_terms_by_code",
    "payment_terms_codes",
    "payment_terms_for",
    "payment_terms_in_force",
]

_FIELDS = tuple(name for name in TermsLine.__dataclass_fields__)


def payment_terms(ctx: Context, ids: Collection[UUID]) -> dict[UUID, PaymentTermsSnapshot]:
    """These payment terms by id; two statements."""
    if not ids:
        return {}
    return _snapshots(ctx, ctx.scalars(select(PaymentTerms).where(PaymentTerms.id.in_(ids))))


def payment_terms_by_code(ctx: Context, code: str) -> PaymentTermsSnapshot | None:
    """The payment terms with this code, or None."""
    found = ctx.find(PaymentTerms, code=code)
    return _snapshots(ctx, [found])[found.id] if found is not None else None


def payment_terms_codes(ctx: Context) -> Sequence[str]:
    """The codes of all payment terms that are not archived, in order."""
    return ctx.scalars(select(PaymentTerms.code).where(PaymentTerms.archived_at.is_(None)).order_by(PaymentTerms.code))


def payment_terms_for(ctx: Context, customer_id: UUID) -> PaymentTermsSnapshot | None:
    """The payment terms in force for a customer: its own, else its group's, else the company's."""
    found = cascade(ctx, customer_id, "payment_terms").value
    if found is None:
        return None
    return payment_terms_by_code(ctx, found) if isinstance(found, str) else payment_terms(ctx, [found])[found]


def payment_terms_in_force(ctx: Context, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The id of the payment terms in force for each customer that has any; two statements."""
    found = {id: item.value for id, item in cascades(ctx, ids, "payment_terms").items()}
    company = next((value for value in found.values() if isinstance(value, str)), None)
    standard = ctx.find(PaymentTerms, code=company) if company is not None else None
    resolved = {
        id: (standard.id if standard is not None else None) if isinstance(value, str) else value
        for id, value in found.items()
    }
    return {id: value for id, value in resolved.items() if value is not None}


def line_rows(terms_id: UUID, lines: Iterable[TermsLine]) -> list[PaymentTermsLine]:
    """The rows of these lines."""
    return [
        PaymentTermsLine(terms_id=terms_id, position=position, **{name: getattr(line, name) for name in _FIELDS})
        for position, line in enumerate(lines, 1)
    ]


def _snapshots(ctx: Context, found: Collection[PaymentTerms]) -> dict[UUID, PaymentTermsSnapshot]:
    lines = grouped(
        ctx.scalars(
            select(PaymentTermsLine)
            .where(PaymentTermsLine.terms_id.in_([terms.id for terms in found]))
            .order_by(PaymentTermsLine.position)
        ),
        "terms_id",
    )
    return {
        terms.id: PaymentTermsSnapshot(
            id=terms.id,
            code=terms.code,
            name=terms.name,
            archived=terms.archived_at is not None,
            terms=Terms(tuple(_line(row) for row in lines.get(terms.id, ()))),
        )
        for terms in found
    }


def _line(row: PaymentTermsLine) -> TermsLine:
    return TermsLine(**{name: getattr(row, name) for name in _FIELDS})
