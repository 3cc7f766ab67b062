"""The rows that receivables' own figures are made of, by day and id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select, true
from sqlalchemy.orm import aliased

from huikuan.context import Context
from huikuan.money import Money
from huikuan_receivables.figures import sales_since
from huikuan_receivables.models import Allocation, Dispute, ItemBalance, Payment, ReceivableItem
from huikuan_receivables.snapshots import AllocationKind, DisputeState, FigureRow, PaymentStatus, RowMark

__all__ = ["own_rows"]

YEAR = timedelta(days=365)
Reader = Callable[[Context, UUID, str, RowMark | None, int], list[FigureRow]]


def own_rows(
    ctx: Context, customer_id: UUID, currency: str, name: str, after: RowMark | None, limit: int
) -> list[FigureRow] | None:
    """A page of the rows of a figure; None: it is no figure of receivables, or is made of other figures only."""
    reader = READERS.get(name)
    return reader(ctx, customer_id, currency, after, limit) if reader is not None else None


def _open(ctx: Context, customer_id: UUID, currency: str, after: RowMark | None, limit: int) -> list[FigureRow]:
    return _items(ctx, ItemBalance.open != 0, customer_id, currency, after, limit)


def _overdue(ctx: Context, customer_id: UUID, currency: str, after: RowMark | None, limit: int) -> list[FigureRow]:
    late = and_(ItemBalance.open > 0, ItemBalance.due_on < ctx.today)
    return _items(ctx, late, customer_id, currency, after, limit)


def _items(
    ctx: Context, condition: Any, customer_id: UUID, currency: str, after: RowMark | None, limit: int
) -> list[FigureRow]:
    rows = ctx.rows(
        select(ItemBalance.id, ItemBalance.due_on, ItemBalance.open)
        .where(condition, ItemBalance.customer_id == customer_id, ItemBalance.currency == currency)
        .where(_beyond(ItemBalance.due_on, ItemBalance.id, after))
        .order_by(ItemBalance.due_on, ItemBalance.id)
        .limit(limit)
    )
    return [
        FigureRow(
            type_name="ReceivableItem",
            id=row.id,
            on=row.due_on,
            amount=Money(row.open, currency),
            number=Decimal((ctx.today - row.due_on).days),
        )
        for row in rows
    ]


def _disputed(ctx: Context, customer_id: UUID, currency: str, after: RowMark | None, limit: int) -> list[FigureRow]:
    same = (Dispute.item_id == ItemBalance.item_id) & (Dispute.tenant_id == ItemBalance.tenant_id)
    rows = ctx.rows(
        select(Dispute.id, Dispute.opened_on, Dispute.amount, ItemBalance.open)
        .join(ItemBalance, same)
        .where(Dispute.customer_id == customer_id, Dispute.state == DisputeState.OPEN, Dispute.currency == currency)
        .where(ItemBalance.open > 0, _beyond(Dispute.opened_on, Dispute.id, after))
        .order_by(Dispute.opened_on, Dispute.id)
        .limit(limit)
    )
    return [
        FigureRow(type_name="Dispute", id=row.id, on=row.opened_on, amount=Money(min(row.amount, row.open), currency))
        for row in rows
    ]


def _unapplied(ctx: Context, customer_id: UUID, currency: str, after: RowMark | None, limit: int) -> list[FigureRow]:
    rows = _payments(ctx, Payment.unapplied != 0, customer_id, currency, after, limit)
    return [_paid(row, Money(row.unapplied, currency)) for row in rows]


def _last_payment(ctx: Context, customer_id: UUID, currency: str, after: RowMark | None, limit: int) -> list[FigureRow]:
    came = Payment.status == PaymentStatus.SUCCEEDED
    last = ctx.scalar(
        select(func.max(Payment.received_on)).where(
            came, Payment.customer_id == customer_id, Payment.amount_currency == currency
        )
    )
    if last is None:
        return []
    condition = and_(came, Payment.received_on == last)
    return [_paid(row, row.amount) for row in _payments(ctx, condition, customer_id, currency, after, limit)]


def _payments(
    ctx: Context, condition: Any, customer_id: UUID, currency: str, after: RowMark | None, limit: int
) -> Sequence[Payment]:
    return ctx.scalars(
        select(Payment)
        .where(condition, Payment.customer_id == customer_id, Payment.amount_currency == currency)
        .where(_beyond(Payment.received_on, Payment.id, after))
        .order_by(Payment.received_on, Payment.id)
        .limit(limit)
    )


def _paid(row: Payment, amount: Money) -> FigureRow:
    return FigureRow(type_name="Payment", id=row.id, on=row.received_on, amount=amount)


def _sales(ctx: Context, customer_id: UUID, currency: str, after: RowMark | None, limit: int) -> list[FigureRow]:
    issued = ItemBalance.issued_on
    rows = ctx.rows(
        select(ItemBalance.id, issued, ItemBalance.amount)
        .where(ItemBalance.customer_id == customer_id, ItemBalance.currency == currency)
        .where(issued >= sales_since(ctx), issued <= ctx.today, _beyond(issued, ItemBalance.id, after))
        .order_by(issued, ItemBalance.id)
        .limit(limit)
    )
    return [
        FigureRow(type_name="ReceivableItem", id=row.id, on=row.issued_on, amount=Money(row.amount, currency))
        for row in rows
    ]


def _delays(ctx: Context, customer_id: UUID, currency: str, after: RowMark | None, limit: int) -> list[FigureRow]:
    """What was paid within a year, in all currencies; amounts in the company's."""
    item = (ReceivableItem.id == Allocation.item_id) & (ReceivableItem.tenant_id == Allocation.tenant_id)
    back = aliased(Allocation)
    taken = (back.reverses_id == Allocation.id) & (back.tenant_id == Allocation.tenant_id)
    rows = ctx.rows(
        select(Allocation.id, Allocation.on, Allocation.base_amount, ReceivableItem.due_on)
        .join(ReceivableItem, item)
        .outerjoin(back, taken)
        .where(Allocation.customer_id == customer_id, Allocation.kind == AllocationKind.PAYMENT)
        .where(Allocation.on >= ctx.today - YEAR, Allocation.reverses_id.is_(None), back.id.is_(None))
        .where(_beyond(Allocation.on, Allocation.id, after))
        .order_by(Allocation.on, Allocation.id)
        .limit(limit)
    )
    return [
        FigureRow(
            type_name="Allocation",
            id=row.id,
            on=row.on,
            amount=Money(row.base_amount, ctx.tenant.currency),
            number=Decimal((row.on - row.due_on).days),
        )
        for row in rows
    ]


READERS: dict[str, Reader] = {
    "RECEIVABLE": _open,
    "OVERDUE": _overdue,
    "DISPUTED": _disputed,
    "UNAPPLIED": _unapplied,
    "SALES": _sales,
    "PAYMENT_DELAY": _delays,
    "LAST_PAYMENT": _last_payment,
}


def _beyond(on: Any, id: Any, after: RowMark | None) -> Any:
    if after is None:
        return true()
    return and_(on >= after.on, or_(on > after.on, id > after.id))
