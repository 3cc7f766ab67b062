"""What invoicing says of a document that it bills, such as an order: what is missing, what stands, what is too much."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from huikuan.codec import digest
from huikuan.context import Context
from huikuan.errors import Level, Refusal
from huikuan.money import Money
from huikuan_invoicing.billing import bill, deposits_of, excess, left_of, lines_type
from huikuan_invoicing.errors import ORDER_INVOICED, PREPAYMENT_MISSING
from huikuan_invoicing.models import Invoice
from huikuan_invoicing.queries import Billed, billed, policy_of, posted_of
from huikuan_invoicing.settling import settlements
from huikuan_invoicing.snapshots import SourceDocument, SourceLine

__all__ = ["consolidated", "over_billed", "prepayment_missing", "standing"]


def prepayment_missing(ctx: Context, source_type: str, source_id: UUID, total: Money) -> Refusal | None:
    """What its prepayment lacks, if one was agreed."""
    policy = policy_of(ctx, source_type, source_id)
    if policy is None or not policy.prepayment_percent:
        return None
    needed = (total * (policy.prepayment_percent * Decimal("0.01"))).rounded()
    paid = sum((it.paid for it in settlements(ctx, deposits_of(ctx, source_id)).values()), Money.zero(total.currency))
    if paid >= needed:
        return None
    return Refusal(
        PREPAYMENT_MISSING,
        f"{needed} are to be paid beforehand; {paid} came in.",
        level=Level.APPROVE if ctx.setting("invoicing.prepayment_approvable") else Level.BLOCK,
        advice="Ask for a deposit by invoiceDeposit and wait for its payment.",
        needed=needed,
        paid=paid,
    )


def standing(ctx: Context, order_id: UUID) -> Refusal | None:
    """Posted documents of an order that nobody has credited wholly."""
    found = [it for it in settlements(ctx, posted_of(ctx, order_id)).values() if it.total != it.credited]
    if not found:
        return None
    return Refusal(
        ORDER_INVOICED,
        f"The order has {len(found)} posted {'invoice' if len(found) == 1 else 'invoices'}.",
        advice="Credit them by invoiceCredit, then cancel the order.",
        invoices=[it.invoice_id for it in found],
    )


def over_billed(
    ctx: Context, sources: Iterable[SourceDocument], *, posted: bool = False
) -> Iterator[tuple[SourceDocument, SourceLine, Billed]]:
    """Lines of which more is invoiced than is allowed: drafts included, or what is ``posted`` alone."""
    for source in sources:
        found = billed(ctx, lines_type(source.type), [line.id for line in source.lines])
        for line in source.lines:
            item = found.get(line.id)
            if item is not None and excess(ctx, line, item.posted if posted else item.taken):
                yield source, line, item


def consolidated(ctx: Context, prefix: str, sources: Sequence[SourceDocument]) -> list[Invoice]:
    """One invoice for all that is left of documents of one payer, currency and terms; those that are there stay.

    ``prefix``: of their billing keys.
    """
    groups: dict[str, list[SourceDocument]] = {}
    for source in sources:
        shape = (str(source.payer_id), source.currency, source.payment_terms, source.tax_rounding, source.terms)
        groups.setdefault(digest(shape)[:12], []).append(source)
    found = list(ctx.scalars(select(Invoice).where(Invoice.billing_key.startswith(prefix)).order_by(Invoice.id)))
    known = {invoice.billing_key for invoice in found}
    for name, group in sorted(groups.items()):
        wanted = [source for source in group if left_of(ctx, source)]
        if wanted and f"{prefix}{name}" not in known:
            found.append(bill(ctx, wanted, key=f"{prefix}{name}"))
    return found
