"""The shipped slice of a real wholesaler's orders, cut into the days of the demo."""

from __future__ import annotations

import csv
import gzip
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from huikuan.demo_step import DemoRun
from huikuan.importing import ColumnMapping, ImportSummary, load_mapping
from huikuan.importing_commands import import_file
from huikuan_orders.importers import orders

__all__ = ["LARGE", "LAST", "day_before", "import_rows", "rows_between"]

HERE = Path(__file__).parent
SLICE = HERE / "data" / "online_retail_slice.csv.gz"
MAPPING = HERE / "mappings" / "online_retail.toml"
LAST = date(2011, 12, 9)
"""The slice's last day, a Friday."""
LARGE = 15
"""Orders of more lines, and those of walk-in customers, are left out: the demo should not take longer than a minute."""

Row = dict[str, str]


@lru_cache(maxsize=1)
def _rows() -> tuple[tuple[str, ...], tuple[Row, ...]]:
    with gzip.open(SLICE, "rt", encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = tuple(reader)
        return tuple(reader.fieldnames or ()), rows


@lru_cache(maxsize=1)
def _sizes() -> dict[str, int]:
    sizes: dict[str, int] = {}
    for row in _rows()[1]:
        sizes[row["InvoiceNo"]] = sizes.get(row["InvoiceNo"], 0) + 1
    return sizes


def _played(row: Row) -> bool:
    return bool(row["CustomerID"]) and _sizes()[row["InvoiceNo"]] <= LARGE


def rows_between(demo: DemoRun, after: date, until: date) -> tuple[list[Row], list[Row]]:
    """Rows of orders after a day until another, both the demo's, with the demo's dates: played, and left out."""
    moved = demo.last_day - LAST
    played: list[Row] = []
    left_out: list[Row] = []
    for row in _rows()[1]:
        day = date.fromisoformat(row["InvoiceDate"][:10]) + moved
        if after < day <= until:
            dated = {**row, "InvoiceDate": f"{day}{row['InvoiceDate'][10:]}"}
            (played if _played(row) else left_out).append(dated)
    return played, left_out


def import_rows(demo: DemoRun, rows: Iterable[Row]) -> ImportSummary:
    """Import them as drafts, through the command that clients use."""
    shipped = load_mapping(MAPPING)
    mapping = replace(shipped, columns={**shipped.columns, "past": ColumnMapping(constant="false")})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        _write(path, _rows()[0], rows)
        return import_file(
            demo.kernel, demo.scope, orders, path, mapping=mapping, report_path=Path(folder) / "report.csv"
        )


def _write(path: Path, header: Sequence[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header)
        writer.writeheader()
        writer.writerows(rows)


def day_before(demo: DemoRun, day: date) -> date:
    """The working day before; orders of a weekend come in on Monday."""
    earlier = [one for one in demo.days if one < day]
    return earlier[-1] if earlier else day - timedelta(days=1)
