"""How much of everything a run does."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FULL", "LINES", "QUICK", "Size"]

LINES = 5
"""Lines of each order."""


@dataclass(frozen=True, slots=True)
class Size:
    """Rows in the database, and how often each thing is measured."""

    orders: int
    """Orders of the tenant whose lists are read; also the smaller side of the rows about growth."""
    many: int
    """Orders of the other tenant, the larger side of the rows about growth."""
    customers: int
    listed: int
    """Orders in one list, at most as many as there are."""
    lists: int
    """Rounds of lists with Strawberry, without it, and over HTTP."""
    ones: int
    """Rounds of a single order."""
    pages: int
    """Rounds of pages."""
    documents: int
    """New documents whose first execution is timed."""
    compositions: int
    """New compositions that are timed."""
    seconds: float
    """How long the small requests of 8 clients go on, for each of the two servers."""
    kept_documents: int
    """Documents after which the memory is weighed."""
    kept_compositions: int
    """Compositions after which the memory is weighed."""


FULL = Size(
    orders=10_000,
    many=1_000_000,
    customers=200,
    listed=1_000,
    lists=40,
    ones=1_500,
    pages=200,
    documents=200,
    compositions=24,
    seconds=20.0,
    kept_documents=10_000,
    kept_compositions=200,
)
QUICK = Size(
    orders=400,
    many=2_000,
    customers=10,
    listed=50,
    lists=2,
    ones=10,
    pages=3,
    documents=5,
    compositions=2,
    seconds=0.4,
    kept_documents=20,
    kept_compositions=3,
)
