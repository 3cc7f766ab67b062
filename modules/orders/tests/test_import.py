"""The import of a wholesaler's year of orders, oddity by oddity.

The rows are from Online Retail (D. Chen, 2015, UCI, doi 10.24432/C5BW33), licence CC BY 4.0.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import huikuan_orders
from huikuan.importing import ImportSummary, load_mapping
from huikuan.importing.mapping import ImportMapping
from huikuan.importing_commands import import_file
from huikuan.testing.shop import Shop
from modules.orders.tests.reading import events

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
ROWS = (
    "536365,85123A,WHITE HANGING HEART T-LIGHT HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
    "536365,71053,WHITE METAL LANTERN,6,2010-12-01 08:26:00,3.39,17850.0,United Kingdom",
    "536409,22866,HAND WARMER SCOTTY DOG DESIGN,1,2010-12-01 11:45:00,2.1,17908.0,United Kingdom",
    "536409,22866,HAND WARMER SCOTTY DOG DESIGN,1,2010-12-01 11:45:00,2.1,17908.0,United Kingdom",
    "C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,United Kingdom",
    "536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom",
    "536589,21777,,-10,2010-12-01 16:50:00,0.0,,United Kingdom",
    "539492,gift_0001_40,Dotcomgiftshop Gift Voucher £40.00,1,2010-12-20 10:14:00,34.04,,EIRE",
    "A563185,B,Adjust bad debt,1,2011-08-12 14:50:00,11062.06,,United Kingdom",
    "A563186,B,Adjust bad debt,1,2011-08-12 14:51:00,-11062.06,,United Kingdom",
    '536381,82567,"AIRLINE LOUNGE,METAL SIGN",2,2010-12-01 09:41:00,2.1,15311.0,United Kingdom',
    "536540,C2,CARRIAGE,1,2010-12-01 14:05:00,50.0,14911.0,EIRE",
    "536540,85123A,CREAM HANGING HEART T-LIGHT HOLDER,1,2010-12-01 14:05:00,2.95,14911.0,EIRE",
)
MAPPINGS = Path(huikuan_orders.__file__).parent / "mappings"
ORDERS = """{ orders(first: 100) { nodes { reference number kind status currency orderedOn total { amount }
  customer { code name tags } lines { sku description quantity unitPrice gross { amount } } } } }"""


def bring_in(
    shop: Shop, folder: Path, header: str, rows: Sequence[str], mapping: ImportMapping | None = None, **options: Any
) -> ImportSummary:
    """Import these lines."""
    path = folder / "orders.csv.gz"
    path.write_bytes(gzip.compress("\n".join([header, *rows, ""]).encode()))
    importer = shop.scope.composition.importers["orders"][0]
    return import_file(shop.kernel, shop.scope, importer, path, mapping=mapping, **options)


def online_retail(shop: Shop, folder: Path, rows: Sequence[str] = ROWS, **options: Any) -> ImportSummary:
    """Import lines of the wholesaler's file with the mapping that ships for it."""
    return bring_in(shop, folder, HEADER, rows, load_mapping(MAPPINGS / "online_retail.toml"), **options)


def orders(shop: Shop) -> dict[str, dict[str, Any]]:
    """All orders by reference."""
    return {order["reference"]: order for order in shop.query(ORDERS)["orders"]["nodes"]}


def test_each_oddity_is_imported_or_named(shop: Shop, tmp_path: Path) -> None:
    summary = online_retail(shop, tmp_path)
    assert summary.ok, summary
    found = orders(shop)
    assert set(found) == {"536365", "536409", "C536379", "536414", "539492", "536381", "536540"}
    assert {order["status"] for order in found.values()} == {"DONE"}
    assert {order["currency"] for order in found.values()} == {"GBP"}
    assert found["536365"]["total"]["amount"] == "35.64" and found["536365"]["orderedOn"] == "2010-12-01"
    assert found["536365"]["customer"]["code"] == "17850", "a customer number written as a float"
    assert len(found["536409"]["lines"]) == 2, "exact duplicate lines are two lines"
    assert (found["C536379"]["kind"], found["C536379"]["total"]["amount"]) == ("RETURN", "-27.50")
    assert found["536414"]["customer"] == {
        "code": "WALK-IN-GB",
        "name": "Walk-in customers, GB",
        "tags": ["country:GB"],
    }
    assert found["536414"]["lines"][0]["description"] == "22139", "neither line nor product has a text"
    assert found["539492"]["customer"]["code"] == "WALK-IN-IE"
    assert found["536540"]["lines"][1]["description"] == "CREAM HANGING HEART T-LIGHT HOLDER", "a text per line"
    assert summary.notes == {"SKIPPED_BY_MAPPING": 2, "STOCK_ADJUSTMENT": 1, "FREE_LINE": 1, "WALK_IN": 2}
    assert (summary.rows.read, summary.rows.written, summary.rows.skipped, summary.units.created) == (13, 10, 3, 7)
    assert not shop.check()


def test_services_are_told_from_goods(shop: Shop, tmp_path: Path) -> None:
    online_retail(shop, tmp_path)
    nodes = shop.query("{ products(first: 100) { nodes { sku kind name } } }")["products"]["nodes"]
    assert {item["sku"]: item["kind"] for item in nodes if item["kind"] == "SERVICE"} == {
        "C2": "SERVICE",
        "D": "SERVICE",
    }
    names = {item["sku"]: item["name"] for item in nodes}
    assert names["85123A"] == "WHITE HANGING HEART T-LIGHT HOLDER", "the first text of several"
    assert "21777" not in names and "B" not in names, "what is on no order is no product"


def test_importing_again_changes_nothing(shop: Shop, tmp_path: Path) -> None:
    online_retail(shop, tmp_path, ROWS[:4])
    before = orders(shop)
    summary = online_retail(shop, tmp_path)
    assert (summary.units.created, summary.units.unchanged) == (5, 2)
    assert {key: orders(shop)[key] for key in before} == before
    assert events(shop).count("ORDER_CREATED") == 7


def test_a_dry_run_writes_nothing(shop: Shop, tmp_path: Path) -> None:
    summary = online_retail(shop, tmp_path, dry_run=True)
    assert summary.units.created == 7 and summary.dry_run
    assert orders(shop) == {}
    assert shop.query("{ customers { totalCount } products { totalCount } }") == {
        "customers": {"totalCount": 0},
        "products": {"totalCount": 0},
    }


def test_new_orders_are_priced_taxed_and_named_when_wrong(shop: Shop, tmp_path: Path) -> None:
    """Without a mapping: the shop's own export, as drafts."""
    shop.products.tax_rate("STD", "20")
    shop.products.create("A1", price="10", taxRate={"code": "STD"})
    shop.customers.create("C-1")
    rows = [
        "web-1,C-1,A1,2,,10,2026-01-05",
        "web-1,C-1,,1,5,,2026-01-05",
        "web-2,C-2,A1,1,-4,,2026-01-05",
        "web-3,C-1,A1,0,,,2026-01-05",
        "web-4,C-1,A1,1,,,2026-01-05",
        "web-4,C-1,NEW,1,,,2026-01-05",
    ]
    report = tmp_path / "report.csv"
    summary = bring_in(
        shop,
        tmp_path,
        "reference,customer,sku,quantity,unit_price,discount_percent,date",
        rows,
        report_path=report,
    )
    found = orders(shop)
    assert found["web-1"]["status"] == "DRAFT" and found["web-1"]["total"]["amount"] == "21.60"
    assert [item["sku"] for item in found["web-1"]["lines"]] == ["A1"], "a line of free text needs a text"
    assert set(found) == {"web-1"}
    assert set(summary.errors) == {"BAD_LINE", "NEGATIVE_PRICE", "NO_QUANTITY", "ORDERS_PRICE_MISSING"}
    assert "web-4" in report.read_text()


def test_every_country_of_the_file_is_known(shop: Shop, tmp_path: Path) -> None:
    rows = [ROWS[7].replace("EIRE", "Unspecified"), ROWS[5].replace("United Kingdom", "Channel Islands")]
    online_retail(shop, tmp_path, rows)
    found = orders(shop)
    assert found["539492"]["customer"]["code"] == "WALK-IN-ZZ"
    assert found["536414"]["customer"]["code"] == "WALK-IN-GG"
