"""Rows of one process: a list and a single order, by the engine, by hand, and by plain Strawberry."""

from __future__ import annotations

import json
import statistics
from contextlib import closing

from bench._graphql.engine import Engine, some_id
from bench._graphql.floor import Floor
from bench._graphql.plain import Plain
from bench._graphql.same import check_same, plain_id
from bench._graphql.selections import LIST, ONE, PLAIN_LIST
from bench._graphql.site import Site
from bench._graphql.timing import ratio, turns

__all__ = ["lists", "ones"]


def lists(site: Site) -> dict[str, float]:
    """``list_in_process`` and ``list_vs_strawberry``, and what they are made of in milliseconds."""
    variables = {"first": site.size.listed}
    engine = Engine(site.kernel, site.scope(site.few))
    with closing(Floor(site.urls.app, site.few.id)) as floor, closing(Plain(site.urls.app, site.few.id)) as plain:
        answer = floor.list(site.size.listed)
        check_same(engine.ask(LIST, variables), answer)
        check_same(_as_page(plain.ask(PLAIN_LIST, variables)), answer)
        taken = turns(
            {
                "engine": lambda: engine.ask(LIST, variables),
                "floor": lambda: floor.list(site.size.listed),
                "floor_bare": lambda: floor.bare_list(site.size.listed),
            },
            site.size.lists,
        )
        # Strawberry leaves so much garbage behind that it has rounds of its own.
        against = turns(
            {"engine": lambda: engine.ask(LIST, variables), "strawberry": lambda: plain.ask(PLAIN_LIST, variables)},
            max(2, site.size.lists // 4),
            warm=1,
        )
    return {
        "list_in_process": ratio(taken["engine"], taken["floor"]),
        "list_vs_strawberry": ratio(against["strawberry"], against["engine"]),
        **{f"list_{name}_ms": statistics.median(times) * 1e3 for name, times in taken.items()},
        "list_strawberry_ms": statistics.median(against["strawberry"]) * 1e3,
    }


def ones(site: Site) -> dict[str, float]:
    """``one_over_floor_us``, and its two sides."""
    engine = Engine(site.kernel, site.scope(site.few))
    id = some_id(engine)
    plain = plain_id(id)
    with closing(Floor(site.urls.app, site.few.id)) as floor:
        check_same(engine.ask(ONE, {"id": id}), floor.one(plain))
        taken = turns(
            {"engine": lambda: engine.ask(ONE, {"id": id}), "floor": lambda: floor.one(plain)}, site.size.ones, warm=20
        )
    over = [engine - floor for engine, floor in zip(taken["engine"], taken["floor"], strict=True)]
    return {
        "one_over_floor_us": statistics.median(over) * 1e6,
        **{f"one_{name}_us": statistics.median(times) * 1e6 for name, times in taken.items()},
    }


def _as_page(answer: bytes) -> bytes:
    """Plain Strawberry answers a list where the product has a connection."""
    return json.dumps({"data": {"orders": {"nodes": json.loads(answer)["data"]["orders"]}}}).encode()
