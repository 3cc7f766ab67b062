"""What receivables tells invoicing and customers."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from huikuan.context import Context
from huikuan.money import Money
from huikuan_customers.snapshots import CustomerOverdue
from huikuan_invoicing.snapshots import PaymentPart
from huikuan_receivables.models import Allocation, ItemBalance, Refund
from huikuan_receivables.snapshots import AllocationKind

__all__ = ["overdue_of", "payment_parts"]

ZERO = Decimal(0)


def payment_parts(ctx: Context, invoices: Collection[UUID]) -> list[PaymentPart]:
    """How much of documents is settled but for credit notes of their own; of free credit notes, how much is used.

    Three statements.
    """
    if not invoices:
        return []
    paid = _settled(ctx, invoices)
    for used in (_used(ctx, invoices), _paid_back(ctx, invoices)):
        for id, amount in used.items():
            paid[id] = paid.get(id, ZERO) - amount
    return [PaymentPart(invoice_id=id, paid=amount) for id, amount in paid.items() if amount]


def overdue_of(ctx: Context, customer_ids: Collection[UUID]) -> list[CustomerOverdue]:
    """Count and open amount of what was due before today, by customer and currency; credit notes are not."""
    if not customer_ids:
        return []
    rows = ctx.rows(
        select(
            ItemBalance.customer_id,
            ItemBalance.currency,
            func.count(ItemBalance.id).label("late"),
            func.sum(ItemBalance.open).label("open"),
        )
        .where(ItemBalance.customer_id.in_(customer_ids), ItemBalance.open > 0, ItemBalance.due_on < ctx.today)
        .group_by(ItemBalance.customer_id, ItemBalance.currency)
    )
    return [
        CustomerOverdue(customer_id=row.customer_id, count=row.late, amount=Money(row.open, row.currency))
        for row in rows
    ]


def _settled(ctx: Context, invoices: Collection[UUID]) -> dict[UUID, Decimal]:
    rows = ctx.rows(
        select(Allocation.invoice_id, func.sum(Allocation.amount))
        .where(Allocation.invoice_id.in_(invoices), Allocation.kind != AllocationKind.ORIGIN)
        .group_by(Allocation.invoice_id)
    )
    return {row[0]: row[1] for row in rows}


def _used(ctx: Context, invoices: Collection[UUID]) -> dict[UUID, Decimal]:
    """What of free credit notes settles other items."""
    same = (Allocation.credit_item_id == ItemBalance.item_id) & (Allocation.tenant_id == ItemBalance.tenant_id)
    rows = ctx.rows(
        select(ItemBalance.invoice_id, func.sum(Allocation.source_amount))
        .join(Allocation, same)
        .where(ItemBalance.invoice_id.in_(invoices), Allocation.kind == AllocationKind.CREDIT)
        .group_by(ItemBalance.invoice_id)
    )
    return {row[0]: row[1] for row in rows}


def _paid_back(ctx: Context, invoices: Collection[UUID]) -> dict[UUID, Decimal]:
    """What of free credit notes was paid back."""
    same = (Refund.credit_item_id == ItemBalance.item_id) & (Refund.tenant_id == ItemBalance.tenant_id)
    rows = ctx.rows(
        select(ItemBalance.invoice_id, func.sum(Refund.amount_amount))
        .join(Refund, same)
        .where(ItemBalance.invoice_id.in_(invoices))
        .group_by(ItemBalance.invoice_id)
    )
    return {row[0]: row[1] for row in rows}
