"""Random sequences: every rule comes, what stands first is first, a fault is found and told."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

import pytest
from hypothesis import strategies as st

from huikuan.testing.sequences import Machine, initialize, invariant, rule, run_sequences


class Counted(Machine):
    """A number that grows and shrinks."""

    seen: ClassVar[Counter[str]]

    def __init__(self) -> None:
        self.number = -1

    @initialize(start=st.integers(0, 3))
    def begin(self, start: int) -> None:
        assert self.number == -1
        self.number = start

    @rule(weight=3, by=st.integers(1, 5))
    def add(self, by: int) -> None:
        self.number += by
        self.seen["add"] += 1

    @rule()
    def halve(self) -> None:
        self.number //= 2
        self.seen["halve"] += 1

    @invariant()
    def it_is_not_negative(self) -> None:
        assert self.number >= 0

    def teardown(self) -> None:
        self.seen["end"] += 1


class Faulty(Counted):
    """It breaks after a while."""

    @rule()
    def double(self) -> None:
        self.number *= 2
        if self.number > 40:
            self.number = -7


def counted(machine: type[Counted]) -> type[Counted]:
    """With a count of its own."""
    return type("OfThisTest", (machine,), {"seen": Counter()})


def test_rules_come_as_often_as_they_weigh() -> None:
    machine = counted(Counted)
    run_sequences(machine, 50, 20)
    assert machine.seen["end"] == 50
    assert machine.seen["add"] + machine.seen["halve"] == 1_000
    assert 2 < machine.seen["add"] / machine.seen["halve"] < 4


def test_what_breaks_an_invariant_is_told_step_by_step() -> None:
    with pytest.raises(AssertionError) as caught:
        run_sequences(counted(Faulty), 200, 20)
    told = "\n".join(caught.value.__notes__)
    assert "begin(start=" in told and "double()" in told
