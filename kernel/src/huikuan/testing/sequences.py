"""Random sequences of commands: a machine's rules in any order, its invariants after each (needs hypothesis).

Hypothesis has state machines of its own. They try few rules per sequence, which finds faults of data structures. Here
most rules need what others made (no shipment without an order), and little would happen in most of those sequences.
Here every rule may come at every step, as often as its weight says, chosen by plain chance. Hypothesis draws the
arguments, makes those of a sequence that fails simple, and prints it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

__all__ = ["Machine", "initialize", "invariant", "rule", "run_sequences"]

F = TypeVar("F", bound=Callable[..., Any])
MARK = "__huikuan_sequences__"
REPEATABLE = 1_000
"""So many sequences or more are others each time."""


@dataclass(frozen=True, slots=True)
class _Mark:
    kind: str
    weight: int = 1
    strategies: dict[str, st.SearchStrategy[Any]] = field(default_factory=dict)


def rule(*, weight: int = 1, **strategies: st.SearchStrategy[Any]) -> Callable[[F], F]:
    """Something that may happen: ``@rule(weight=3, quantity=st.integers(1, 9)) def ship(self, quantity): …``."""
    return _marked(_Mark("rule", weight, strategies))


def initialize(**strategies: st.SearchStrategy[Any]) -> Callable[[F], F]:
    """What each sequence begins with; several in the order in which they stand, a base class's first."""
    return _marked(_Mark("initialize", 1, strategies))


def invariant() -> Callable[[F], F]:
    """What must be true at the beginning and after every step."""
    return _marked(_Mark("invariant"))


class Machine:
    """One sequence. Rules, beginnings and invariants are methods; what they share are attributes."""

    def teardown(self) -> None:
        """What each sequence ends with, also one that failed."""


def run_sequences(machine: Callable[[], Machine], sequences: int, steps: int) -> None:
    """Try so many sequences of so many steps, each on a machine of its own.

    Fewer than 1,000 are the same in every run, so that a normal run never fails by chance; more are others each time.
    """

    @settings(
        max_examples=sequences,
        deadline=None,
        derandomize=sequences < REPEATABLE,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def sequence(data: st.DataObject) -> None:
        _play(machine(), data, steps)

    sequence()


def _play(one: Machine, data: st.DataObject, steps: int) -> None:
    found = {kind: list(_methods(type(one), kind)) for kind in ("rule", "initialize", "invariant")}
    rules = dict(found["rule"])
    weights = [mark.weight for mark in rules.values()]
    chance = data.draw(st.randoms(use_true_random=True))
    try:
        for name, mark in found["initialize"]:
            _do(one, name, mark, data)
        _hold(one, found["invariant"])
        for name in chance.choices(list(rules), weights, k=steps):
            _do(one, name, rules[name], data)
            _hold(one, found["invariant"])
    finally:
        one.teardown()


def _do(one: Machine, name: str, mark: _Mark, data: st.DataObject) -> None:
    arguments = {key: data.draw(strategy) for key, strategy in mark.strategies.items()}
    note(f"{name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})")
    getattr(one, name)(**arguments)


def _hold(one: Machine, invariants: list[tuple[str, _Mark]]) -> None:
    for name, _ in invariants:
        getattr(one, name)()


def _methods(cls: type, kind: str) -> Iterator[tuple[str, _Mark]]:
    """Marked methods in the order of their definition; a method that a subclass marks anew counts once."""
    seen = set()
    for base in reversed(cls.__mro__):
        for name in vars(base):
            mark = getattr(getattr(cls, name, None), MARK, None)
            if isinstance(mark, _Mark) and mark.kind == kind and name not in seen:
                seen.add(name)
                yield name, mark


def _marked(mark: _Mark) -> Callable[[F], F]:
    def declare(function: F) -> F:
        setattr(function, MARK, mark)
        return function

    return declare
