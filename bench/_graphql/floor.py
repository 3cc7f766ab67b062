"""The floor: what somebody would write by hand who wants just these answers, and fast.

psycopg, a pooled connection, one read-only REPEATABLE READ transaction with the tenant set, two statements,
rows into dicts, dicts into bytes with orjson. PostgreSQL turns ids, dates and amounts into text, which is cheaper
than doing it in Python. bench/README.md says what it leaves out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString
from uuid import UUID

import orjson
from psycopg import Connection
from psycopg_pool import ConnectionPool

__all__ = ["Floor"]

_ORDER: LiteralString = """
SELECT o.id::text, o.number, o.status, o.ordered_on::text, round(o.total_amount * 0.0001, 2)::text,
       o.total_currency, c.id::text, c.name
FROM orders_order o JOIN customers_customer c ON c.tenant_id = o.tenant_id AND c.id = o.customer_id
"""
_LINE: LiteralString = """
SELECT order_id::text, id::text, position, sku, description, trim_scale(quantity * 0.000001)::text,
       trim_scale(unit_price * 0.000001)::text, round(net * 0.0001, 2)::text, currency
FROM orders_order_line
"""
_BARE_ORDER: LiteralString = """
SELECT o.id::text, o.number, o.status, o.ordered_on, o.total_amount, o.total_currency, c.id::text, c.name
FROM orders_order o JOIN customers_customer c ON c.tenant_id = o.tenant_id AND c.id = o.customer_id
"""
_BARE_LINE: LiteralString = """
SELECT order_id::text, id::text, position, sku, description, quantity, unit_price, net, currency
FROM orders_order_line
"""
_LISTED: LiteralString = " WHERE o.tenant_id = %s ORDER BY o.id LIMIT %s"
_LINES: LiteralString = " WHERE tenant_id = %s AND order_id = ANY(%s::uuid[]) ORDER BY order_id, position"
_ONE: LiteralString = " WHERE o.tenant_id = %s AND o.id = %s"
_ONE_LINES: LiteralString = " WHERE tenant_id = %s AND order_id = %s ORDER BY position"
_NUMBER: LiteralString = "SELECT number FROM orders_order WHERE tenant_id = %s AND id = %s"


class Floor:
    """The hand-written answers for one tenant; close it at the end. ``connections`` is how many may be open."""

    def __init__(self, url: str, tenant: UUID, connections: int = 1) -> None:
        self.tenant = tenant
        self._pool: ConnectionPool[Connection[tuple[Any, ...]]] = ConnectionPool(
            url, min_size=1, max_size=connections, kwargs={"autocommit": True}, open=True
        )
        self._pool.wait()
        self._begin = f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL app.tenant = '{tenant}'".encode()

    def close(self) -> None:
        self._pool.close()

    def list(self, first: int) -> bytes:
        """The first orders with customer and lines."""
        return self._list(_ORDER + _LISTED, _LINE + _LINES, first)

    def bare_list(self, first: int) -> bytes:
        """The same with amounts and quantities as the whole numbers that are stored."""
        return self._list(_BARE_ORDER + _LISTED, _BARE_LINE + _LINES, first)

    def one(self, id: str) -> bytes:
        """One order with customer and lines."""
        with self._snapshot() as connection:
            row = connection.execute(_ORDER + _ONE, (self.tenant, id)).fetchone()
            if row is None:
                return b'{"data":{"order":null}}'
            lines = connection.execute(_LINE + _ONE_LINES, (self.tenant, id)).fetchall()
        return orjson.dumps({"data": {"order": _order(row, [_line(line) for line in lines])}})

    def number(self, id: str) -> bytes:
        """The number of one order."""
        with self._snapshot() as connection:
            row = connection.execute(_NUMBER, (self.tenant, id)).fetchone()
        return orjson.dumps({"data": {"order": None if row is None else {"number": row[0]}}})

    def _list(self, orders: LiteralString, lines: LiteralString, first: int) -> bytes:
        with self._snapshot() as connection:
            rows = connection.execute(orders, (self.tenant, first)).fetchall()
            by_order: dict[str, list[dict[str, Any]]] = {row[0]: [] for row in rows}
            for line in connection.execute(lines, (self.tenant, list(by_order))).fetchall():
                by_order[line[0]].append(_line(line))
        nodes = [_order(row, by_order[row[0]]) for row in rows]
        return orjson.dumps({"data": {"orders": {"nodes": nodes}}})

    @contextmanager
    def _snapshot(self) -> Iterator[Connection[tuple[Any, ...]]]:
        with self._pool.connection() as connection:
            connection.execute(self._begin, prepare=False)
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK", prepare=False)


def _order(row: tuple[Any, ...], lines: list[dict[str, Any]]) -> dict[str, Any]:
    id, number, status, ordered_on, amount, currency, customer, name = row
    return {
        "id": id,
        "number": number,
        "status": status,
        "orderedOn": ordered_on,
        "total": {"amount": amount, "currency": currency},
        "customer": {"id": customer, "name": name},
        "lines": lines,
    }


def _line(row: tuple[Any, ...]) -> dict[str, Any]:
    _order, id, position, sku, description, quantity, unit_price, net, currency = row
    return {
        "id": id,
        "position": position,
        "sku": sku,
        "description": description,
        "quantity": quantity,
        "unitPrice": unit_price,
        "net": {"amount": net, "currency": currency},
    }
