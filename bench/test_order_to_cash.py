"""bench order-to-cash, at a size that says nothing about speed: every row is there, and the limit holds."""

import math

import pytest

from bench.__main__ import Options
from bench._order_to_cash.journey import STEPS
from bench._order_to_cash.site import QUICK
from bench.order_to_cash import BARS, measure, run
from huikuan.testing.postgres import PostgresServer


def test_every_row_is_measured(postgres_server: PostgresServer) -> None:
    rows = measure(QUICK, postgres_server)
    assert list(rows)[: len(BARS)] == list(BARS)
    assert rows.keys() >= {"orders_per_second", "parallel_per_second", *(f"{step}_ms" for step in STEPS)}
    assert all(math.isfinite(value) and value > 0 for value in rows.values()), rows
    assert rows["parallel_confirms_passed"] == 10


def test_it_brings_its_own_database() -> None:
    with pytest.raises(SystemExit, match="leave --database out"):
        run(Options(database="postgresql://somewhere/else"))
