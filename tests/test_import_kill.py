"""`huikuan import orders`, killed at three random points and run again: the database is as if nothing had been."""

from __future__ import annotations

import gzip
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

import huikuan_orders
from huikuan.core.models import AuditEntry, OutboxEvent
from huikuan.db import Database
from huikuan_customers.models import Customer
from huikuan_orders.models import Order, OrderLine
from huikuan_products.models import Product

SLICE = Path(huikuan_orders.__file__).parent / "data" / "online_retail_slice.csv.gz"
ROWS = 2_500
KILLS = 3


def huikuan(database: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "huikuan.cli", "--database-url", f"sqlite:///{database}", *arguments]


def prepared(folder: Path) -> Path:
    database = folder / "shop.db"
    create = huikuan(database, "tenant", "create", "shop", "--name", "S", "--currency", "GBP", "--modules", "orders")
    subprocess.run(create, check=True, capture_output=True)
    return database


def importing(database: Path, file: Path) -> list[str]:
    given = ["import", "orders", str(file), "--tenant", "shop", "--mapping", "online-retail", "--quiet"]
    return huikuan(database, *given)


def orders_in(database: sqlite3.Connection) -> int:
    """Read beside the import, never in its way."""
    return int(database.execute("SELECT count(*) FROM orders_order").fetchone()[0])


def contents(file: Path) -> dict[str, Any]:
    """Everything that the import leaves, by its own keys: ids and times differ from run to run."""
    database = Database(f"sqlite:///{file}")
    customers, products = Customer.__table__, Product.__table__
    orders, lines = Order.__table__, OrderLine.__table__
    wanted = {
        "customers": select(customers.c.code, customers.c.name, customers.c.currency),
        "products": select(products.c.sku, products.c.name, products.c.kind),
        "orders": select(
            orders.c.reference,
            orders.c.number,
            orders.c.kind,
            orders.c.status,
            orders.c.total_amount,
            orders.c.ordered_on,
        ),
        "lines": select(
            orders.c.reference, lines.c.position, lines.c.sku, lines.c.quantity, lines.c.unit_price, lines.c.gross
        ).join_from(lines, orders, orders.c.id == lines.c.order_id),
        "events": select(OutboxEvent.__table__.c.type, func.count()).group_by(OutboxEvent.__table__.c.type),
        "audit": select(AuditEntry.__table__.c.command, func.count()).group_by(AuditEntry.__table__.c.command),
    }
    with database.system() as session:
        found = {name: sorted(map(repr, session.execute(statement))) for name, statement in wanted.items()}
    database.dispose()
    return found


def test_an_import_killed_three_times_leaves_what_an_undisturbed_one_leaves(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    with gzip.open(SLICE, "rt", encoding="utf-8") as source:
        file.write_text("".join(line for line, _ in zip(source, range(ROWS), strict=False)), encoding="utf-8")
    (tmp_path / "undisturbed").mkdir()
    undisturbed = prepared(tmp_path / "undisturbed")
    shutil.copytree(tmp_path / "undisturbed", tmp_path / "killed")
    subprocess.run(importing(undisturbed, file), check=True, capture_output=True)
    expected = contents(undisturbed)
    total = len(expected["orders"])
    assert total > 60

    killed, seed = tmp_path / "killed" / undisturbed.name, random.SystemRandom().randrange(10**6)
    points = sorted(random.Random(seed).sample(range(1, total - 5), KILLS))
    with closing(sqlite3.connect(f"file:{killed}?mode=ro", uri=True)) as database:
        for point in points:
            child = subprocess.Popen(importing(killed, file), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                while orders_in(database) < point and child.poll() is None:
                    time.sleep(0.005)
            finally:
                child.send_signal(signal.SIGKILL)
                ended = child.wait()
            assert ended == -signal.SIGKILL, f"it ended before order {point}, seed {seed}"
    subprocess.run(importing(killed, file), check=True, capture_output=True)
    assert contents(killed) == expected, f"killed after orders {points}, seed {seed}"
