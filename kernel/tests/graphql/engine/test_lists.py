"""Lists that are longer than is shown: cut alike whether one parent is asked about or many, and bounded in all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from huikuan.graphql.engine import lists
from huikuan.graphql.engine.lists import LIST_LIMIT
from huikuan.ids import new_id
from huikuan.testing.shop import Shop
from kernel.tests.graphql.engine.lab.models import Bead, Knot

COUNTS = {"none": 0, "few": 5, "just": LIST_LIMIT, "over": LIST_LIMIT + 3}


@pytest.fixture(scope="module")
def strings(lab: Shop) -> Shop:
    """Knots with so many beads each, written in disorder."""
    with lab.writing() as ctx:
        for code, count in COUNTS.items():
            knot = ctx.add(Knot(id=new_id(), code=code))
            ctx.insert(Bead, [{"knot": knot.id, "place": place * 7 % count} for place in range(count)])
    return lab


def places(node: dict[str, Any], key: str = "beads") -> list[int]:
    """The beads of a knot, as they came."""
    return [bead["place"] for bead in node[key]]


def wanted(code: str) -> Sequence[int]:
    """The first beads of a knot in their order, as many as are shown."""
    return list(range(COUNTS[code]))[:LIST_LIMIT]


def answers(lab: Shop, key: str) -> dict[str, list[int]]:
    """The beads of all knots, asked for together. The key keeps a document's plan apart from others'."""
    found = lab.query(f"{{ knots {{ nodes {{ code {key}: beads {{ place }} }} }} }}")
    return {node["code"]: places(node, key) for node in found["knots"]["nodes"]}


def test_no_count_and_its_step_have_a_divisor_in_common() -> None:
    """Else the beads of a knot would not have all the places."""
    assert all(count % 7 for count in COUNTS.values() if count)


@pytest.mark.parametrize("code", COUNTS)
def test_one_parent(strings: Shop, code: str) -> None:
    found = strings.query("query($code: String!) { knot(code: $code) { beads { place } } }", code=code)
    assert places(found["knot"]) == wanted(code)


def test_many_parents(strings: Shop) -> None:
    assert answers(strings, "beads") == {code: wanted(code) for code in COUNTS}


def test_where_one_parent_has_more_than_is_fetched_the_others_still_get_theirs(
    strings: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first statement ends before the last parents; the second one lets the database cut each list."""
    shown = sum(len(wanted(code)) for code in COUNTS)
    assert shown < sum(COUNTS.values())
    _limit(monkeypatch, shown)
    assert answers(strings, "cut") == {code: wanted(code) for code in COUNTS}


def test_more_than_that_is_refused(strings: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = sum(len(wanted(code)) for code in COUNTS)
    _limit(monkeypatch, shown - 1)
    answer = strings.execute("{ knots { nodes { code refused: beads { place } } } }")
    assert answer["data"] is None
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert "beads at once; ask for smaller pages" in error["message"]
    assert error["path"] == ["knots", "nodes", 0, "refused"]


def _limit(monkeypatch: pytest.MonkeyPatch, total: int) -> None:
    """So many rows in all instead of a hundred thousand; what was compiled with the true limit is not used."""
    monkeypatch.setattr(lists, "TOTAL_LIMIT", total)
    monkeypatch.setattr("huikuan.graphql.engine.projection._FRAMES", {})
