"""A whole import: bad rows, the report, dry runs, and what is done again when it is run again."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from huikuan.errors import Refusal, Refused, SetupError
from huikuan.importing import (
    Column,
    ImportAborted,
    Importer,
    ImportFileError,
    MappingError,
    Outcome,
    RowError,
    Status,
    Unit,
    mapping_from_data,
)
from huikuan.importing.writing import MAX_FAILURES_IN_A_ROW
from kernel.tests.importing.shop import HEADER, ORDERS, Shop, csv_file, masters_first, orders

GOOD = ("1,A,1,2.50,C1", "1,B,2,1.00,C1", "2,A,3,2.50,C2")


def report_of(path: Path) -> list[tuple[str, str, str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [(line["row"], line["column"], line["code"], line["kind"]) for line in csv.DictReader(file)]


def test_good_orders_are_written(shop: Shop, tmp_path: Path) -> None:
    summary = shop.run(csv_file(tmp_path, HEADER, *GOOD))
    assert shop.order("1") == ["A", "B"]
    assert shop.order("2") == ["A"]
    assert (summary.rows.read, summary.rows.written, summary.units.created, summary.ok) == (3, 3, 2, True)
    assert "3 read, 3 written" in summary.render()
    assert summary.as_dict()["units"]["created"] == 2


def test_running_it_again_changes_nothing(shop: Shop, tmp_path: Path) -> None:
    path = csv_file(tmp_path, HEADER, *GOOD)
    shop.run(path)
    before = shop.contents()
    again = shop.run(path)
    assert (again.units.unchanged, again.units.created) == (2, 0)
    assert shop.contents() == before


def test_known_units_are_passed_over_in_bulk(shop: Shop, tmp_path: Path) -> None:
    shop.run(csv_file(tmp_path, HEADER, *GOOD))
    shop.keys.clear()
    asked: list[Collection[str]] = []

    def known(keys: Collection[str]) -> set[str]:
        asked.append(keys)
        return shop.known(keys)

    summary = shop.run(csv_file(tmp_path, HEADER, *GOOD, "3,A,1,1,C1"), known=known)
    assert asked == [["1", "2", "3"]]
    assert len(shop.keys) == 1
    assert (summary.units.unchanged, summary.units.created) == (2, 1)


def test_a_bad_row_fails_its_order_and_no_other(shop: Shop, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    path = csv_file(tmp_path, HEADER, "1,A,one,2.50,C1", "1,B,2,1.00,C1", "1,C", *GOOD[2:], "1,D,4,1,C1")
    summary = shop.run(path, report_path=report)
    assert shop.order("1") == []
    assert shop.order("2") == ["A"]
    assert (summary.units.failed, summary.units.created) == (1, 1)
    assert (summary.rows.read, summary.rows.written, summary.rows.failed) == (5, 1, 4)
    assert report_of(report) == [
        ("2", "quantity", "NOT_A_NUMBER", "error"),
        ("4", "", "TOO_FEW_FIELDS", "error"),
        ("2", "", "UNIT_LEFT_OUT", "note"),
    ]


def test_a_bad_row_alone_is_left_out_if_the_importer_wants_that(tmp_path: Path) -> None:
    shop = Shop(importer=orders(bad_row="row"))
    path = csv_file(tmp_path, HEADER, "1,A,one,2.50,C1", "1,B,2,1.00,C1", "1,GONE,1,1,C1", "2,A,x,1,C1")
    summary = shop.run(path)
    assert shop.order("1") == ["B"]
    assert summary.errors == {"NOT_A_NUMBER": 2, "UNKNOWN_SKU": 1}
    assert (summary.rows.read, summary.rows.written, summary.rows.failed) == (4, 1, 3)
    assert (summary.units.created, summary.units.failed) == (1, 1)
    again = shop.run(path)
    assert shop.order("1") == ["B"]
    assert again.units.unchanged == 1
    shop.close()


def test_all_that_is_wrong_with_a_row_is_reported_at_once(shop: Shop, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    shop.run(csv_file(tmp_path, HEADER, "1,,one,,C1"), report_path=report)
    assert [line[1:3] for line in report_of(report)] == [
        ("sku", "VALUE_REQUIRED"),
        ("quantity", "NOT_A_NUMBER"),
        ("price", "VALUE_REQUIRED"),
    ]


def test_an_error_of_the_importer_names_the_files_own_column(shop: Shop, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    path = csv_file(tmp_path, "InvoiceNo,StockCode,Quantity,UnitPrice", "1,A,1,1", "1,GONE,1,1", "2,A,-1,0")
    shop.run(path, report_path=report)
    assert report_of(report) == [
        ("3", "StockCode", "UNKNOWN_SKU", "error"),
        ("2", "", "UNIT_LEFT_OUT", "note"),
        ("4", "Quantity", "NEGATIVE", "error"),
    ]
    assert shop.contents() == []


def test_an_order_without_a_reference_fails_alone(shop: Shop, tmp_path: Path) -> None:
    summary = shop.run(csv_file(tmp_path, HEADER, ",A,1,1,C1", *GOOD, ",B,1,1,C1"))
    assert (summary.units.created, summary.units.failed) == (2, 2)
    assert summary.errors == {"VALUE_REQUIRED": 2}


def test_rows_the_mapping_leaves_out_are_counted_and_reported(shop: Shop, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    rules = [{"column": "reference", "starts_with": "C", "reason": "a cancellation"}]
    path = csv_file(tmp_path, HEADER, "C1,A,-1,1,C1", *GOOD, "C1,B,-1,1,C1")
    summary = shop.run(path, mapping=mapping_from_data({"skip": rules}), report_path=report)
    assert (summary.rows.read, summary.rows.written, summary.rows.skipped) == (5, 3, 2)
    assert [line[0] for line in report_of(report)] == ["2", "6"]
    assert summary.ok


def test_a_dry_run_reports_the_same_and_writes_nothing(tmp_path: Path) -> None:
    lines = (HEADER, *GOOD, "3,GONE,1,1,C1", "4,A,x,1,C1", "5,A,1,0,C1", "5,A,1,0,C9")
    path = csv_file(tmp_path, *lines)
    shop = Shop(importer=orders(prepare=masters_first))
    dry = shop.run(path, dry_run=True, report_path=tmp_path / "dry.csv", transact=shop.transact)
    assert shop.contents() == []
    wet = shop.run(path, report_path=tmp_path / "wet.csv", transact=shop.transact)
    assert shop.contents() != []
    assert (tmp_path / "dry.csv").read_bytes() == (tmp_path / "wet.csv").read_bytes()
    assert (dry.rows, dry.units, dry.errors, dry.notes) == (wet.rows, wet.units, wet.errors, wet.notes)
    assert "nothing was written" in dry.render()
    shop.close()


def test_masters_are_written_first_and_from_good_rows_only(tmp_path: Path) -> None:
    shop = Shop(importer=orders(prepare=masters_first))
    shop.run(csv_file(tmp_path, HEADER, *GOOD, "3,A,x,1,C3"), transact=shop.transact)
    assert list(shop.db.execute("SELECT code FROM customers ORDER BY code")) == [("C1",), ("C2",)]
    with pytest.raises(SetupError, match="run_import needs transact"):
        shop.run(csv_file(tmp_path, HEADER, *GOOD))
    shop.close()


def test_a_refusal_of_a_command_becomes_a_line_of_the_report(shop: Shop, tmp_path: Path) -> None:
    def refuse(key: str, unit: Unit) -> Outcome:
        raise Refused(Refusal("CREDIT_LIMIT", "Over the limit."), Refusal("HOLD", "On hold."))

    summary = shop.run(csv_file(tmp_path, HEADER, *GOOD), execute=refuse)
    assert summary.errors == {"CREDIT_LIMIT": 2, "HOLD": 2}
    assert summary.units.failed == 2


def test_a_crash_costs_its_unit_only_and_tells_nothing_inside(shop: Shop, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"

    def crash_on_1(key: str, unit: Unit) -> Outcome:
        if unit.key == "1":
            raise ZeroDivisionError("SELECT secret")
        return shop.execute(key, unit)

    summary = shop.run(csv_file(tmp_path, HEADER, *GOOD), execute=crash_on_1, report_path=report)
    assert shop.order("2") == ["A"]
    assert summary.errors == {"UNEXPECTED_ERROR": 1}
    assert "secret" not in report.read_text(encoding="utf-8")


def test_an_import_that_fails_throughout_stops_and_keeps_its_report(shop: Shop, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    tried: list[str] = []

    def down(key: str, unit: Unit) -> Outcome:
        tried.append(unit.key)
        raise ConnectionError("the database is away")

    path = csv_file(tmp_path, HEADER, *(f"{number},A,1,1,C1" for number in range(100)))
    with pytest.raises(ImportAborted, match="run the same command again"):
        shop.run(path, execute=down, report_path=report)
    assert len(tried) == MAX_FAILURES_IN_A_ROW
    assert len(report_of(report)) == MAX_FAILURES_IN_A_ROW


def test_ctrl_c_ends_in_good_order_and_the_next_run_goes_on(shop: Shop, tmp_path: Path) -> None:
    path = csv_file(tmp_path, HEADER, *GOOD)

    def interrupted(key: str, unit: Unit) -> Outcome:
        if unit.key == "2":
            raise KeyboardInterrupt
        return shop.execute(key, unit)

    summary = shop.run(path, execute=interrupted)
    assert summary.interrupted
    assert not summary.ok
    assert "again to go on" in summary.render()
    assert shop.run(path).units.unchanged == 1
    assert shop.order("2") == ["A"]


def test_nothing_is_written_when_the_file_or_mapping_is_wrong(shop: Shop, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "reference,sku,quantity", "1,A,1")
    report = tmp_path / "report.csv"
    with pytest.raises(MappingError, match="required column 'price'"):
        shop.run(path, report_path=report)
    with pytest.raises(ImportFileError, match="would overwrite"):
        shop.run(path, report_path=path)
    with pytest.raises(MappingError, match="'latin-99' is not known"):
        shop.run(path, encoding="latin-99")
    with pytest.raises(ImportFileError, match="cannot be written"):
        shop.run(csv_file(tmp_path, HEADER, *GOOD), report_path=tmp_path / "absent" / "report.csv")
    assert not report.exists()
    assert shop.contents() == []


def test_notes_of_the_importer_are_reported(shop: Shop, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    summary = shop.run(csv_file(tmp_path, HEADER, "1,A,1,1,C1", "1,B,1,0,C1"), report_path=report)
    assert report_of(report) == [("3", "", "FREE", "note")]
    assert summary.ok
    assert summary.notes == {"FREE": 1}


def test_the_report_cannot_run_a_formula_and_shows_values_shortened(shop: Shop, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    path = csv_file(tmp_path, HEADER, '1,A,"=HYPERLINK(""x"")",1,C1', f"2,A,{'9' * 200}x,1,C1", "3,A,-1.5,1,C1")
    shop.run(path, report_path=report)
    with report.open(encoding="utf-8-sig", newline="") as file:
        values = [line["value"] for line in csv.DictReader(file)]
    assert values == ['\'=HYPERLINK("x")', "9" * 79 + "…", "-1.5"]
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


PAYMENTS = Importer(
    name="payments",
    title="Payments",
    description="Payments without a reference of their own.",
    columns=(Column("customer", required=True), Column("amount", "decimal", required=True)),
    write=lambda ctx, unit: Outcome(status=Status.CREATED),
)


def keys_of(path: Path, **options: Any) -> list[str]:
    shop = Shop(importer=PAYMENTS)
    shop.run(path, **options)
    shop.close()
    return shop.keys


def test_rows_without_a_reference_get_a_key_from_their_content(tmp_path: Path) -> None:
    lines = ("customer,amount", "C1,5", "C1,5", "C2,5")
    keys = keys_of(csv_file(tmp_path, *lines))
    assert len(set(keys)) == 3
    assert all(key.startswith("import:payments:") and len(key) <= 255 for key in keys)
    assert keys_of(csv_file(tmp_path, *lines, name="renamed.csv.gz")) == keys
    longer = keys_of(csv_file(tmp_path, "customer,amount", "C3,1", "C2,5", "C1,bad", "C1,5", "C1,5"))
    assert set(longer) > set(keys)


def test_known_is_not_asked_without_groups(tmp_path: Path) -> None:
    def known(keys: Collection[str]) -> set[str]:
        raise AssertionError("rows have no key that could be known")

    assert len(keys_of(csv_file(tmp_path, "customer,amount", "C1,5"), known=known)) == 1


def test_a_row_error_without_a_row_fails_the_unit(tmp_path: Path) -> None:
    def refuse(key: str, unit: Unit) -> Outcome:
        raise RowError("CLOSED", "The period is closed.", column="price", value="2010")

    shop = Shop(importer=orders(bad_row="row"))
    summary = shop.run(csv_file(tmp_path, HEADER, *GOOD), execute=refuse)
    assert (summary.units.failed, summary.rows.failed) == (2, 3)
    shop.close()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"group_by": "number"}, "not among its columns"),
        ({"group_by": "price"}, "must be of type 'text'"),
        ({"bad_row": "maybe"}, "use 'unit' or 'row'"),
        ({"columns": (Column("reference"), Column("reference"))}, "names a column twice"),
    ],
    ids=["unknown group", "group of numbers", "policy", "double"],
)
def test_a_wrong_importer_is_a_set_up_error(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SetupError, match=message):
        orders(**changes)


def test_a_row_brings_its_cells_as_the_file_has_them(tmp_path: Path) -> None:
    taken: list[Unit] = []

    def keep(_ctx: Any, unit: Unit) -> Outcome:
        taken.append(unit)
        return Outcome()

    plain = replace(ORDERS, group_by=None, columns=(Column("price", "decimal"),), write=keep, keep_raw=True)
    path = csv_file(tmp_path, "price,note,note,", "1.50,a ,b,c", "2,x,,", "1.50,a ,b,c")
    Shop(importer=plain).run(path)
    assert [unit.first.raw for unit in taken][:2] == [
        {"price": "1.50", "note": "a ", "note (3)": "b", "column (4)": "c"},
        {"price": "2", "note": "x", "note (3)": "", "column (4)": ""},
    ]
    assert [unit.occurrence for unit in taken] == [1, 1, 2]
    assert {unit.file for unit in taken} == {hashlib.sha256(path.read_bytes()).hexdigest()}
