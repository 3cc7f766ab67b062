"""Reading receivables for others: many at once, never writing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import aliased

from huikuan.context import Context
from huikuan.money import Money
from huikuan_invoicing.api import invoice_numbers
from huikuan_receivables.models import Allocation, ItemBalance, Payment, Posting
from huikuan_receivables.snapshots import (
    Account,
    AccountSums,
    AllocationKind,
    Balance,
    OpenItem,
    PaymentSnapshot,
    Unapplied,
)

__all__ = [
    "account_sums",
    "balances",
    "items_by_id",
    "items_of_invoices",
    "last_payments",
    "open_items",
    "payment_snapshot",
    "payments_by_id",
    "unapplied",
]

ZERO = Decimal(0)


def open_items(
    ctx: Context,
    customer_ids: Collection[UUID] | None = None,
    *,
    currency: str | None = None,
    as_of: date | None = None,
) -> list[OpenItem]:
    """What is open, of these customers' accounts or of all: today or as of a day; what is due first comes first.

    A fixed number of statements for each 5,000 invoices.
    """
    if customer_ids is not None and not customer_ids:
        return []
    statement = _items(as_of, customer_ids)
    if customer_ids is not None:
        statement = statement.where(ItemBalance.customer_id.in_(customer_ids))
    if currency is not None:
        statement = statement.where(ItemBalance.currency == currency)
    if as_of is None:
        statement = statement.where(ItemBalance.open != 0)
    return _found(ctx, statement.order_by(ItemBalance.due_on, ItemBalance.id))


def items_by_id(ctx: Context, ids: Collection[UUID]) -> dict[UUID, OpenItem]:
    """These items as they are now, closed ones too; unknown ids are left out."""
    if not ids:
        return {}
    found = _found(ctx, _items(None).where(ItemBalance.id.in_(ids)))
    return {item.item_id: item for item in found}


def items_of_invoices(ctx: Context, invoice_ids: Collection[UUID]) -> list[OpenItem]:
    """All items of these invoices as they are now, closed ones too; what is due first comes first."""
    if not invoice_ids:
        return []
    statement = _items(None).where(ItemBalance.invoice_id.in_(invoice_ids))
    return _found(ctx, statement.order_by(ItemBalance.due_on, ItemBalance.sequence, ItemBalance.id))


def unapplied(ctx: Context, customer_ids: Collection[UUID] | None = None) -> list[Unapplied]:
    """Payments with money that settles nothing yet, the oldest first."""
    if customer_ids is not None and not customer_ids:
        return []
    statement = select(Payment).where(Payment.unapplied != 0)
    if customer_ids is not None:
        statement = statement.where(Payment.customer_id.in_(customer_ids))
    return [
        Unapplied(
            payment_id=row.id,
            customer_id=row.customer_id,
            currency=row.amount.currency,
            amount=row.unapplied,
            received_on=row.received_on,
            source_type=row.source_type,
            source_id=row.source_id,
        )
        for row in ctx.scalars(statement.order_by(Payment.received_on, Payment.id))
    ]


def balances(ctx: Context, customer_ids: Collection[UUID], *, as_of: date | None = None) -> dict[UUID, list[Balance]]:
    """The account of each customer by currency, today or as of a day; accounts without anything have no entry.

    One or two statements, whatever the history.
    """
    if not customer_ids:
        return {}
    day = as_of or ctx.today
    items = _open_sums(ctx, customer_ids, day) if as_of is None else _open_sums_as_of(ctx, customer_ids, day)
    money = _unapplied_sums(ctx, customer_ids, as_of)
    found: dict[UUID, list[Balance]] = {}
    for customer_id, currency in sorted({*items, *money}, key=lambda key: (str(key[0]), key[1])):
        open, overdue, count, oldest = items.get((customer_id, currency), (ZERO, ZERO, 0, None))
        found.setdefault(customer_id, []).append(
            Balance(
                customer_id=customer_id,
                currency=currency,
                open=open,
                overdue=overdue,
                overdue_count=count,
                unapplied=money.get((customer_id, currency), ZERO),
                oldest_due_on=oldest,
            )
        )
    return found


def last_payments(ctx: Context, invoice_ids: Collection[UUID]) -> dict[UUID, date]:
    """The day of the last money that settles anything of each of these invoices; others are left out."""
    if not invoice_ids:
        return {}
    back = aliased(Allocation)
    reversed_ = (back.reverses_id == Allocation.id) & (back.tenant_id == Allocation.tenant_id)
    rows = ctx.rows(
        select(Allocation.invoice_id, func.max(Allocation.on).label("on"))
        .outerjoin(back, reversed_)
        .where(
            Allocation.invoice_id.in_(invoice_ids),
            Allocation.kind == AllocationKind.PAYMENT,
            Allocation.reverses_id.is_(None),
            back.id.is_(None),
        )
        .group_by(Allocation.invoice_id)
    )
    return {row.invoice_id: row.on for row in rows}


def account_sums(ctx: Context, customer_ids: Collection[UUID] | None = None) -> list[AccountSums]:
    """What stands on these customers' accounts now, or on all; accounts without anything are left out.

    Two statements.
    """
    items = select(
        ItemBalance.customer_id,
        ItemBalance.currency,
        func.sum(case((ItemBalance.open > 0, ItemBalance.open), else_=0)).label("owed"),
        func.sum(case((ItemBalance.open < 0, ItemBalance.open), else_=0)).label("credits"),
    ).where(ItemBalance.open != 0)
    if customer_ids is not None:
        items = items.where(ItemBalance.customer_id.in_(customer_ids))
    rows = ctx.rows(items.group_by(ItemBalance.customer_id, ItemBalance.currency))
    sums = {(row.customer_id, row.currency): (row.owed, row.credits) for row in rows}
    money = _unapplied_sums(ctx, customer_ids, None)
    return [
        AccountSums(
            customer_id=key[0],
            currency=key[1],
            owed=sums.get(key, (ZERO, ZERO))[0],
            credits=sums.get(key, (ZERO, ZERO))[1],
            unapplied=money.get(key, ZERO),
        )
        for key in sorted({*sums, *money}, key=str)
    ]


def payment_snapshot(payment: Payment) -> PaymentSnapshot:
    """The payment as others see it."""
    return PaymentSnapshot(
        id=payment.id,
        number=payment.number,
        customer_id=payment.customer_id,
        status=payment.status,
        method=payment.method,
        amount=payment.amount,
        unapplied=Money(payment.unapplied, payment.amount.currency),
        received_on=payment.received_on,
        reference=payment.reference,
        source_type=payment.source_type,
        source_id=payment.source_id,
        bank_line_id=payment.bank_line_id,
    )


def payments_by_id(ctx: Context, ids: Collection[UUID]) -> dict[UUID, PaymentSnapshot]:
    """These payments; unknown ids are left out."""
    rows = ctx.scalars(select(Payment).where(Payment.id.in_(ids))) if ids else []
    return {row.id: payment_snapshot(row) for row in rows}


def _items(as_of: date | None, customer_ids: Collection[UUID] | None = None) -> Select[*tuple[Any, ...]]:
    columns = (
        ItemBalance.id,
        ItemBalance.invoice_id,
        ItemBalance.sequence,
        ItemBalance.customer_id,
        ItemBalance.payer_id,
        ItemBalance.currency,
        ItemBalance.amount,
        ItemBalance.issued_on,
        ItemBalance.due_on,
        ItemBalance.chase_on,
        ItemBalance.discount_until,
        ItemBalance.discount_amount,
        ItemBalance.document_id,
    )
    if as_of is None:
        return select(*columns, ItemBalance.open)
    sums = (
        select(Posting.item_id, func.sum(Posting.amount).label("open"))
        .where(Posting.account == Account.RECEIVABLE, Posting.on <= as_of)
        .group_by(Posting.item_id)
        .having(func.sum(Posting.amount) != 0)
    )
    if customer_ids is not None:  # the database would add up everybody's postings first
        sums = sums.where(Posting.customer_id.in_(customer_ids))
    booked = sums.subquery()
    found: Select[*tuple[Any, ...]] = select(*columns, booked.c.open).join(booked, booked.c.item_id == ItemBalance.id)
    return found


def _found(ctx: Context, statement: Select[*tuple[Any, ...]]) -> list[OpenItem]:
    rows: Sequence[Any] = ctx.rows(statement)
    numbers = invoice_numbers(ctx, {row.invoice_id for row in rows})
    return [
        OpenItem(
            item_id=row.id,
            invoice_id=row.invoice_id,
            number=numbers.get(row.invoice_id),
            sequence=row.sequence,
            customer_id=row.customer_id,
            payer_id=row.payer_id,
            currency=row.currency,
            amount=row.amount,
            open=row.open,
            issued_on=row.issued_on,
            due_on=row.due_on,
            chase_on=row.chase_on,
            discount_until=row.discount_until,
            discount_amount=row.discount_amount,
            document_id=row.document_id,
        )
        for row in rows
    ]


Key = tuple[UUID, str]
Sums = tuple[Decimal, Decimal, int, date | None]


def _open_sums(ctx: Context, customer_ids: Collection[UUID], day: date) -> dict[Key, Sums]:
    late = (ItemBalance.open > 0) & (ItemBalance.due_on < day)
    rows = ctx.rows(
        select(
            ItemBalance.customer_id,
            ItemBalance.currency,
            func.sum(ItemBalance.open).label("open"),
            func.sum(case((late, ItemBalance.open), else_=0)).label("overdue"),
            func.sum(case((late, 1), else_=0)).label("late"),
            func.min(case((late, ItemBalance.due_on))).label("oldest"),
        )
        .where(ItemBalance.customer_id.in_(customer_ids), ItemBalance.open != 0)
        .group_by(ItemBalance.customer_id, ItemBalance.currency)
    )
    return _sums(rows)


def _open_sums_as_of(ctx: Context, customer_ids: Collection[UUID], day: date) -> dict[Key, Sums]:
    item = (
        select(
            Posting.customer_id,
            Posting.currency,
            Posting.due_on,
            Posting.item_id,
            func.sum(Posting.amount).label("open"),
        )
        .where(Posting.account == Account.RECEIVABLE, Posting.customer_id.in_(customer_ids), Posting.on <= day)
        .group_by(Posting.customer_id, Posting.currency, Posting.due_on, Posting.item_id)
        .having(func.sum(Posting.amount) != 0)
        .subquery()
    )
    late = (item.c.open > 0) & (item.c.due_on < day)
    rows = ctx.rows(
        select(
            item.c.customer_id,
            item.c.currency,
            func.sum(item.c.open).label("open"),
            func.sum(case((late, item.c.open), else_=0)).label("overdue"),
            func.sum(case((late, 1), else_=0)).label("late"),
            func.min(case((late, item.c.due_on))).label("oldest"),
        ).group_by(item.c.customer_id, item.c.currency)
    )
    return _sums(rows)


def _sums(rows: Iterable[Any]) -> dict[Key, Sums]:
    return {(row.customer_id, row.currency): (row.open, row.overdue, row.late, row.oldest) for row in rows}


def _unapplied_sums(ctx: Context, customer_ids: Collection[UUID] | None, as_of: date | None) -> dict[Key, Decimal]:
    if as_of is None:
        statement = select(
            Payment.customer_id, Payment.amount_currency.label("currency"), func.sum(Payment.unapplied)
        ).where(Payment.unapplied != 0)
        if customer_ids is not None:
            statement = statement.where(Payment.customer_id.in_(customer_ids))
        rows = ctx.rows(statement.group_by(Payment.customer_id, Payment.amount_currency))
        return {(row[0], row[1]): row[2] for row in rows}
    rows = ctx.rows(
        select(Posting.customer_id, Posting.currency, func.sum(Posting.amount))
        .where(Posting.account == Account.UNAPPLIED, Posting.customer_id.in_(customer_ids or ()), Posting.on <= as_of)
        .group_by(Posting.customer_id, Posting.currency)
        .having(func.sum(Posting.amount) != 0)
    )
    return {(row[0], row[1]): -row[2] for row in rows}
