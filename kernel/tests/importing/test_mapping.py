"""The mapping file and how it is fitted to a file."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from huikuan.importing import (
    Column,
    ImportMapping,
    MappingError,
    describe_columns,
    load_mapping,
    mapping_from_data,
)
from huikuan.importing.model import Row
from huikuan.importing.plan import Plan, make_plan
from huikuan.importing.reader import RawRow
from kernel.tests.importing.shop import ORDERS, orders

RETAIL = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
EVERYTHING = """
encoding = "cp1252"
delimiter = ";"
decimal = ","
thousands = "."
datetime_formats = ["%d.%m.%Y %H:%M"]
timezone = "Europe/Berlin"
empty = ["NULL"]

[columns]
reference = "Beleg"
sku = "Artikel"
quantity = "Menge"
price = { source = "Preis", default = 0.10 }
customer = { source = "Kunde", whole_number = true, default = "CASH" }
ordered_at = "Datum"
country = { source = "Land", values = { Deutschland = "DE" } }
description = { constant = "imported" }

[[skip]]
column = "Beleg"
starts_with = ["C", "A"]
reason = "a cancellation"
"""


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def converted(plan: Plan, *cells: str) -> dict[str, Any]:
    row = plan.convert(RawRow(2, list(cells), None))
    assert isinstance(row, Row), row
    return row.values


def test_headers_and_aliases_are_recognised_without_a_mapping() -> None:
    plan = make_plan(ORDERS, ImportMapping(), RETAIL)
    assert {source.target: source.header for source in plan.sources} == {
        "reference": "InvoiceNo",
        "sku": "StockCode",
        "description": "Description",
        "quantity": "Quantity",
        "price": "UnitPrice",
        "customer": "CustomerID",
        "ordered_at": "InvoiceDate",
        "country": "Country",
    }
    spaced = make_plan(ORDERS, ImportMapping(), ("Order-Number", "stock code", "QUANTITY", "Price", "note"))
    assert [source.header for source in spaced.sources] == ["Order-Number", "stock code", "QUANTITY", "Price"]
    assert spaced.ignored == ("note",)


@pytest.mark.parametrize("form", ["toml", "json"])
def test_a_mapping_file_sets_everything(tmp_path: Path, form: str) -> None:
    text = EVERYTHING
    if form == "json":
        as_data = {
            "decimal": ",",
            "thousands": ".",
            "datetime_formats": "%d.%m.%Y %H:%M",
            "timezone": "Europe/Berlin",
            "empty": "NULL",
            "columns": {
                "reference": "Beleg",
                "sku": {"source": "Artikel"},
                "quantity": "Menge",
                "price": {"source": "Preis", "default": 0.10},
                "customer": {"source": "Kunde", "whole_number": True, "default": "CASH"},
                "ordered_at": "Datum",
                "country": {"source": "Land", "values": {"Deutschland": "DE"}},
                "description": {"constant": "imported"},
            },
        }
        text = json.dumps(as_data)
    mapping = load_mapping(write(tmp_path / f"m.{form}", text))
    header = ("Land", "Beleg", "Artikel", "Menge", "Preis", "Kunde", "Datum")
    plan = make_plan(ORDERS, mapping, header)
    cells = ("Deutschland", "B1", "A-1", "1.250,5", "NULL", "17850.0", "01.12.2010 08:26")
    assert converted(plan, *cells) == {
        "reference": "B1",
        "sku": "A-1",
        "description": "imported",
        "quantity": Decimal("1250.5"),
        "price": Decimal("0.1"),
        "customer": "17850",
        "ordered_at": datetime(2010, 12, 1, 7, 26, tzinfo=UTC),
        "country": "DE",
    }
    if form == "toml":
        assert plan.skip_reason(RawRow(2, ["x", "C5001"], None)) == "a cancellation"
        assert plan.skip_reason(RawRow(2, ["C", "5001"], None)) is None


def test_numbers_in_the_mapping_stay_as_written(tmp_path: Path) -> None:
    mapping = load_mapping(write(tmp_path / "m.toml", "[columns]\nprice = { constant = 1.10 }"))
    assert mapping.columns["price"].constant == "1.10"


def fit(data: dict[str, Any], header: tuple[str, ...] = RETAIL) -> Plan:
    return make_plan(ORDERS, mapping_from_data(data), header)


@pytest.mark.parametrize(
    ("data", "parts"),
    [
        (
            {"columns": {"customer": "Custmer"}},
            [
                "Column 'Custmer' of the mapping is not in the file",
                "'InvoiceNo', 'StockCode'",
                "Did you mean 'CustomerID'?",
            ],
        ),
        (
            {"columns": {"refrence": "InvoiceNo"}},
            ["'refrence'", "Did you mean 'reference'?", "It has: reference, sku"],
        ),
        ({"colums": {}}, ["'colums' is not known", "Did you mean 'columns'?"]),
        ({"columns": {"sku": {"sourc": "x"}}}, ["column 'sku' of the mapping", "Did you mean 'source'?"]),
        (
            {"columns": {"sku": {"source": "StockCode", "constant": "x"}}},
            ["either a source", "or a constant"],
        ),
        ({"columns": {"sku": 7}}, ["column 'sku'", "expected a table"]),
        (
            {"columns": {"price": {"source": "UnitPrice", "default": "cheap"}}},
            ["'cheap'", "'price'", "no number"],
        ),
        ({"columns": {"reference": {"constant": "1"}}}, ["puts rows together by 'reference'"]),
        ({"delimiter": ":"}, ["delimiter", '";"']),
        ({"decimal": ",", "thousands": ","}, ["both ','"]),
        ({"encoding": "gb1830"}, ["'gb1830' is not known", "Did you mean 'gb18030'?"]),
        ({"timezone": "Asia/Shangai"}, ["timezone 'Asia/Shangai'"]),
        ({"empty": [1]}, ["a text or a list of texts"]),
        ({"skip": [{"column": "InvoiceNo"}]}, ["skip rule 1", "needs equals, starts_with or matches"]),
        ({"skip": [{"column": "InvoiceNo", "matches": "("}]}, ["no regular expression"]),
        ({"skip": [{"column": "Invoice", "equals": "C"}]}, ["'Invoice'", "Did you mean 'InvoiceNo'?"]),
        (
            {"auto": False},
            ["required columns 'reference', 'sku', 'quantity', 'price'", "it has: 'InvoiceNo'"],
        ),
    ],
    ids=lambda value: None if isinstance(value, list) else json.dumps(value)[:40],
)
def test_a_wrong_mapping_says_what_is_wrong_and_how_to_mend_it(data: dict[str, Any], parts: list[str]) -> None:
    with pytest.raises(MappingError) as caught:
        fit(data)
    for part in parts:
        assert part in caught.value.message


def test_files_that_are_no_mapping_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="cannot be read"):
        load_mapping(tmp_path / "absent.toml")
    with pytest.raises(MappingError, match="is not valid"):
        load_mapping(write(tmp_path / "m.toml", "a ="))
    with pytest.raises(MappingError, match="is not valid"):
        load_mapping(write(tmp_path / "m.json", "{"))
    with pytest.raises(MappingError, match="expected a table"):
        load_mapping(write(tmp_path / "m.json", "[]"))


def test_a_header_that_could_be_two_things_is_not_guessed() -> None:
    with pytest.raises(MappingError, match="Several columns of the file could be 'reference'"):
        make_plan(ORDERS, ImportMapping(), ("reference", "InvoiceNo", "sku", "quantity", "price"))
    with pytest.raises(MappingError, match="2 columns named 'sku'"):
        fit({"columns": {"sku": "sku"}}, ("reference", "sku", "sku", "quantity", "price"))


def test_constants_are_written_in_the_neutral_notation() -> None:
    importer = orders(columns=(*ORDERS.columns, Column("due", "date")))
    mapping = mapping_from_data(
        {
            "decimal": ",",
            "thousands": ".",
            "date_formats": "%d.%m.%Y",
            "columns": {"due": {"constant": date(2026, 6, 30)}},
        }
    )
    assert make_plan(importer, mapping, RETAIL).fixed["due"] == date(2026, 6, 30)


def test_the_columns_are_described() -> None:
    text = describe_columns(ORDERS)
    assert "reference    text, required. Your number of the order." in text
    assert "also recognised as: InvoiceNo, order number" in text
    assert "Rows with the same reference belong together" in text
