"""Many payments at once, answered row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import BadInput, Refused
from huikuan.graphql import output
from huikuan.values import Ref
from huikuan_customers.api import customer_ids
from huikuan_invoicing.api import invoice_ids
from huikuan_receivables.allocating import settle_by_payment
from huikuan_receivables.applying import oldest_first
from huikuan_receivables.changes import Changes
from huikuan_receivables.choosing import items_named
from huikuan_receivables.inputs import PaymentImportInput
from huikuan_receivables.models import Payment
from huikuan_receivables.paying import NewPayment, record, same_payment
from huikuan_receivables.settling import apply_by_itself, lock_invoices
from huikuan_receivables.shares import How

__all__ = ["PaymentImportResult", "PaymentImportStatus", "PaymentsImported", "payments_import"]

MAX_ROWS = 1_000


class PaymentImportStatus(Enum):
    """What became of a row."""

    CREATED = "a new payment"
    UNCHANGED = "the payment was there already"
    REFUSED = "no payment: code and message say why"


@output
@dataclass(frozen=True)
class PaymentImportResult:
    """The answer to one row, 0 being the first."""

    row: int
    reference: str
    status: PaymentImportStatus
    payment: Ref[Payment] | None
    code: str | None
    message: str | None
    field: str | None


@output
@dataclass(frozen=True)
class PaymentsImported:
    """The answers, in the order of the rows."""

    results: list[PaymentImportResult]


@dataclass(frozen=True, slots=True)
class _Known:
    customers: Mapping[str, UUID]
    invoices: Mapping[str, UUID]


@command(permission="receivables.pay", idempotency="natural")
def payments_import(ctx: Context, payments: list[PaymentImportInput]) -> PaymentsImported:
    """Record up to 1,000 payments that came, each with the invoices that it settles, as far as it goes.

    Each row is answered for itself, and a bad one costs no other. Customers are named by code, invoices by number.
    It is safe to repeat: what is there already stays as it is.
    """
    if len(payments) > MAX_ROWS:
        raise BadInput(f"Send at most {MAX_ROWS} payments at once.", field="payments")
    numbers = {number for row in payments for number in row.invoices or ()}
    known = _Known(customer_ids(ctx, list({row.customer for row in payments})), invoice_ids(ctx, numbers))
    lock_invoices(ctx, set(known.customers.values()), set(known.invoices.values()))
    results = []
    for index, row in enumerate(payments):
        try:
            with ctx.savepoint():
                results.append(_import(ctx, index, row, known))
        except Refused as error:
            refusal = error.refusals[0]
            results.append(_refused(index, row, refusal.code, refusal.message, refusal.field))
        except BadInput as error:
            results.append(_refused(index, row, error.code, error.message, error.data.get("field")))
    return PaymentsImported(results)


def _import(ctx: Context, index: int, row: PaymentImportInput, known: _Known) -> PaymentImportResult:
    before = same_payment(ctx, row.reference, row)
    payment = before or _record(ctx, row, known)
    status = PaymentImportStatus.UNCHANGED if before is not None else PaymentImportStatus.CREATED
    return PaymentImportResult(index, row.reference, status, Ref(payment.id), None, None, None)


def _record(ctx: Context, row: PaymentImportInput, known: _Known) -> Payment:
    if row.customer not in known.customers:
        raise BadInput(f"There is no customer {row.customer!r}.", field="customer")
    missing = [number for number in row.invoices or () if number not in known.invoices]
    if missing:
        raise BadInput(f"There is no posted invoice {missing[0]!r}.", field="invoices")
    new = NewPayment(
        customer_id=known.customers[row.customer],
        amount=row.amount,
        received_on=row.received_on,
        method=row.method,
        reference=row.reference,
        rate=row.rate,
        rate_units=row.rate_units,
    )
    payment = record(ctx, new, row)
    changes = Changes(ctx)
    if row.invoices is None:
        apply_by_itself(ctx, changes, payment, payment.received_on)
    else:
        ids = [known.invoices[number] for number in row.invoices]
        named = items_named(ctx, ids)
        shares = oldest_first(ctx, payment, [item for id in ids for item in named[id]])
        settle_by_payment(ctx, changes, payment, shares, How(rule="IMPORT", on=payment.received_on))
    changes.finish()
    return payment


def _refused(index: int, row: PaymentImportInput, code: str, message: str, field: str | None) -> PaymentImportResult:
    return PaymentImportResult(index, row.reference, PaymentImportStatus.REFUSED, None, code, message, field)
