"""Times that can be compared: all sides take turns, so that whatever else the machine does hits each alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

__all__ = ["ratio", "turns"]


def turns(sides: Mapping[str, Callable[[], object]], rounds: int, warm: int = 3) -> dict[str, list[float]]:
    """Seconds of each side in each round; every other round goes backwards, so that none always comes first.

    The garbage collector runs as it does in production.
    """
    for _ in range(warm):
        for act in sides.values():
            act()
    taken: dict[str, list[float]] = {name: [] for name in sides}
    order = list(sides.items())
    for _ in range(rounds):
        for name, act in order:
            started = time.perf_counter()
            act()
            taken[name].append(time.perf_counter() - started)
        order.reverse()
    return taken


def ratio(one: list[float], other: list[float]) -> float:
    """The median of what one side took over what the other took in the same round."""
    return statistics.median(mine / theirs for mine, theirs in zip(one, other, strict=True))
