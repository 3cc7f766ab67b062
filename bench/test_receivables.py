"""bench receivables, at a size that says nothing about speed: every row is there, and both sides tell the same."""

import json
import math

import pytest

from bench.__main__ import Options
from bench._receivables.aging import check_same
from bench._receivables.site import QUICK
from bench.receivables import BARS, measure, run
from huikuan.testing.postgres import PostgresServer


def test_every_row_is_measured(postgres_server: PostgresServer) -> None:
    rows = measure(QUICK, postgres_server)
    assert list(rows)[: len(BARS)] == list(BARS)
    assert rows.keys() >= {"allocate_ms", "statement_ms", "match_posted_share"}
    assert all(math.isfinite(value) and value > 0 for value in rows.values()), rows


def test_it_brings_its_own_database() -> None:
    with pytest.raises(SystemExit, match="leave --database out"):
        run(Options(database="postgresql://somewhere/else"))


def test_another_answer_is_noticed() -> None:
    row = {"customer": {"id": "1", "code": "A", "name": "A"}, "open": {"amount": "1.00"}}
    answer = {"buckets": [], "rows": [row], "rowCount": 1}
    mine = json.dumps({"data": {"receivablesAging": answer}}).encode()
    check_same(mine, json.dumps(answer).encode())
    with pytest.raises(AssertionError):
        check_same(mine, json.dumps({**answer, "rows": [{**row, "open": {"amount": "2.00"}}]}).encode())
