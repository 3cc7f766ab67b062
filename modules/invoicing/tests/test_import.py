"""Opening balances: invoices that were posted elsewhere keep their numbers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import huikuan_invoicing
from huikuan.importing import ImportSummary, load_mapping
from huikuan.importing.mapping import ImportMapping
from huikuan.importing_commands import import_file
from huikuan.testing.shop import Shop
from modules.invoicing.tests.reading import amounts, events, parts, read

MAPPING = Path(huikuan_invoicing.__file__).parent / "mappings" / "ar_invoices.toml"
HEADER = "countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,SettledDate"
ROWS = (
    "391,0379-AAAAA,4/6/2013,0000611365,1/2/2013,2/1/2013,55.94,1/15/2013",
    "406,8976-BBBBB,3/3/2012,0007900770,1/26/2013,2/25/2013,61.74,3/3/2013",
    "391,0379-AAAAA,4/6/2013,0009231909,7/3/2013,8/2/2013,65.88,7/8/2013",
)
SAMPLE = Path(os.environ.get("HUIKUAN_AR_INVOICES", "../shared/data/ar_invoices/ar_invoices.csv"))


def bring_in(shop: Shop, path: Path, mapping: ImportMapping | None = None, **options: Any) -> ImportSummary:
    """Import a file."""
    importer = shop.scope.composition.importers["invoices"][0]
    return import_file(shop.kernel, shop.scope, importer, path, mapping=mapping, **options)


def written(folder: Path, header: str, rows: Sequence[str]) -> Path:
    path = folder / "invoices.csv"
    path.write_text("\n".join([header, *rows, ""]))
    return path


def test_they_are_posted_with_their_own_numbers(shop: Shop, tmp_path: Path) -> None:
    file = written(tmp_path, HEADER, ROWS)
    summary = bring_in(shop, file, load_mapping(MAPPING))
    assert summary.ok and summary.units.created == 3, summary
    found = shop.query('{ invoice(number: "0000611365") { id } }')["invoice"]
    invoice = read(shop, found["id"])
    assert (invoice["status"], invoice["past"], invoice["issuedOn"]) == ("POSTED", True, "2013-01-02")
    assert amounts(invoice) == ("55.94", "0.00", "55.94") and parts(invoice) == [("2013-02-01", "55.94")]
    assert invoice["customer"]["code"] == "0379-AAAAA" and invoice["overdue"]["amount"] == "55.94"
    assert events(shop).count("INVOICE_POSTED") == 3
    again = bring_in(shop, file, load_mapping(MAPPING))
    assert (again.units.created, again.units.unchanged) == (0, 3)
    assert shop.invoicing.posted().number == "INV-000001", "own numbers are not used up"
    assert not shop.check()


def test_rows_that_are_wrong_are_named(shop: Shop, tmp_path: Path) -> None:
    shop.customers.create("C-1")
    header = "number,customer,date,due_date,total,tax,currency"
    rows = [
        "A-1,C-1,2025-06-01,2025-07-01,119.00,19.00,EUR",
        "A-2,C-1,2025-06-01,2025-05-01,119.00,19.00,EUR",
        "A-3,C-1,2025-06-01,2025-07-01,10.00,19.00,EUR",
        "A-4,C-1,2025-06-01,2025-07-01,10.001,0,EUR",
        "A-5,C-1,2025-06-01,,-20.00,-1.00,EUR",
        "INV-000001,C-1,2025-06-01,,5.00,,EUR",
    ]
    summary = bring_in(shop, written(tmp_path, header, rows))
    assert (summary.units.created, summary.units.failed) == (2, 4)
    note = read(shop, shop.query('{ invoice(number: "A-5") { id } }')["invoice"]["id"])
    assert (note["kind"], amounts(note)) == ("CREDIT_NOTE", ("-19.00", "-1.00", "-20.00"))
    assert not shop.check()


def test_many_at_once_are_answered_row_by_row(shop: Shop) -> None:
    shop.customers.create("C-1")
    euros = {"amount": "10", "currency": "EUR"}
    rows = [
        {"number": "B-1", "customer": "C-1", "issuedOn": "2025-01-01", "total": euros},
        {"number": "B-1", "customer": "C-1", "issuedOn": "2025-01-01", "total": euros},
        {"number": "B-2", "customer": "NOBODY", "issuedOn": "2025-01-01", "total": euros},
        {"number": "B-3", "customer": "C-1", "issuedOn": "2030-01-01", "total": euros},
        {"number": "INV-7", "customer": "C-1", "issuedOn": "2025-01-01", "total": euros},
    ]
    results = shop.mutate("invoicesImport", invoices=rows, select="results { status code }")["results"]
    assert [item["status"] for item in results] == ["CREATED", "UNCHANGED", "REFUSED", "REFUSED", "REFUSED"]
    assert not shop.check()


def test_another_document_under_the_same_number_is_no_repeat(shop: Shop, tmp_path: Path) -> None:
    """A balance that was corrected elsewhere is not lost without a word; nor is 9999-12-31 a day of payment."""
    shop.customers.create("C-1")
    row = {"number": "B-1", "customer": "C-1", "issuedOn": "2025-01-01", "total": {"amount": "5", "currency": "EUR"}}
    other = {**row, "total": {"amount": "6", "currency": "EUR"}}
    never = {**row, "number": "B-2", "dueOn": "9999-12-31"}
    some = "results { status code field }"
    results = shop.mutate("invoicesImport", invoices=[row, row, other, never], select=some)["results"]
    assert [(it["status"], it["code"], it["field"]) for it in results] == [
        ("CREATED", None, None),
        ("UNCHANGED", None, None),
        ("REFUSED", "INVOICING_NUMBER_TAKEN", "number"),
        ("REFUSED", "BAD_USER_INPUT", "dueOn"),
    ]
    header = "number,customer,issued_on,due_on,total,tax,currency"
    again = bring_in(
        shop, written(tmp_path, header, ["B-1,C-1,2025-01-01,,5.00,,EUR", "B-1,C-1,2025-01-02,,5.00,,EUR"])
    )
    assert (again.units.unchanged, again.units.failed) == (1, 1)


@pytest.mark.skipif(not SAMPLE.is_file(), reason=f"no sample of 2,466 receivables at {SAMPLE}; it is not shipped")
def test_the_sample_of_2466_receivables_is_taken_whole(shop: Shop) -> None:
    summary = bring_in(shop, SAMPLE, load_mapping(MAPPING))
    assert summary.ok and (summary.rows.read, summary.units.created) == (2466, 2466), summary
    found = shop.query("{ invoices { totalCount } customers { totalCount } }")
    assert found == {"invoices": {"totalCount": 2466}, "customers": {"totalCount": 100}}
    assert not shop.check()
