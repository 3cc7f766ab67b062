"""Many threads in one process: each answer is the right one, whatever the others read, write and switch off.

What they share is the kernel: compositions, schemas, documents, plans, prepared statements, columns' conversions.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pytest

from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.db import Database
from huikuan.graphql import documents
from huikuan.graphql.engine import codecs, operations, projection, windows
from tests.reliability.served import at_once
from tests.threads.people import Person, Toggler, Worker
from tests.threads.town import Town


@pytest.fixture
def hurried() -> Iterator[None]:
    """Threads take turns fifty times as often as they do by default."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(before / 50)
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def small_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that is kept is soon dropped, most of it while others use it."""
    monkeypatch.setattr(codecs, "_MOST", 20)
    monkeypatch.setattr(windows, "MOST_KEPT", 2)
    monkeypatch.setattr(operations, "MOST_PLANS", 2)
    monkeypatch.setattr(documents, "MOST_COSTS", 2)
    monkeypatch.setattr(projection, "MOST_FRAMES", 40)


@pytest.mark.usefixtures("hurried", "small_caches")
def test_8_threads(
    database_with: Callable[..., Database], installed_modules: ModuleCatalog, signing_keys: KeyRing
) -> None:
    town = Town(database_with(installed_modules, pool_size=8), installed_modules, signing_keys, 4, small=True)
    _live(town, 8, 5)


@pytest.mark.soak
@pytest.mark.parametrize("caches", ["usual", "small"])
def test_24_threads_for_a_minute(
    caches: str,
    database_with: Callable[..., Database],
    installed_modules: ModuleCatalog,
    signing_keys: KeyRing,
    request: pytest.FixtureRequest,
) -> None:
    small = caches == "small"
    for fixture in ("hurried", "small_caches") if small else ():
        request.getfixturevalue(fixture)
    town = Town(database_with(installed_modules, pool_size=24), installed_modules, signing_keys, 8, small=small)
    _live(town, 24, 60)


def _live(town: Town, threads: int, seconds: float) -> None:
    """So many threads, spread over the tenants; in every other tenant one of them toggles modules."""
    tenants = town.tenants
    people = [
        (Toggler if number < len(tenants) and number % 2 else Worker)(tenants[number % len(tenants)], number, seed=7)
        for number in range(threads)
    ]
    deadline = time.monotonic() + seconds
    stopped: list[Person] = []

    def act(person: Person) -> None:
        try:
            while time.monotonic() < deadline and not stopped:
                person.step()
        except BaseException:
            stopped.append(person)
            raise

    at_once([lambda person=person: act(person) for person in people], threads)  # type: ignore[misc]
    _report(town, people)


def _report(town: Town, people: Sequence[Person]) -> None:
    done = sum((person.done for person in people), Counter[str]())
    texts = set().union(*(person.documents for person in people))
    kept = len(town.documents)
    print(f"\n{dict(sorted(done.items()))}")
    print(f"{done.total()} operations; {len(texts)} documents, {kept} kept, at least {len(texts) - kept} evicted")
    assert done["moduleEnable"] > 0 and done["moduleDisable"] > 0
