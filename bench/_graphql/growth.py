"""What a page costs when there are a hundred times more orders: the first one, and one far behind it."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable
from typing import Any

from bench._graphql.engine import Engine
from bench._graphql.selections import PAGE
from bench._graphql.site import Site
from bench._graphql.timing import ratio, turns

__all__ = ["growth"]

FIRST = 50
ORDERS: tuple[list[str] | None, ...] = (None, ["ORDERED_ON_DESC"])
_STEP = """query Step($first: Int!, $after: String, $order: [OrderOrderBy!]) {
  orders(first: $first, after: $after, orderBy: $order) { pageInfo { endCursor } }
}"""


def growth(site: Site) -> dict[str, float]:
    """``page1_growth`` and ``page1000_growth``: the worse of the default order and the newest first."""
    few, many = (Engine(site.kernel, site.scope(tenant)) for tenant in (site.few, site.many))
    found: dict[str, list[float]] = {}
    for order in ORDERS:
        sides = {
            "page1_few": _page(few, order, 1),
            "page1_many": _page(many, order, 1),
            "page1000_few": _page(few, order, _far(site.size.orders)),
            "page1000_many": _page(many, order, _far(site.size.many)),
        }
        # The driver prepares a statement at its fifth use, PostgreSQL settles on a plan some uses later.
        taken = turns(sides, site.size.pages, warm=12)
        for page in ("page1", "page1000"):
            found.setdefault(f"{page}_growth", []).append(ratio(taken[f"{page}_many"], taken[f"{page}_few"]))
            found.setdefault(f"{page}_ms", []).append(statistics.median(taken[f"{page}_many"]) * 1e3)
    return {name: max(values) for name, values in found.items()}


def _page(engine: Engine, order: list[str] | None, page: int) -> Callable[[], bytes]:
    """A function that reads a page."""
    given = {"order": order, "after": _before(engine, order, page)}
    assert len(json.loads(engine.ask(PAGE, given))["data"]["orders"]["nodes"]) == FIRST
    return lambda: engine.ask(PAGE, given)


def _far(orders: int) -> int:
    """The 1,000th page, or where there are fewer one that is as far from both ends."""
    return min(1_000, orders // (2 * FIRST))


def _before(engine: Engine, order: list[str] | None, page: int) -> str | None:
    """The cursor after which a page begins."""
    left, cursor = (page - 1) * FIRST, None
    while left:
        step = min(left, 1_000)
        given: dict[str, Any] = {"first": step, "after": cursor, "order": order}
        cursor = json.loads(engine.ask(_STEP, given))["data"]["orders"]["pageInfo"]["endCursor"]
        left -= step
    return cursor
