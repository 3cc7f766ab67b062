"""Aging and statements of a large book, the aging against the same by hand."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, LiteralString
from uuid import UUID

import orjson
import psycopg

from bench._graphql.engine import Engine
from bench._graphql.timing import ratio, turns
from bench._receivables.data import fill_book
from bench._receivables.site import Site

__all__ = ["aging_and_statements"]

BACK = (0, 45, 180, 365)
"""How many days ago the days lie that agings are as of."""
LISTED = 1_000
AGING = """query Aging($asOf: Date!) { receivablesAging(asOf: $asOf, by: CUSTOMER) {
  buckets { label amount { amount currency } }
  rows { customer { id code name } currency open { amount } unapplied { amount } buckets { label amount { amount } } }
  rowCount } }"""
STATEMENT = """query Statement($code: String!, $since: Date!) {
  receivablesStatement(customer: {code: $code}, since: $since) {
    opening { amount } closing { amount } open { amount } unapplied { amount }
    lines { on kind number amount { amount } balance { amount } }
    openItems { dueOn daysOverdue open { amount } item { invoice { number } sequence } } } }"""

_SUMS: LiteralString = """
SELECT customer_id, currency,
    sum(amount) FILTER (WHERE account = 'RECEIVABLE' AND due_on >= %(d0)s),
    sum(amount) FILTER (WHERE account = 'RECEIVABLE' AND due_on BETWEEN %(d30)s AND %(d1)s),
    sum(amount) FILTER (WHERE account = 'RECEIVABLE' AND due_on BETWEEN %(d60)s AND %(d31)s),
    sum(amount) FILTER (WHERE account = 'RECEIVABLE' AND due_on BETWEEN %(d90)s AND %(d61)s),
    sum(amount) FILTER (WHERE account = 'RECEIVABLE' AND due_on <= %(d91)s),
    -sum(amount) FILTER (WHERE account = 'UNAPPLIED')
FROM receivables_posting
WHERE tenant_id = %(tenant)s AND account IN ('RECEIVABLE', 'UNAPPLIED') AND "on" <= %(d0)s
GROUP BY customer_id, currency
"""
_NAMES: LiteralString = "SELECT id, code, name FROM customers_customer WHERE tenant_id = %s AND id = ANY(%s::uuid[])"
LABELS = ("not due", "1-30", "31-60", "61-90", "91+")


class ByHand:
    """What somebody would write by hand who wants just this: one aggregate over the postings up to the day."""

    def __init__(self, url: str, tenant: UUID) -> None:
        self.tenant = tenant
        self.connection = psycopg.connect(url, autocommit=True)
        self._begin = f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL app.tenant = '{tenant}'".encode()

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        self.connection.execute(self._begin, prepare=False)
        try:
            yield
        finally:
            self.connection.execute("ROLLBACK", prepare=False)

    def aging(self, day: date) -> bytes:
        """All sums by customer and currency, the largest 1,000 with their names."""
        days = {f"d{back}": day - timedelta(days=back) for back in (0, 1, 30, 31, 60, 61, 90, 91)}
        with self._snapshot():
            found = self.connection.execute(_SUMS, {**days, "tenant": self.tenant}).fetchall()
            rows = [row for row in found if any(row[2:])]
            rows.sort(key=lambda row: (row[1], -sum(value or 0 for value in row[2:7]), str(row[0])))
            page = rows[:LISTED]
            named = self.connection.execute(_NAMES, (self.tenant, [row[0] for row in page])).fetchall()
        names = {id: (code, name) for id, code, name in named}
        totals: dict[str, list[Decimal]] = {}
        for row in rows:
            sums = totals.setdefault(row[1], [Decimal(0)] * len(LABELS))
            for place, value in enumerate(row[2:7]):
                sums[place] += value or 0
        return orjson.dumps(
            {
                "buckets": [
                    {"label": label, "amount": {"amount": _money(sum_), "currency": currency}}
                    for currency, sums in sorted(totals.items())
                    for label, sum_ in zip(LABELS, sums, strict=True)
                ],
                "rows": [_row(row, names[row[0]]) for row in page],
                "rowCount": len(rows),
            }
        )


def _money(value: Decimal | None) -> str:
    return f"{Decimal(value or 0) / 10_000:.2f}"


def _row(row: tuple[Any, ...], named: tuple[str, str]) -> dict[str, Any]:
    return {
        "customer": {"id": str(row[0]), "code": named[0], "name": named[1]},
        "currency": row[1],
        "open": {"amount": _money(sum((value or Decimal(0) for value in row[2:7]), Decimal(0)))},
        "unapplied": {"amount": _money(row[7])},
        "buckets": [
            {"label": label, "amount": {"amount": _money(value)}} for label, value in zip(LABELS, row[2:7], strict=True)
        ],
    }


def aging_and_statements(site: Site) -> dict[str, float]:
    """``aging_seconds`` and ``aging_vs_sql``: the worst of four days; ``statement_ms``."""
    scope = site.tenant("book")
    with site.kernel.reading(scope) as ctx:
        today = ctx.today
    size = site.size
    fill_book(site.urls.admin, scope.tenant.id, today, instalments=size.instalments, customers=size.customers)
    engine = Engine(site.kernel, scope)
    by_hand = ByHand(site.urls.app, scope.tenant.id)
    try:
        rows = _agings(engine, by_hand, today, size.agings)
    finally:
        by_hand.close()
    return {**rows, "statement_ms": _statements(engine, today, size.statements, size.customers)}


def _agings(engine: Engine, by_hand: ByHand, today: date, rounds: int) -> dict[str, float]:
    seconds, quotients = {}, []
    for back in BACK:
        day = today - timedelta(days=back)
        given = {"asOf": day.isoformat()}
        check_same(engine.ask(AGING, given), by_hand.aging(day))
        taken = turns(
            {
                "product": lambda given=given: engine.ask(AGING, given),  # type: ignore[misc]
                "hand": lambda day=day: by_hand.aging(day),  # type: ignore[misc]
            },
            rounds,
            warm=1,
        )
        seconds[back] = statistics.median(taken["product"])
        quotients.append(ratio(taken["product"], taken["hand"]))
    more = {f"aging_{back}_days_ago_seconds": value for back, value in seconds.items()}
    return {"aging_seconds": max(seconds.values()), "aging_vs_sql": max(quotients), **more}


def check_same(answer: bytes, other: bytes) -> None:
    """Both sides told the same of the same customers, in the same order."""
    found, wanted = json.loads(answer), json.loads(other)
    assert "errors" not in found, found["errors"]
    mine = found["data"]["receivablesAging"]
    assert mine["buckets"] == wanted["buckets"] and mine["rowCount"] == wanted["rowCount"]
    for row, theirs in zip(mine["rows"], wanted["rows"], strict=True):
        theirs["customer"].pop("id")
        row["customer"].pop("id")
        assert row == theirs


def _statements(engine: Engine, today: date, count: int, customers: int) -> float:
    """Of a year, for customers from all over the book."""
    since = (today - timedelta(days=365)).isoformat()
    codes = [f"B{1 + place * customers // count}" for place in range(count)]
    sides = {code: (lambda code=code: engine.ask(STATEMENT, {"code": code, "since": since})) for code in codes}
    for code in codes[:3]:
        answer = json.loads(sides[code]())
        assert answer["data"]["receivablesStatement"]["lines"], answer
    taken = turns(sides, rounds=3, warm=1)
    return statistics.median(value for values in taken.values() for value in values) * 1e3
