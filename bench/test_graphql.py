"""bench graphql, at a size that says nothing about speed: every row is there, and what is compared is the same."""

import json
import math
from collections.abc import Sequence
from itertools import islice
from uuid import UUID

import pytest
from graphql import OperationDefinitionNode, parse

from bench.__main__ import Options
from bench._graphql.same import check_same, plain_id
from bench._graphql.sizes import FULL, QUICK
from bench._graphql.synthetic import MODULES, sets
from bench._graphql.texts import documents
from bench._graphql.timing import ratio, turns
from bench.graphql import BARS, measure, run
from huikuan.graphql.ids import encode_id
from huikuan.ids import new_id
from huikuan.testing.postgres import PostgresServer

KEPT = {"documents_10k_mb", "documents_later_5k_mb", "compositions_200_mb"}


def order(id: str, amount: str, names: Sequence[str] = ("A", "B")) -> bytes:
    data = {"order": {"id": id, "total": {"amount": amount}, "lines": [{"sku": name} for name in names]}}
    return json.dumps({"data": data}).encode()


def test_every_row_is_measured(postgres_server: PostgresServer) -> None:
    rows = measure(QUICK, postgres_server)
    assert list(rows)[: len(BARS)] == list(BARS)
    assert rows.keys() >= KEPT
    assert all(math.isfinite(value) for value in rows.values()), rows
    # A difference may be of either sign at this size; what takes time takes some.
    differences = {"one_over_floor_us", "new_document_ms", "new_document_cpu_ms", "composition_mb", *KEPT}
    assert all(value > 0 for name, value in rows.items() if name not in differences), rows


def test_it_brings_its_own_database() -> None:
    with pytest.raises(SystemExit, match="leave --database out"):
        run(Options(database="postgresql://somewhere/else"))


class TestTheSameAnswer:
    def test_is_the_same_with_other_ids_and_zeros(self) -> None:
        id = new_id()
        check_same(order(encode_id("Order", id), "12.30"), order(str(id), "12.3000"))
        assert plain_id(encode_id("Order", id)) == str(id)

    @pytest.mark.parametrize(
        ("other", "where"),
        [
            (order(str(UUID(int=8)), "12.30"), r"data\.order\.id"),
            (order(str(UUID(int=7)), "12.31"), r"data\.order\.total\.amount is 12\.30 and 12\.31"),
            (order(str(UUID(int=7)), "12.30", ["B", "A"]), r"data\.order\.lines\.0\.sku is A and B"),
            (b'{"data": {"order": null}}', r"data\.order is .* and None"),
        ],
        ids=["another id", "another amount", "another order of lines", "nothing"],
    )
    def test_is_not_the_same_with_other_content(self, other: bytes, where: str) -> None:
        with pytest.raises(AssertionError, match=where):
            check_same(order(str(UUID(int=7)), "12.30"), other)


def test_sides_take_turns_and_none_always_comes_first() -> None:
    seen: list[str] = []
    taken = turns({"a": lambda: seen.append("a"), "b": lambda: seen.append("b")}, rounds=3, warm=1)
    assert seen == ["a", "b", *"ab", *"ba", *"ab"]
    assert {name: len(times) for name, times in taken.items()} == {"a": 3, "b": 3}


def test_a_ratio_is_that_of_the_same_round() -> None:
    assert ratio([2.0, 20.0, 30.0], [1.0, 10.0, 10.0]) == 2.0


def test_no_two_documents_are_alike_and_all_can_be_read() -> None:
    found = list(islice(documents(), 300))
    assert len(set(found)) == 300
    [definition] = parse(found[-1]).definitions
    assert isinstance(definition, OperationDefinitionNode)


def test_there_is_a_set_of_modules_for_each_composition() -> None:
    found = sets(f"synth{place:02d}" for place in range(MODULES))
    assert len(set(found)) == len(found) >= FULL.kept_compositions
