"""The oddities of a real wholesaler's file, and the file itself where it is at hand.

The rows are from Online Retail (D. Chen, 2015, UCI, doi 10.24432/C5BW33), licence CC BY 4.0.
"""

from __future__ import annotations

import os
import time
from decimal import Decimal
from pathlib import Path

import pytest

from huikuan.clock import SystemClock
from huikuan.importing import Outcome, Unit, mapping_from_data, run_import
from kernel.tests.importing.memory import peak_mib
from kernel.tests.importing.shop import ORDERS, Shop, csv_file

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
ROWS = (
    "536365,85123A,WHITE HANGING HEART T-LIGHT HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
    "536365,71053,WHITE METAL LANTERN,6,2010-12-01 08:26:00,3.39,17850.0,United Kingdom",
    "536409,22866,HAND WARMER SCOTTY DOG DESIGN,1,2010-12-01 11:45:00,2.1,17908.0,United Kingdom",
    "536409,22866,HAND WARMER SCOTTY DOG DESIGN,1,2010-12-01 11:45:00,2.1,17908.0,United Kingdom",
    "C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,United Kingdom",
    "536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom",
    "536589,21777,,-10,2010-12-01 16:50:00,0.0,,United Kingdom",
    "539492,gift_0001_40,Dotcomgiftshop Gift Voucher £40.00,1,2010-12-20 10:14:00,34.04,,United Kingdom",
    "A563186,B,Adjust bad debt,1,2011-08-12 14:51:00,-11062.06,,United Kingdom",
    '536381,82567,"AIRLINE LOUNGE,METAL SIGN",2,2010-12-01 09:41:00,2.1,15311.0,United Kingdom',
    "536540,C2,CARRIAGE,1,2010-12-01 14:05:00,50.0,14911.0,EIRE",
)
MAPPING = {
    "columns": {
        "customer": {"source": "CustomerID", "whole_number": True, "default": "CASH"},
        "country": {"source": "Country", "values": {"United Kingdom": "GB", "EIRE": "IE"}},
    },
    "skip": [
        {"column": "InvoiceNo", "starts_with": "C", "reason": "a cancellation"},
        {"column": "InvoiceNo", "starts_with": "A", "reason": "a bad debt entry"},
    ],
}


def test_the_oddities_are_imported_or_named(shop: Shop, tmp_path: Path) -> None:
    path = csv_file(tmp_path, HEADER, *ROWS, name="online_retail.csv.gz")
    summary = shop.run(path, mapping=mapping_from_data(MAPPING))
    assert shop.order("536365") == ["85123A", "71053"]
    assert shop.order("536409") == ["22866", "22866"], "exact duplicate lines are two lines"
    assert shop.order("539492") == ["gift_0001_40"]
    customers = dict(shop.db.execute("SELECT reference, customer FROM orders"))
    assert customers["536365"] == "17850", "a customer number written as a float"
    assert customers["536414"] == "CASH", "a line without a customer"
    assert summary.errors == {"NEGATIVE": 1}, "a stock adjustment that is no cancellation"
    assert summary.notes == {"SKIPPED_BY_MAPPING": 2, "FREE": 1}
    assert (summary.rows.read, summary.rows.written, summary.rows.skipped, summary.rows.failed) == (
        11,
        8,
        2,
        1,
    )


def real_file() -> Path:
    """The whole file, from HUIKUAN_TEST_DATA or beside the checkout."""
    folder = Path(os.environ.get("HUIKUAN_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))
    path = folder / "online_retail" / "online_retail.csv.gz"
    if not path.exists():
        pytest.skip("online_retail.csv.gz is not at hand; HUIKUAN_TEST_DATA names its folder")
    return path


def test_the_whole_file_is_read_exactly_in_seconds() -> None:
    path = real_file()
    total, lines, sizes = Decimal(0), 0, {}

    def count(key: str, unit: Unit) -> Outcome:
        nonlocal total, lines
        lines += len(unit)
        sizes[unit.key] = len(unit)
        total += sum(row["quantity"] * row["price"] for row in unit)
        return Outcome()

    began = time.process_time()
    summary = run_import(ORDERS, path, execute=count, clock=SystemClock())
    assert time.process_time() - began < 30, "about 6 s on one ordinary core"
    assert (lines, len(sizes), summary.rows.read) == (541_909, 25_900, 541_909)
    assert total.quantize(Decimal("0.01")) == Decimal("9747747.93")
    assert summary.ok
    assert sum(key.startswith("C") for key in sizes) == 3_836


WHOLE_FILE = """
import sys
from pathlib import Path
from huikuan.clock import SystemClock
from huikuan.importing import Outcome, run_import
from kernel.tests.importing.shop import ORDERS
run_import(ORDERS, Path(sys.argv[1]), execute=lambda key, unit: Outcome(), clock=SystemClock())
"""


def test_the_whole_file_needs_little_memory() -> None:
    assert peak_mib(WHOLE_FILE, str(real_file())) < 100
