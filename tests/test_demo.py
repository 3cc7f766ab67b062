"""`huikuan demo`: the figures it prints, then the page it serves and the examples it names."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import httpx

DEMO = [sys.executable, "-m", "huikuan.cli", "demo", "--json", "--port", "0"]
LAST_EXAMPLE = "refusals { code message field }"


def test_it_shows_the_shipped_slice_and_serves_it() -> None:
    with subprocess.Popen(DEMO, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        try:
            told = _until_ready(child)
            figures, _, greeting = told.partition("\n}\n")
            _check_figures(json.loads(f"{figures}\n}}"))
            _check_examples(greeting)
        finally:
            child.terminate()


def _check_figures(figures: dict[str, Any]) -> None:
    assert figures["rows_read"] == 16_095
    assert (figures["orders_created"], figures["units_skipped"], figures["units_failed"]) == (858, 35, 0)
    assert (figures["orders_confirmed"], figures["orders_refused"]) == (858, {})
    assert figures["sales_confirmed"] == {"GBP": "297,473.62"}
    assert figures["invariants"] and not [item for item in figures["invariants"] if item["violations"]]


def _check_examples(greeting: str) -> None:
    found = re.search(r"Open (http://127\.0\.0\.1:\d+)/graphql#token=(\S+)", greeting)
    assert found is not None, greeting
    address, token = found.groups()
    page = httpx.get(f"{address}/graphql", headers={"Accept": "text/html"})
    assert page.status_code == 200 and "graphiql" in page.text.lower()
    examples = re.findall(r"^# .*\n((?:query|mutation) [\s\S]*?\n\})$", greeting, re.MULTILINE)
    assert len(examples) == 3
    for document in examples:
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.post(f"{address}/graphql", json={"query": document}, headers=headers).json()
        assert "errors" not in answer, (document, answer)


def _until_ready(child: subprocess.Popen[str]) -> str:
    """What it prints up to the end of the last example."""
    assert child.stdout is not None
    lines: list[str] = []
    for line in child.stdout:
        lines.append(line)
        if LAST_EXAMPLE in line:
            return "".join([*lines, child.stdout.readline(), child.stdout.readline()])
    raise AssertionError(f"it ended: {''.join(lines)}")
