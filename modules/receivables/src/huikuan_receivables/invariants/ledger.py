"""What must always be true of the ledger, of balances, payments and allocations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from huikuan.context import Context
from huikuan.invariants import Invariant
from huikuan_receivables.models import Allocation, Entry, ItemBalance, Payment, Posting, ReceivableItem, Refund
from huikuan_receivables.snapshots import Account, AllocationKind, EntryKind, PaymentStatus

__all__ = ["LEDGER"]

ZERO = Decimal(0)
FACTS = (
    "invoice_id",
    "sequence",
    "kind",
    "customer_id",
    "payer_id",
    "currency",
    "amount",
    "issued_on",
    "due_on",
    "discount_until",
    "discount_amount",
    "origin_id",
    "document_id",
)


def _balanced(ctx: Context) -> Sequence[UUID]:
    """Debits are credits: per entry and currency, and per entry in the company's currency."""
    by_currency = (
        select(Posting.entry_id)
        .group_by(Posting.entry_id, Posting.currency)
        .having(func.sum(Posting.amount) != 0)
        .order_by(Posting.entry_id)
    )
    in_base = (
        select(Posting.entry_id)
        .group_by(Posting.entry_id)
        .having(func.sum(Posting.base_amount) != 0)
        .order_by(Posting.entry_id)
    )
    return list(dict.fromkeys([*ctx.scalars(by_currency), *ctx.scalars(in_base)]))


def _copies(ctx: Context) -> Sequence[UUID]:
    """Postings have the day of their entry and the due day of their item; balances the facts of their item."""
    entry = (Posting.entry_id == Entry.id) & (Posting.tenant_id == Entry.tenant_id)
    item = (Posting.item_id == ReceivableItem.id) & (Posting.tenant_id == ReceivableItem.tenant_id)
    own = (ItemBalance.item_id == ReceivableItem.id) & (ItemBalance.tenant_id == ReceivableItem.tenant_id)
    unlike = [getattr(ItemBalance, name).is_distinct_from(getattr(ReceivableItem, name)) for name in (*FACTS, "id")]
    wrong = (Posting.due_on.is_distinct_from(ReceivableItem.due_on)) | (
        (Posting.account == Account.RECEIVABLE) & (Posting.customer_id != ReceivableItem.customer_id)
    )
    return [
        *ctx.scalars(select(Posting.id).join(Entry, entry).where(Posting.on != Entry.on)),
        *ctx.scalars(select(Posting.id).join(ReceivableItem, item).where(wrong)),
        *ctx.scalars(select(ItemBalance.id).join(ReceivableItem, own).where(or_(*unlike))),
    ]


def _open(ctx: Context) -> Sequence[UUID]:
    """What is open of an item is what the ledger says, in both currencies."""
    booked = _by_item(ctx, Posting.account == Account.RECEIVABLE)
    exchanged = _by_item(ctx, Posting.account != Account.RECEIVABLE, EntryKind.FX_DIFFERENCE)
    columns = (ItemBalance.item_id, ItemBalance.open, ItemBalance.base_open, ItemBalance.fx)
    rows = ctx.rows(select(*columns).order_by(ItemBalance.item_id))
    nothing = (ZERO, ZERO)
    return [
        row.item_id
        for row in rows
        if (row.open, row.base_open) != booked.get(row.item_id, nothing)
        or row.fx != exchanged.get(row.item_id, nothing)[1]
    ]


def _allocated(ctx: Context) -> Sequence[UUID]:
    """What is open of an item is its amount less what settles it, credit notes plus what they settle."""
    settled = _sums(ctx, Allocation.item_id, Allocation.amount)
    used = _sums(ctx, Allocation.credit_item_id, Allocation.source_amount)
    paid_back = _sums(ctx, Refund.credit_item_id, Refund.amount_amount)
    rows = ctx.rows(select(ItemBalance.item_id, ItemBalance.amount, ItemBalance.open).order_by(ItemBalance.item_id))
    return [
        row.item_id
        for row in rows
        if row.open
        != row.amount - settled.get(row.item_id, ZERO) + used.get(row.item_id, ZERO) + paid_back.get(row.item_id, ZERO)
    ]


def _between(ctx: Context) -> Sequence[UUID]:
    """What is open lies between nothing and the amount; what is closed is so in the company's currency too."""
    over = (ItemBalance.amount >= 0) & ((ItemBalance.open < 0) | (ItemBalance.open > ItemBalance.amount))
    under = (ItemBalance.amount < 0) & ((ItemBalance.open > 0) | (ItemBalance.open < ItemBalance.amount))
    rest = (ItemBalance.open == 0) & (ItemBalance.base_open != 0)
    closed = (ItemBalance.open == 0) != (ItemBalance.closed_on.is_not(None))
    return ctx.scalars(select(ItemBalance.id).where(over | under | rest | closed).order_by(ItemBalance.id))


def _payments(ctx: Context) -> Sequence[UUID]:
    """What is unapplied of a payment is its amount less what it settles and what was paid back, as the ledger says."""
    used = _sums(ctx, Allocation.payment_id, Allocation.source_amount)
    paid_back = _sums(ctx, Refund.payment_id, Refund.amount_amount)
    booked: dict[UUID, tuple[Decimal, Decimal]] = {}
    for id, amount, base in ctx.rows(
        select(Posting.payment_id, func.sum(Posting.amount), func.sum(Posting.base_amount))
        .where(Posting.account == Account.UNAPPLIED)
        .group_by(Posting.payment_id)
    ):
        booked[id] = (-amount, -base)
    broken = []
    for row in ctx.scalars(select(Payment).order_by(Payment.id)):
        here = row.status is PaymentStatus.SUCCEEDED
        expected = row.amount.amount if here else ZERO
        expected -= used.get(row.id, ZERO) + paid_back.get(row.id, ZERO)
        kept = (row.unapplied, row.base_unapplied)
        if row.unapplied != expected or kept != booked.get(row.id, (ZERO, ZERO)) or row.unapplied < ZERO:
            broken.append(row.id)
    return broken


def _accounts(ctx: Context) -> Sequence[UUID]:
    """Allocations are of one tenant, account and currency with their item, and more than nothing."""
    item = (Allocation.item_id == ReceivableItem.id) & (Allocation.tenant_id == ReceivableItem.tenant_id)
    unlike = (
        (Allocation.customer_id != ReceivableItem.customer_id)
        | (Allocation.currency != ReceivableItem.currency)
        | (Allocation.invoice_id != ReceivableItem.invoice_id)
        | ((Allocation.amount > 0) != (Allocation.reverses_id.is_(None)))
        | ((Allocation.kind == AllocationKind.PAYMENT) & (Allocation.payment_id.is_(None)))
    )
    paid = (Allocation.payment_id == Payment.id) & (Allocation.tenant_id == Payment.tenant_id)
    other = (Allocation.kind == AllocationKind.PAYMENT) & (
        (Allocation.source_currency != Payment.amount_currency)
        | ((Allocation.currency == Allocation.source_currency) & (Allocation.amount != Allocation.source_amount))
    )
    return [
        *ctx.scalars(select(Allocation.id).join(ReceivableItem, item).where(unlike)),
        *ctx.scalars(select(Allocation.id).join(Payment, paid).where(other)),
    ]


def _reversals(ctx: Context) -> Sequence[UUID]:
    """What reverses something reverses all of it, and is not earlier."""
    found: list[UUID] = []
    for model, amount in ((Allocation, Allocation.amount), (Refund, Refund.amount_amount)):
        rows = ctx.rows(select(model.id, model.on, amount.label("amount"), model.reverses_id))
        known = {row.id: row for row in rows}
        for row in rows:
            if row.reverses_id is not None:
                first = known[row.reverses_id]
                if first.reverses_id is not None or row.amount != -first.amount or row.on < first.on:
                    found.append(row.id)
    other = aliased(Entry)
    before = (other.id == Entry.reverses_id) & (other.tenant_id == Entry.tenant_id)
    return [*found, *ctx.scalars(select(Entry.id).join(other, before).where(Entry.on < other.on))]


def _booked(ctx: Context) -> Sequence[UUID]:
    """What allocations say of an item and an entry, that entry's postings say too."""
    said: dict[tuple[UUID, UUID], Decimal] = {}
    for row in ctx.rows(
        select(Allocation.entry_id, Allocation.item_id, func.sum(Allocation.amount)).group_by(
            Allocation.entry_id, Allocation.item_id
        )
    ):
        said[row[0], row[1]] = -row[2]
    entries = select(Allocation.entry_id).distinct().scalar_subquery()
    posted: dict[tuple[UUID, UUID], Decimal] = {}
    for row in ctx.rows(
        select(Posting.entry_id, Posting.item_id, func.sum(Posting.amount))
        .where(Posting.account == Account.RECEIVABLE, Posting.entry_id.in_(entries), Posting.item_id.is_not(None))
        .group_by(Posting.entry_id, Posting.item_id)
    ):
        posted[row[0], row[1]] = row[2]
    return sorted({entry for (entry, item), amount in said.items() if posted.get((entry, item), ZERO) != amount})


def _entered(ctx: Context) -> Sequence[UUID]:
    """A payment that came has an entry, each next one reverses the one before; the last one says whether it is here."""
    columns = (Entry.id, Entry.source_id, Entry.kind, Entry.reverses_id)
    entries: dict[UUID, dict[UUID | None, tuple[UUID, EntryKind]]] = {}
    counted: dict[UUID, int] = {}
    for row in ctx.rows(select(*columns).where(Entry.source_type == "Payment")):
        entries.setdefault(row.source_id, {})[row.reverses_id] = (row.id, row.kind)
        counted[row.source_id] = counted.get(row.source_id, 0) + 1
    rows = ctx.rows(select(Payment.id, Payment.status).order_by(Payment.id))
    return [row.id for row in rows if _kinds(entries.get(row.id, {})) != _expected(row.status, counted.get(row.id, 0))]


def _kinds(entries: dict[UUID | None, tuple[UUID, EntryKind]]) -> list[EntryKind]:
    """Kinds of the entries of a payment, from the first one to the one that nothing reverses."""
    found: list[EntryKind] = []
    before: UUID | None = None
    while before in entries and len(found) < len(entries):
        before, kind = entries[before]
        found.append(kind)
    return found


def _expected(status: PaymentStatus, entries: int) -> list[EntryKind]:
    """Payment, bounce, payment and so on, of that many entries; none at all where no such end fits the state."""
    ends = {PaymentStatus.SUCCEEDED: 1, PaymentStatus.BOUNCED: 0, PaymentStatus.VOIDED: 0}
    if status not in ends:
        return []
    wanted = entries if entries and entries % 2 == ends[status] else entries + 1
    return [EntryKind.BOUNCE if place % 2 else EntryKind.PAYMENT for place in range(wanted)]


def _sums(ctx: Context, by: Any, amount: Any) -> dict[UUID, Decimal]:
    rows = ctx.rows(select(by, func.sum(amount)).where(by.is_not(None)).group_by(by))
    return {row[0]: row[1] for row in rows}


def _by_item(ctx: Context, condition: Any, kind: EntryKind | None = None) -> dict[UUID, tuple[Decimal, Decimal]]:
    statement = select(Posting.item_id, func.sum(Posting.amount), func.sum(Posting.base_amount))
    if kind is not None:
        entry = (Posting.entry_id == Entry.id) & (Posting.tenant_id == Entry.tenant_id)
        statement = statement.join(Entry, entry).where(Entry.kind == kind)
    rows = ctx.rows(statement.where(condition, Posting.item_id.is_not(None)).group_by(Posting.item_id))
    return {row[0]: (row[1], row[2]) for row in rows}


def _invariant(name: str, statement: str, find: Callable[[Context], Sequence[UUID]]) -> Invariant:
    return Invariant(f"receivables.{name}", statement, find)


LEDGER = (
    _invariant("ledger", "Debits are credits, per entry and currency and in the company's currency.", _balanced),
    _invariant("copies", "Postings and balances say what their entries and items say.", _copies),
    _invariant("open", "What is open of an item is what the ledger says.", _open),
    _invariant("allocated", "What is open of an item is its amount less what settles it.", _allocated),
    _invariant("between", "What is open lies between nothing and the amount.", _between),
    _invariant("payments", "What is unapplied of a payment is what it neither settles nor was paid back.", _payments),
    _invariant("accounts", "Allocations are on the account and in the currency of their item.", _accounts),
    _invariant("reversals", "What is taken back is taken back wholly, once, and not before it was.", _reversals),
    _invariant("booked", "Allocations stand in the ledger as they say.", _booked),
    _invariant(
        "entered", "A payment stands in the ledger if it came, and its last entry says whether it is here.", _entered
    ),
)
