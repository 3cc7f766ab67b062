"""The AR sample with its settlements, loaded through the commands, against a book that a plain script keeps."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import huikuan_invoicing
from huikuan.importing import load_mapping
from huikuan.importing_commands import import_file
from huikuan.testing.shop import Shop

SAMPLE = Path(os.environ.get("HUIKUAN_AR_INVOICES", "../shared/data/ar_invoices/ar_invoices.csv"))
SCRIPT = Path(__file__).with_name("ar_book.py")
MAPPING = Path(huikuan_invoicing.__file__).parent / "mappings" / "ar_invoices.toml"
DAYS = [str(date(2012, 2, 15) + timedelta(days=75 * place)) for place in range(10)]
AGING = """query($asOf: Date!) { receivablesAging(asOf: $asOf) {
  buckets { label amount { amount } } totals { open { amount currency } unapplied { amount } }
  rows { customer { code } open { amount } } } }"""
STATEMENT = """query($code: String!, $until: Date!) { receivablesStatement(customer: {code: $code}, currency: "USD",
  until: $until) { closing { amount } openItems { open { amount } } lines { kind balance { amount } } hasNextPage } }"""

pytestmark = pytest.mark.skipif(not SAMPLE.is_file(), reason=f"no sample of receivables at {SAMPLE}; it is not shipped")


def load(shop: Shop, file: Path, count: int) -> None:
    """Invoices by the importer, payments by ``paymentsImport`` on the day that they came."""
    importer = shop.scope.composition.importers["invoices"][0]
    summary = import_file(shop.kernel, shop.scope, importer, file, mapping=load_mapping(MAPPING))
    assert summary.ok and summary.units.created == count, summary
    with file.open(encoding="utf-8", newline="") as handle:
        payments = [payment(row) for row in csv.DictReader(handle)]
    for start in range(0, len(payments), 500):
        page = payments[start : start + 500]
        answer = shop.mutate("paymentsImport", payments=page, select="results { status code message }")
        assert {it["status"] for it in answer["results"]} == {"CREATED"}, answer["results"]


def payment(row: dict[str, str]) -> dict[str, Any]:
    month, day, year = map(int, row["SettledDate"].split("/"))
    return {
        "customer": row["customerID"],
        "reference": f"settled-{row['invoiceNumber']}",
        "amount": {"amount": row["InvoiceAmount"], "currency": "USD"},
        "receivedOn": date(year, month, day),
        "rate": "0.75",
        "invoices": [row["invoiceNumber"]],
    }


def recomputed(file: Path) -> dict[str, dict[str, Any]]:
    """What the script says, run where no package of the project is to be found."""
    command = [sys.executable, "-I", "-S", str(SCRIPT), str(file), *DAYS]
    found: dict[str, dict[str, Any]] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return found


@pytest.mark.parametrize(("every", "count"), [(10, 247), pytest.param(1, 2466, marks=pytest.mark.soak)])
def test_the_book_of_the_sample_is_what_its_file_says(
    app_with: Callable[..., Shop], tmp_path: Path, every: int, count: int
) -> None:
    shop = app_with("receivables")
    header, *rows = SAMPLE.read_text(encoding="utf-8").splitlines()
    file = tmp_path / "sample.csv"
    file.write_text("\n".join([header, *rows[::every], ""]), encoding="utf-8")
    load(shop, file, count)
    books = recomputed(file)
    assert len(books) == 10 and all(Decimal(book["open"]) > 0 for book in books.values())
    for day, book in books.items():
        found = shop.query(AGING, asOf=day)["receivablesAging"]
        [total] = found["totals"]
        assert total == {"open": {"amount": book["open"], "currency": "USD"}, "unapplied": {"amount": "0.00"}}, day
        assert {row["customer"]["code"]: row["open"]["amount"] for row in found["rows"]} == book["customers"], day
        aged = {it["label"]: it["amount"]["amount"] for it in found["buckets"] if it["amount"]["amount"] != "0.00"}
        assert aged == book["buckets"], day
    for code, open in list(books[DAYS[4]]["customers"].items())[:10]:
        account = shop.query(STATEMENT, code=code, until=DAYS[4])["receivablesStatement"]
        assert account["closing"]["amount"] == open == account["lines"][-1]["balance"]["amount"]
    today = shop.query("{ receivablesAging { rowCount totals { open { amount } } } }")["receivablesAging"]
    assert today == {"rowCount": 0, "totals": []}, "all of it is settled by now"
    assert not shop.check()
