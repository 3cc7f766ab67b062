"""What a document costs that was never seen before: parse, limits, validation, plan."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from itertools import islice

from bench._graphql.engine import Engine, some_id
from bench._graphql.site import Site
from bench._graphql.texts import documents

__all__ = ["new_documents"]

AGAIN = 3
"""Repeats of a document that is known by then."""


def new_documents(site: Site) -> dict[str, float]:
    """``new_document_ms``: the first execution less a later one of the same text, median of many texts."""
    engine = Engine(site.kernel, site.scope(site.few))
    variables = {"id": some_id(engine)}
    more = []
    for text in islice(documents(), site.size.documents):
        first, *later = (_seconds(lambda: engine.ask(text, variables)) for _ in range(1 + AGAIN))  # noqa: B023
        more.append(first - statistics.median(later))
    return {"new_document_ms": statistics.median(more) * 1e3}


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
