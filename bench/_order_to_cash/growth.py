"""Confirmations while many orders lie in the tables."""

from __future__ import annotations

import statistics
import time
from typing import Any
from uuid import UUID

import psycopg

from bench._order_to_cash.journey import Clerk

__all__ = ["confirm_seconds", "fill"]

# As the application's ids: version 7, older than any that is made now.
_ID = """(lpad(to_hex(1600000000000 + g), 12, '0') || '7' || substr(md5('{kind}' || g), 1, 3) || '8'
    || substr(md5('{kind}' || g), 4, 15))::uuid"""
_COLUMNS = """
SELECT array_agg(column_name::text ORDER BY ordinal_position) FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'
"""


def fill(owner_url: str, tenant: UUID, start: int, end: int) -> None:
    """Copies of an order that is done, each with one of its lines, written by the tables' owner."""
    order, line = _ID.format(kind="order"), _ID.format(kind="line")
    numbers = {"id": order, "number": "'OLD-' || g", "reference": "NULL"}
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("SELECT set_config('app.tenant', %s, false)", [str(tenant)])
        template = _template(connection)
        _copy(connection, "orders_order", numbers, f"t.id = '{template}'", start, end)
        of_line = {"id": line, "order_id": order}
        _copy(connection, "orders_order_line", of_line, f"t.order_id = '{template}' AND t.position = 1", start, end)
        connection.execute("ANALYZE")


def _template(connection: psycopg.Connection[Any]) -> UUID:
    found = connection.execute("SELECT id FROM orders_order WHERE status = 'DONE' ORDER BY id DESC LIMIT 1").fetchone()
    assert found is not None
    return UUID(str(found[0]))


def _copy(
    connection: psycopg.Connection[Any], table: str, other: dict[str, str], which: str, start: int, end: int
) -> None:
    [columns] = connection.execute(_COLUMNS, [table]).fetchone() or ([],)
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(other.get(name, f't."{name}"') for name in columns)
    connection.execute(
        f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} t, generate_series({start + 1}, {end}) g "
        f"WHERE {which}"
    )


def confirm_seconds(clerk: Clerk, customer: str, count: int) -> float:
    """The median of so many confirmations; the first ones, which warm up, do not count."""
    taken = []
    for place in range(count + 3):
        order = clerk.create(customer)
        started = time.perf_counter()
        clerk.run("order_confirm", id=order)
        if place >= 3:
            taken.append(time.perf_counter() - started)
    return statistics.median(taken)
