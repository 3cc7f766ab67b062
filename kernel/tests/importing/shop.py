"""A small order importer over a real SQLite file, for the tests of this folder."""

from __future__ import annotations

import gzip
import sqlite3
import weakref
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from huikuan.clock import FixedClock
from huikuan.importing import (
    Column,
    Importer,
    ImportRun,
    ImportSummary,
    Note,
    Outcome,
    RowErrors,
    Status,
    Unit,
    run_import,
)

if TYPE_CHECKING:
    from huikuan.context import Context

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
HEADER = "reference,sku,quantity,price,customer"

COLUMNS = (
    Column("reference", "text", True, "Your number of the order.", aliases=("InvoiceNo", "order number")),
    Column("sku", "text", True, "What was ordered.", aliases=("StockCode",), max_length=12),
    Column("description", "text", False, "Text of the line."),
    Column("quantity", "decimal", True, "How many.", places=6),
    Column("price", "decimal", True, "Price of one.", aliases=("UnitPrice",), places=4),
    Column("customer", "text", False, "Customer code.", aliases=("CustomerID",)),
    Column("ordered_at", "datetime", False, "When.", aliases=("InvoiceDate",)),
    Column("country", "text", False, "Country of the customer."),
)


def write_order(ctx: Context, unit: Unit) -> Outcome:
    """Write an order and its lines, unless the reference is there."""
    db = cast("sqlite3.Connection", ctx)
    if db.execute("SELECT 1 FROM orders WHERE reference = ?", (unit.key,)).fetchone():
        return Outcome(status=Status.UNCHANGED)
    if wrong := [row.error("UNKNOWN_SKU", "No such product.", column="sku") for row in unit if row["sku"] == "GONE"]:
        raise RowErrors(wrong)
    for row in unit:
        if row["quantity"] < 0:
            raise row.error("NEGATIVE", "The quantity is negative.", column="quantity")
    db.execute("INSERT INTO orders VALUES (?, ?)", (unit.key, unit.first.get("customer", "CASH")))
    for number, row in enumerate(unit, 1):
        values = (unit.key, number, row["sku"], str(row["quantity"]), str(row["price"]))
        db.execute("INSERT INTO lines VALUES (?, ?, ?, ?, ?)", values)
    free = [row for row in unit if row["price"] == 0]
    return Outcome(notes=tuple(Note("FREE", "The price is zero.", row=row.number) for row in free))


ORDERS = Importer(
    name="orders",
    title="Orders",
    description="Orders with their lines.",
    columns=COLUMNS,
    group_by="reference",
    write=write_order,
)


def orders(*, bad_row: Literal["unit", "row"] = "unit", **changes: Any) -> Importer:
    return replace(ORDERS, bad_row=bad_row, **changes)


class Shop:
    """The database: each unit in its own transaction, or all in one that is rolled back (dry run)."""

    def __init__(self, path: Path | str = ":memory:", importer: Importer = ORDERS) -> None:
        self.importer = importer
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)  # whoever collects it closes it
        weakref.finalize(self, self.db.close)
        self.db.execute("PRAGMA synchronous = OFF")
        self.db.execute("CREATE TABLE IF NOT EXISTS orders (reference TEXT PRIMARY KEY, customer TEXT NOT NULL)")
        self.db.execute(
            "CREATE TABLE IF NOT EXISTS lines (reference TEXT, number INT, sku TEXT, quantity TEXT, "
            "price TEXT, PRIMARY KEY (reference, number))"
        )
        self.keys: list[str] = []

    def close(self) -> None:
        self.db.close()

    def execute(self, key: str, unit: Unit) -> Outcome:
        self.keys.append(key)
        return cast("Outcome", self.transact(key, lambda ctx: self.importer.write(ctx, unit)))

    def transact(self, key: str, work: Callable[[Context], Any]) -> Any:
        self.db.execute("SAVEPOINT unit")
        try:
            result = work(cast("Context", self.db))
        except BaseException:
            self.db.execute("ROLLBACK TO unit")
            self.db.execute("RELEASE unit")
            raise
        self.db.execute("RELEASE unit")
        return result

    def known(self, keys: Collection[str]) -> set[str]:
        marks = ", ".join("?" * len(keys))
        found = self.db.execute(f"SELECT reference FROM orders WHERE reference IN ({marks})", tuple(keys))
        return {reference for (reference,) in found}

    def run(self, path: Path, *, dry_run: bool = False, **options: Any) -> ImportSummary:
        options.setdefault("execute", self.execute)
        options.setdefault("clock", FixedClock(NOON))
        if dry_run:
            self.db.execute("BEGIN")
        try:
            return run_import(self.importer, path, dry_run=dry_run, **options)
        finally:
            if dry_run:
                self.db.execute("ROLLBACK")

    def contents(self) -> list[tuple[Any, ...]]:
        """Everything that was imported, in the order of writing."""
        return [
            *self.db.execute("SELECT * FROM orders ORDER BY rowid"),
            *self.db.execute("SELECT * FROM lines ORDER BY rowid"),
        ]

    def order(self, reference: str) -> list[str]:
        """The SKUs of an order."""
        rows = self.db.execute("SELECT sku FROM lines WHERE reference = ? ORDER BY number", (reference,))
        return [sku for (sku,) in rows]


def masters_first(run: ImportRun, units: Iterable[Unit]) -> None:
    """Write each customer once, before the orders."""
    for code in sorted({row.get("customer", "CASH") for unit in units for row in unit}):
        run.command(code, lambda ctx, code=code: _customer(ctx, code))  # type: ignore[misc]


def _customer(ctx: Context, code: str) -> None:
    db = cast("sqlite3.Connection", ctx)
    db.execute("CREATE TABLE IF NOT EXISTS customers (code TEXT PRIMARY KEY)")
    db.execute("INSERT INTO customers VALUES (?) ON CONFLICT DO NOTHING", (code,))


def csv_file(folder: Path, *lines: str, name: str = "orders.csv", encoding: str = "utf-8") -> Path:
    """Write a file; a name in .gz is packed."""
    path = folder / name
    content = ("\n".join(lines) + "\n").encode(encoding)
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path
