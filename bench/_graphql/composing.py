"""A program: what new compositions cost in time and memory. ``{"count": 200, "weighed": 24}`` is its input."""

from __future__ import annotations

import gc
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from graphql import GraphQLObjectType, is_introspection_type

from bench._graphql.synthetic import catalog_of_synthetic, sets
from bench.machine import resident_mb
from huikuan.catalog import ModuleCatalog
from huikuan.composition import Composition, Compositions

__all__ = ["main"]

TYPES = 150
WARM = 3


def main(count: int, weighed: int) -> None:
    """Compose ``count`` sets and keep them; the first ``weighed`` tell what one weighs."""
    with tempfile.TemporaryDirectory() as folder:
        found = _compose(catalog_of_synthetic(Path(folder)), count, weighed)
    print(json.dumps(found))


def _compose(catalog: ModuleCatalog, count: int, weighed: int) -> dict[str, float]:
    wanted, one = sets(catalog.names), 0.0
    # What all compositions share is made once in the life of a process, not by each of them.
    for names in wanted[-WARM:]:
        assert _types(Compositions(catalog).get(names)) >= TYPES
    cache, taken, before = Compositions(catalog), [], _weigh()
    for place, names in enumerate(wanted[:count], 1):
        started = time.perf_counter()
        _ = cache.get(names).schema
        taken.append(time.perf_counter() - started)
        if place == weighed:
            one = (_weigh() - before) / weighed
    total = _weigh() - before
    return {"composition_ms": statistics.median(taken) * 1e3, "composition_mb": one, "compositions_200_mb": total}


def _types(composition: Composition) -> int:
    """Object types, without those of introspection."""
    return sum(
        isinstance(found, GraphQLObjectType) and not is_introspection_type(found)
        for found in composition.schema.core.type_map.values()
    )


def _weigh() -> float:
    gc.collect()
    return resident_mb()


if __name__ == "__main__":
    main(**json.load(sys.stdin))
