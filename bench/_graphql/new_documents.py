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
    more, busy = [], []
    for text in islice(documents(), site.size.documents):
        first, *later = (_seconds(lambda: engine.ask(text, variables)) for _ in range(1 + AGAIN))  # noqa: B023
        more.append(first[0] - statistics.median(taken for taken, _ in later))
        busy.append(first[1] - statistics.median(worked for _, worked in later))
    return {"new_document_ms": statistics.median(more) * 1e3, "new_document_cpu_ms": statistics.median(busy) * 1e3}


def _seconds(act: Callable[[], object]) -> tuple[float, float]:
    """By the clock, and of the processor by this thread."""
    started, worked = time.perf_counter(), time.thread_time()
    act()
    return time.perf_counter() - started, time.thread_time() - worked
