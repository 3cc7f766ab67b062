"""CSV import of invoices that were posted elsewhere, with the customers that they name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from uuid import UUID

from huikuan.context import Context
from huikuan.errors import BadInput
from huikuan.importing import Column, Importer, ImportRun, Outcome, Status, Unit
from huikuan.money import Money, MoneyError
from huikuan_customers.api import CustomerInput, ensure_customers
from huikuan_invoicing.inputs import InvoiceImportInput
from huikuan_invoicing.masters import codes
from huikuan_invoicing.opening import opened, record_opening, refuse_other

__all__ = ["invoices"]

BATCH = 500


def _prepare(run: ImportRun, units: Iterable[Unit]) -> None:
    """Make the customers that are missing, before the first invoice."""
    wanted: dict[str, CustomerInput] = {}
    for unit in units:
        row = unit.first
        code = row["customer"]
        if code not in wanted:
            name = row.get("customer_name") or f"Customer {code}"
            wanted[code] = CustomerInput(code=code, name=name, currency=row["currency"])
    for number, some in _batches(list(wanted.values())):
        run.command(f"customers:{number}", _making(some))


def _making(some: Sequence[CustomerInput]) -> Callable[[Context], dict[str, UUID]]:
    return lambda ctx: ensure_customers(ctx, some)


def _batches(items: Sequence[CustomerInput]) -> Iterator[tuple[int, Sequence[CustomerInput]]]:
    for start in range(0, len(items), BATCH):
        yield start // BATCH, items[start : start + BATCH]


def _write(ctx: Context, unit: Unit) -> Outcome:
    """One invoice; what is there already under its number stays as it is."""
    row = unit.first
    found = opened(ctx, row["number"])
    customer = codes(ctx, [row["customer"]]).get(row["customer"])
    if found is not None:
        refuse_other(ctx, found, customer, Money(row["total"], row["currency"]), row["issued_on"])
        return Outcome(status=Status.UNCHANGED, subject_id=found.id)
    if customer is None:
        raise row.error("UNKNOWN_CUSTOMER", f"There is no customer {row['customer']!r}.", column="customer")
    try:
        invoice = record_opening(
            ctx,
            InvoiceImportInput(
                number=row["number"],
                customer=row["customer"],
                issued_on=row["issued_on"],
                due_on=row.get("due_on"),
                total=Money(row["total"], row["currency"]),
                tax=row.get("tax", Decimal(0)),
                payment_terms=row.get("payment_terms"),
                rate=row.get("rate"),
                description=row.get("description", ""),
            ),
            customer,
        )
    except (BadInput, MoneyError) as error:
        raise row.error("BAD_INVOICE", error.message) from error
    return Outcome(subject_id=invoice.id)


invoices = Importer(
    name="invoices",
    title="Invoices",
    description=(
        "Invoices that were posted elsewhere: opening balances with their own numbers, one row each, and the "
        "customers they name, which are made where they are missing. What is there already stays as it is."
    ),
    columns=(
        Column(
            "number",
            required=True,
            max_length=80,
            description="Its own unique number",
            aliases=("invoice", "invoice_number", "invoice_no"),
        ),
        Column("customer", required=True, max_length=64, description="Code of the customer", aliases=("customer_id",)),
        Column("customer_name", max_length=200, description="Name of a customer that is made"),
        Column("issued_on", type="date", required=True, description="Its date", aliases=("date", "invoice_date")),
        Column("due_on", type="date", description="Empty: by its payment terms, else at once", aliases=("due_date",)),
        Column(
            "total",
            type="decimal",
            places=4,
            required=True,
            description="Tax included; negative: a credit note",
            aliases=("amount", "invoice_amount"),
        ),
        Column("tax", type="decimal", places=4, description="How much of the total is tax; empty: none"),
        Column("currency", required=True, max_length=3, description="ISO 4217 code"),
        Column("rate", type="decimal", places=6, description="What one unit is worth in the company's currency"),
        Column("payment_terms", max_length=64, description="Code of payment terms that exist"),
        Column("description", max_length=500, description="Text of its one line"),
    ),
    write=_write,
    prepare=_prepare,
    permission="invoicing.import",
)
