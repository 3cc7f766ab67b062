"""5,000 orders of a real wholesaler: imported, confirmed, shipped and invoiced through the commands that users call."""

from __future__ import annotations

import csv
import gzip
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

import huikuan_orders
from bench.__main__ import Options
from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.cli import main
from huikuan.core.hookspecs import kernel_invariants
from huikuan.db import Database
from huikuan.ids import new_id
from huikuan.invariants import run_checks
from huikuan.kernel import Kernel
from huikuan.runner import CommandResult
from huikuan_inventory.models import Shipment, StockItem
from huikuan_inventory.snapshots import ShipmentState
from huikuan_invoicing.models import Invoice
from huikuan_invoicing.snapshots import InvoiceKind, InvoiceStatus
from huikuan_orders.api import orders_by_id
from huikuan_orders.models import Order
from huikuan_orders.snapshots import LineSnapshot, OrderKind, OrderSnapshot
from huikuan_products.api import products_by_id
from huikuan_products.snapshots import ProductKind

BARS = {
    "orders": "== 5000",
    "unshipped_units": "== 0",
    "uninvoiced_gbp": "== 0",
    "refused": "== 0",
    "broken_invariants": "== 0",
}
DATA = Path(os.environ.get("HUIKUAN_DATA", "../shared/data")) / "online_retail" / "online_retail.csv.gz"
MAPPING = Path(huikuan_orders.__file__).parent / "mappings" / "online_retail.toml"
ORDERS = 5_000
PAGE = 200
TENANT = "bench"
ZERO = Decimal(0)


def run(options: Options) -> dict[str, float]:
    """Skipped by name where the data is not at hand."""
    if not DATA.exists():
        sys.exit(f"bench goods: skipped, {DATA} is not here; set HUIKUAN_DATA to the folder that holds online_retail/")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "slice.csv"
        with gzip.open(DATA, "rt", encoding="utf-8", newline="") as source:
            write_slice(source, file, 100 if options.quick else ORDERS)
        return measure(file, options.database or f"sqlite:///{Path(folder) / 'bench.db'}")


def write_slice(source: Iterator[str], target: Path, count: int) -> None:
    """The first orders of the file: without entries of the ledger and corrections of the stock, which are none."""
    rows = csv.reader(source)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header := next(rows))
        column = {name: header.index(name) for name in ("InvoiceNo", "Quantity", "UnitPrice")}
        orders = set()  # the lines of one do not always stand together
        for number, lines in groupby(rows, key=lambda row: row[column["InvoiceNo"]]):
            kept = [row for row in lines if row[column["Quantity"]][0] != "-" or Decimal(row[column["UnitPrice"]])]
            if kept and not number.startswith("A"):
                writer.writerows(kept)
                orders.add(number)
            if len(orders) == count:
                return


def measure(file: Path, url: str) -> dict[str, float]:
    """The whole way of the orders of a file, from the import to the last posted invoice."""
    started = time.perf_counter()
    _import(file, url)
    imported = time.perf_counter()
    kernel = Kernel(Database(url), ModuleCatalog.discover(), KeyRing.generate())
    try:
        company = _Company(kernel)
        company.stock_up()
        stocked = time.perf_counter()
        company.sell()
        sold = time.perf_counter()
        rows = company.figures()
    finally:
        kernel.close()
    seconds = {"import_s": imported - started, "stock_s": stocked - imported, "sell_s": sold - stocked}
    return {**rows, **seconds, "orders_per_s": rows["orders"] / seconds["sell_s"]}


def _import(file: Path, url: str) -> None:
    """As drafts: the mapping that is shipped says that all of it is past."""
    mapping = file.with_suffix(".toml")
    mapping.write_text(MAPPING.read_text(encoding="utf-8").replace("past = { constant = true }\n", ""), "utf-8")
    modules = "orders,inventory,invoicing"
    codes = [
        main(["--database-url", url, *words])
        for words in (
            ["db", "upgrade"],
            ["tenant", "create", TENANT, "--currency", "GBP", "--modules", modules],
            ["import", "orders", str(file), "--tenant", TENANT, "--mapping", str(mapping), "--quiet"],
        )
    ]
    if codes != [0, 0, 0]:
        sys.exit(f"bench goods: setting up or importing failed: {codes}")


class _Company:
    """The tenant, and whoever sells, ships and invoices for it."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._scope = kernel.scope(TENANT)
        self._refused = 0
        with kernel.reading(self._scope) as ctx:
            self._orders = ctx.scalars(select(Order.id).order_by(Order.id))
        self._goods: set[UUID] = set()

    def run(self, command: str, **arguments: Any) -> CommandResult:
        result = self._kernel.run(self._scope, command, arguments, key=new_id().hex)
        if not result.done:
            self._refused += 1
            print(f"{command}: {result.refusals}", file=sys.stderr)
        return result

    def stock_up(self) -> None:
        """Receive just what the orders want, and agree that each shipment is invoiced."""
        self.run("setting_set", key="invoicing.method", value="shipment")
        self.run("warehouse_create", code="MAIN", name="Main")
        self._scope = self._kernel.scope(TENANT)
        wanted: dict[UUID, Decimal] = {}
        for order in self._read():
            for line in order.lines:
                if order.kind is OrderKind.SALE and line.product_id is not None and line.quantity > 0:
                    wanted[line.product_id] = wanted.get(line.product_id, ZERO) + line.quantity
        with self._kernel.reading(self._scope) as ctx:
            kinds = {id: found.kind for id, found in products_by_id(ctx, list(wanted)).items()}
        self._goods = {id for id in wanted if kinds[id] is ProductKind.GOODS}
        for id in sorted(self._goods):
            self.run("stock_receive", warehouse={"code": "MAIN"}, product={"id": id}, quantity=wanted[id])

    def sell(self) -> None:
        """Confirm, ship and invoice one order after the other; what no shipment has is invoiced by hand."""
        for order in self._read():
            if not self.run("order_confirm", id=order.id).done:
                continue
            shipped = order.kind is OrderKind.SALE and any(self._leaves(line) for line in order.lines)
            if shipped:
                planned = self.run("shipment_create_for_order", order={"id": order.id})
                if planned.done:
                    self.run("shipment_ship", id=UUID(planned.values["shipment"]))
            if not shipped or not all(self._leaves(line) for line in order.lines):
                drafted = self.run("invoice_from_order", order={"id": order.id})
                if drafted.done:
                    self.run("invoice_post", id=UUID(drafted.values["invoice"]))

    def figures(self) -> dict[str, float]:
        """What came of it; sums of money and goods are exact."""
        orders = list(self._read())
        with self._kernel.reading(self._scope) as ctx:
            statement = select(Invoice).where(Invoice.status == InvoiceStatus.POSTED)
            invoices = ctx.scalars(statement)
            shipments = ctx.scalars(select(Shipment.id).where(Shipment.state == ShipmentState.SHIPPED))
            left = sum((item.on_hand for item in ctx.scalars(select(StockItem))), ZERO)
            broken = [found for found in run_checks(ctx, ctx.collect(kernel_invariants)) if not found.holds]
        for found in broken:
            print(f"{found.name}: {found.violations}, first {found.first}", file=sys.stderr)
        ordered = sum((order.total.amount for order in orders), ZERO)
        invoiced = sum((invoice.total.amount for invoice in invoices), ZERO)
        notes = sum(invoice.kind is InvoiceKind.CREDIT_NOTE for invoice in invoices)
        return {
            "orders": len(orders),
            "unshipped_units": float(left),
            "uninvoiced_gbp": float(ordered - invoiced),
            "refused": self._refused,
            "broken_invariants": len(broken),
            "lines": sum(len(order.lines) for order in orders),
            "shipments": len(shipments),
            "invoices": len(invoices) - notes,
            "credit_notes": notes,
            "invoiced_gbp": float(invoiced),
        }

    def _leaves(self, line: LineSnapshot) -> bool:
        return line.product_id in self._goods and line.quantity > 0

    def _read(self) -> Iterator[OrderSnapshot]:
        for start in range(0, len(self._orders), PAGE):
            ids: Sequence[UUID] = self._orders[start : start + PAGE]
            with self._kernel.reading(self._scope) as ctx:
                page: Mapping[UUID, OrderSnapshot] = orders_by_id(ctx, ids)
            yield from (page[id] for id in ids)
