"""Many invoices at once that were posted elsewhere, answered row by row."""

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
from huikuan_invoicing.inputs import InvoiceImportInput
from huikuan_invoicing.masters import codes
from huikuan_invoicing.models import Invoice
from huikuan_invoicing.opening import opened, record_opening, refuse_other

__all__ = ["InvoiceImportResult", "InvoiceImportStatus", "InvoicesImported", "invoices_import"]

MAX_ROWS = 1_000


class InvoiceImportStatus(Enum):
    """What became of a row."""

    CREATED = "a new invoice"
    UNCHANGED = "the invoice was there already"
    REFUSED = "no invoice: code and message say why"


@output
@dataclass(frozen=True)
class InvoiceImportResult:
    """The answer to one row, 0 being the first."""

    row: int
    number: str
    status: InvoiceImportStatus
    invoice: Ref[Invoice] | None
    code: str | None
    message: str | None
    field: str | None


@output
@dataclass(frozen=True)
class InvoicesImported:
    """The answers, in the order of the rows."""

    results: list[InvoiceImportResult]


@command(permission="invoicing.import", idempotency="natural")
def invoices_import(ctx: Context, invoices: list[InvoiceImportInput]) -> InvoicesImported:
    """Enter up to 1,000 invoices that were posted elsewhere, with their own numbers, as posted.

    Each row is answered for itself, and a bad one costs no other. Customers are named by code. It is safe to
    repeat: what is there already stays as it is, and its number with other content is refused.
    """
    if len(invoices) > MAX_ROWS:
        raise BadInput(f"Send at most {MAX_ROWS} invoices at once.", field="invoices")
    known = codes(ctx, list({row.customer for row in invoices}))
    results = []
    for index, row in enumerate(invoices):
        try:
            with ctx.savepoint():
                results.append(_import(ctx, index, row, known))
        except Refused as error:
            refusal = error.refusals[0]
            results.append(_refused(index, row, refusal.code, refusal.message, refusal.field))
        except BadInput as error:
            results.append(_refused(index, row, error.code, error.message, error.data.get("field")))
    return InvoicesImported(results)


def _import(ctx: Context, index: int, row: InvoiceImportInput, known: Mapping[str, UUID]) -> InvoiceImportResult:
    if row.customer not in known:
        raise BadInput(f"There is no customer {row.customer!r}.", field="customer")
    customer_id = known[row.customer]
    before = opened(ctx, row.number)
    if before is not None:
        refuse_other(ctx, before, customer_id, row.total, row.issued_on)
    found = before or record_opening(ctx, row, customer_id)
    status = InvoiceImportStatus.UNCHANGED if before is not None else InvoiceImportStatus.CREATED
    return InvoiceImportResult(index, row.number, status, Ref(found.id), None, None, None)


def _refused(index: int, row: InvoiceImportInput, code: str, message: str, field: str | None) -> InvoiceImportResult:
    return InvoiceImportResult(index, row.number, InvoiceImportStatus.REFUSED, None, code, message, field)
