"""Execution has exactly the specification's semantics: random documents on random data, answered twice.

Once by the product on a database, once by graphql-core's own executor over plain Python objects; data, its order and
the errors must be the same. ``HUIKUAN_FUZZ_SEED`` repeats a run.
"""

from __future__ import annotations

import sys

import pytest

from kernel.tests.graphql.fuzz.arena import Arena
from kernel.tests.graphql.fuzz.campaign import run_campaign

PARTS = [("sqlite", part, 1_250) for part in range(2)] + [("postgresql", 0, 500)]
LONG = [("sqlite", part, 2_500) for part in range(4, 12)] + [("postgresql", part, 2_500) for part in range(4, 8)]


def _ids(part: tuple[str, int, int]) -> str:
    return f"{part[0]}-{part[1]}"


def _answers_are_the_same(arena: Arena, part: int, documents: int) -> None:
    tally = run_campaign(arena, part, documents)
    table = tally.table()
    sys.stdout.write(f"{table}\n")
    assert tally.documents == documents, "hypothesis gave up early"
    assert tally.invalid < documents / 20, table
    assert not tally.missing(), "\n".join((*tally.missing(), table))


@pytest.mark.parametrize(("arena", "part", "documents"), PARTS, indirect=["arena"], ids=map(_ids, PARTS))
def test_answers_are_those_of_the_reference(arena: Arena, part: int, documents: int) -> None:
    _answers_are_the_same(arena, part, documents)


@pytest.mark.soak
@pytest.mark.parametrize(("arena", "part", "documents"), LONG, indirect=["arena"], ids=map(_ids, LONG))
def test_answers_are_those_of_the_reference_for_long(arena: Arena, part: int, documents: int) -> None:
    _answers_are_the_same(arena, part, documents)
