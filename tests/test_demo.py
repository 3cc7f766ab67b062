"""`huikuan demo`: the figures it prints, then the page it serves and the examples it names."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from decimal import Decimal
from typing import Any

import httpx

DEMO = [sys.executable, "-m", "huikuan.cli", "demo", "--json", "--port", "0"]
EXAMPLES = 8
READY = "# That is all."
SEEN = (
    "held_by_credit",
    "released_by_credit",
    "rejected_by_credit",
    "held_by_stock",
    "released_for_stock",
    "partly_shipped",
    "short_paid",
    "over_paid",
    "disputed",
)


def test_it_plays_the_whole_job_and_serves_it() -> None:
    with subprocess.Popen(DEMO, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        try:
            told = _until_ready(child)
            figures, _, greeting = told.partition("\n}\n")
            _check_figures(json.loads(f"{figures}\n}}"))
            _check_examples(greeting)
        finally:
            child.terminate()


def _check_figures(figures: dict[str, Any]) -> None:
    assert figures["invariants"] and not [item for item in figures["invariants"] if item["violations"]]
    assert not {name: figures.get(name) for name in SEEN if not figures.get(name)}
    assert {"KEPT", "BROKEN"} <= set(figures["promised"])
    _check_orders(figures)
    _check_money({name: Decimal(value) for name, value in figures.items() if _is_amount(value)})
    assert figures["reminders_sent"] and figures["next_reminders"] and Decimal(figures["dso_days"]) > 0
    assert sum(map(Decimal, figures["aging_GBP"].values())) == Decimal(figures["open"])


def _check_orders(figures: dict[str, Any]) -> None:
    """Every order that came in is somewhere."""
    assert sum(figures["orders_now"].values()) == figures["orders_in"]
    assert figures["confirmed_at_once"] < figures["orders_in"]


def _check_money(amounts: dict[str, Decimal]) -> None:
    """To the cent: what was invoiced was paid, given up, taken as discount, or is open."""
    settled = amounts["settled_by_payments"] + amounts["written_off"] + amounts["discounts"]
    assert amounts["invoiced"] == settled + amounts["open"]
    assert amounts["collected"] == amounts["settled_by_payments"] + amounts["of_that_unapplied"]
    assert 0 < amounts["overdue"] < amounts["open"] < amounts["invoiced"]


def _is_amount(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"-?\d+\.\d{2}", value) is not None


def _check_examples(greeting: str) -> None:
    found = re.search(r"Open (http://127\.0\.0\.1:\d+)/graphql#token=(\S+)", greeting)
    assert found is not None, greeting
    address, token = found.groups()
    page = httpx.get(f"{address}/graphql", headers={"Accept": "text/html"})
    assert page.status_code == 200 and "graphiql" in page.text.lower()
    examples = re.findall(r"^# \d+\. .*\n((?:query|mutation) [\s\S]*?\n\})$", greeting, re.MULTILINE)
    assert len(examples) == EXAMPLES
    for document in examples:
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.post(f"{address}/graphql", json={"query": document}, headers=headers).json()
        assert "errors" not in answer, (document, answer)


def _until_ready(child: subprocess.Popen[str]) -> str:
    """What it prints up to the end of the guide."""
    assert child.stdout is not None
    lines: list[str] = []
    for line in child.stdout:
        lines.append(line)
        if READY in line:
            return "".join(lines)
    raise AssertionError(f"it ended: {''.join(lines)}")
