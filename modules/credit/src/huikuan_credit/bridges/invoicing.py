"""What is invoiced is no longer ordered or shipped; whether it was paid, receivables knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from huikuan import Context, Refusal, hookimpl
from huikuan.db import LockKey
from huikuan_credit.accounts import account_locks
from huikuan_credit.amounts import encoded, open_of
from huikuan_credit.deciding import Document, assessed, keep, refusals
from huikuan_credit.exposure import told_by
from huikuan_credit.ledger import Source, open_position, positions_of
from huikuan_credit.moving import lines_in, moved
from huikuan_credit.owing import add_owed, owing_of
from huikuan_credit.rules import anything_checked
from huikuan_credit.snapshots import Checkpoint, PositionState
from huikuan_invoicing.api import billed
from huikuan_invoicing.snapshots import InvoiceKind, InvoiceSnapshot

ORDER = "Order"
DOCUMENT = "orders.order"
LINE = "orders.order.line"
ZERO = Decimal(0)


@hookimpl
def invoicing_post_locks(ctx: Context, bill_to_id: UUID, documents: Sequence[UUID]) -> list[LockKey]:
    """The account of whoever gets the invoice, and those of its orders.

    What bills no order moves something only where receivables tells of it; within a command that holds its locks
    already, that is added without the lock.
    """
    free = told_by(ctx, "receivables") and ctx.work.locked is None
    return account_locks(ctx, [bill_to_id], documents) if documents or free else []


@hookimpl
def invoicing_before_post(ctx: Context, invoice: InvoiceSnapshot) -> Iterable[Refusal]:
    """Whether an invoice may go out: what it takes from orders is owed already."""
    if invoice.kind is InvoiceKind.CREDIT_NOTE or not anything_checked(ctx, Checkpoint.INVOICE):
        return []
    document = Document(
        type="Invoice",
        id=invoice.id,
        bill_to_id=invoice.bill_to_id,
        currency=invoice.currency,
        amount=invoice.total.amount,
        increase=invoice.total.amount - _taken(ctx, invoice) if told_by(ctx, "receivables") else ZERO,
    )
    return refusals(ctx, Checkpoint.INVOICE, document)


@hookimpl(tryfirst=True)
def invoicing_after_post(ctx: Context, invoice: InvoiceSnapshot) -> None:
    """Its orders owe so much less; a deposit may come before its order does. It is open itself, until it is paid."""
    if told_by(ctx, "receivables"):
        total = sum((part.amount.amount for part in invoice.instalments), ZERO)
        add_owed(ctx, "invoice", {(invoice.bill_to_id, invoice.currency): owing_of(total)})
    found, account_id = assessed(ctx, invoice.id), None
    for order_id in _orders(invoice):
        if invoice.source_type == DOCUMENT and not positions_of(ctx, ORDER, [order_id]):
            source = Source(type=ORDER, id=order_id, bill_to_id=invoice.bill_to_id, currency=invoice.currency)
            open_position(ctx, source, PositionState.WAITING).lines = encoded({})
        position = moved(ctx, "invoice", order_id, _moves(ctx, invoice, order_id), _apart(invoice, order_id))
        account_id = account_id if position is None else position.account_id
    if account_id is not None:
        keep(ctx, found, account_id)


def _orders(invoice: InvoiceSnapshot) -> list[UUID]:
    return list(dict.fromkeys(line.document_id for line in invoice.lines if line.document_id is not None))


def _moves(ctx: Context, invoice: InvoiceSnapshot, order_id: UUID) -> dict[UUID, dict[str, Decimal]]:
    """How much of each line it invoices. A credit note takes back; what it gives up for good is not invoiced again."""
    found: dict[UUID, dict[str, Decimal]] = {}
    for line in invoice.lines:
        if line.document_id == order_id and line.source_type == LINE and line.source_id is not None:
            more = found.setdefault(line.source_id, {"invoiced": ZERO})
            more["invoiced"] += line.quantity
    if invoice.kind is InvoiceKind.CREDIT_NOTE and found:
        known = positions_of(ctx, ORDER, [order_id])
        before = lines_in(known[order_id]) if order_id in known else {}
        for id, item in billed(ctx, LINE, list(found)).items():
            if id in before:
                found[id]["given_up"] = item.given_up - before[id].given_up
    return found


def _apart(invoice: InvoiceSnapshot, order_id: UUID) -> Decimal:
    """What it invoices of an order apart from its lines: deposits, less those that it deducts."""
    return sum(
        (line.gross.amount for line in invoice.lines if line.document_id == order_id and line.source_type != LINE),
        ZERO,
    )


def _taken(ctx: Context, invoice: InvoiceSnapshot) -> Decimal:
    """By how much its orders would owe less."""
    taken = ZERO
    for order_id, position in positions_of(ctx, ORDER, _orders(invoice)).items():
        lines = lines_in(position)
        for id, more in _moves(ctx, invoice, order_id).items():
            if id in lines:
                lines[id] = lines[id].moved(**more)
        deposits = position.deposits + _apart(invoice, order_id)
        after = open_of(lines.values(), position.currency, position.state, deposits)
        taken += position.ordered + position.shipped - after.ordered - after.shipped
    return taken
