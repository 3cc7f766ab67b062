"""The fuzz test can fail: bugs seeded into the executor are found, and shown by a small document."""

from __future__ import annotations

import pytest

from kernel.tests.graphql.fuzz.arena import Arena
from kernel.tests.graphql.fuzz.campaign import Difference, run_campaign
from kernel.tests.graphql.fuzz.mutants import MUTANTS, Mutant
from kernel.tests.graphql.fuzz.shrink import shrunk

DOCUMENTS = 3_000
"""Most are found within a hundred."""
SMALL = 400
"""Characters of the document that a failure shows."""


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "-"))
def test_a_seeded_bug_is_found(sqlite_arena: Arena, mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant.seed(monkeypatch)
    with pytest.raises(Difference) as found:
        run_campaign(sqlite_arena, 100, DOCUMENTS)
    assert len(found.value.text) < SMALL, found.value


def test_a_failure_shows_no_more_than_it_takes() -> None:
    long = 'query($a: ID!) { nodes(ids: ["a", "b", $a, "c"]) { id ...F } me { id } } fragment F on Room { name, size }'
    kept = shrunk(long, lambda text: '"b"' in text and '"c"' in text and "size" in text)
    assert kept.split() == '{ nodes(ids: ["b", "c"]) { size } }'.split()
