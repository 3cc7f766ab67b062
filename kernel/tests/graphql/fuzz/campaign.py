"""A campaign: many documents against one arena, until there is a difference."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st

from kernel.tests.graphql.fuzz.arena import Arena
from kernel.tests.graphql.fuzz.cases import Case, Outcome
from kernel.tests.graphql.fuzz.coverage import Tally
from kernel.tests.graphql.fuzz.dice import rolled
from kernel.tests.graphql.fuzz.shrink import shrunk

VARIABLE = "HUIKUAN_FUZZ_SEED"


class Difference(AssertionError):
    """Our answer is not the reference's; ``text`` is the smallest document found that shows it."""

    def __init__(self, message: str, text: str) -> None:
        super().__init__(message)
        self.text = text


class _Found(Exception):
    def __init__(self, cases: Sequence[Case]) -> None:
        self.cases = cases


def chosen_seed() -> int:
    """Another one for each run, unless the environment names one."""
    return int(os.environ.get(VARIABLE) or int.from_bytes(os.urandom(4)))


def run_campaign(arena: Arena, number: int, documents: int) -> Tally:
    """Send this many documents; ``number`` tells campaigns of one seed apart. Raises Difference."""
    tally = Tally()

    @seed(arena.seed * 1_000 + number)
    @settings(
        max_examples=documents,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.binary(min_size=8, max_size=8))
    def check(key: bytes) -> None:
        cases = arena.cases(rolled(key))
        outcomes = [arena.run(case) for case in cases]
        if not outcomes[0].valid:
            tally.invalid += 1
        assume(outcomes[0].valid)
        for place, outcome in enumerate(outcomes):
            if outcome.differences:
                raise _Found(cases[: place + 1])
        tally.add(cases, outcomes)

    try:
        check()
    except _Found as found:
        raise _difference(arena, found.cases) from None
    return tally


def _difference(arena: Arena, cases: Sequence[Case]) -> Difference:
    """The last of these showed it; what was sent before it may matter."""

    def outcome(text: str) -> Outcome:
        return [arena.run(replace(case, text=text)) for case in cases][-1]

    long = cases[-1].text
    text = shrunk(long, lambda text: bool(outcome(text).differences))
    lines = [f"{VARIABLE}={arena.seed}", *outcome(text).differences, text]
    for case in cases:
        data_set = f"data set {case.world} ({arena.worlds[case.world].name})"
        lines.append(f"sent to {arena.database.dialect}, {data_set}, as {case.actor!r}, with {case.variables}")
    if text != long:
        lines.append(f"before it was shrunk: {long}")
    return Difference("\n".join(lines), text)
