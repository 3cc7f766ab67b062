"""Receivables on PostgreSQL: aging of a large book against the same by hand, allocation, matching, statements."""

from __future__ import annotations

import gc
import sys

from bench.__main__ import Options
from bench._receivables.aging import aging_and_statements
from bench._receivables.matching import matching
from bench._receivables.settling import allocating
from bench._receivables.site import FULL, QUICK, Size, open_site
from huikuan.testing.postgres import PostgresServer, PostgresUnavailable
from huikuan.web.server import settle_heap

__all__ = ["BARS", "measure", "run"]

BARS = {
    "aging_seconds": "<= 2 s",
    "aging_vs_sql": "<= 2 x the statement by hand",
    "match_per_second": ">= 500 lines a second",
}


def run(options: Options) -> dict[str, float]:
    """On a PostgreSQL of its own, whose roles and rows it knows."""
    if options.database is not None:
        sys.exit("bench receivables: it starts a PostgreSQL of its own; leave --database out")
    try:
        with PostgresServer() as server:
            return measure(QUICK if options.quick else FULL, server)
    except PostgresUnavailable as error:
        sys.exit(f"bench receivables: {error}")


def measure(size: Size, server: PostgresServer) -> dict[str, float]:
    """Every row; those with a bar come first."""
    rows: dict[str, float] = {}
    with open_site(size, server) as site:
        settle_heap()  # the garbage collector works as it does in a server
        rows |= allocating(site)
        gc.collect()
        rows |= matching(site.kernel, site.tenant("bank"), site.urls.admin, items=size.open_items, lines=size.lines)
        gc.collect()
        rows |= aging_and_statements(site)
    return {**{name: rows[name] for name in BARS}, **rows}
