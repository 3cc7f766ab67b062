"""Reads over GraphQL against the same by hand, on PostgreSQL; every row is a figure of one run."""

from __future__ import annotations

import gc
import sys

from bench.__main__ import Options
from bench._graphql.children import compositions, kept_documents
from bench._graphql.growth import growth
from bench._graphql.in_process import lists, ones
from bench._graphql.new_documents import new_documents
from bench._graphql.over_http import over_http
from bench._graphql.replay import executor
from bench._graphql.site import open_site
from bench._graphql.sizes import FULL, QUICK, Size
from huikuan.testing.postgres import PostgresServer, PostgresUnavailable
from huikuan.web.server import settle_heap

__all__ = ["BARS", "measure", "run"]

BARS = {
    "list_in_process": "<= 1.5 x the floor",
    "list_vs_strawberry": ">= 10 x faster",
    "list_http": "<= 2 x the raw endpoint",
    "one_over_floor_us": "<= 300 µs",
    "small_http_share": ">= 0.5 of its requests",
    "executor_one_us": "<= 60 µs",
    "executor_list_ms": "<= 3 ms",
    "new_document_ms": "<= 2 ms",
    "composition_ms": "<= 150 ms",
    "composition_mb": "<= 8 MB",
    "page1_growth": "<= 1.5 x",
    "page1000_growth": "<= 1.5 x",
}


def run(options: Options) -> dict[str, float]:
    """On a PostgreSQL of its own, whose settings, roles and rows it knows."""
    if options.database is not None:
        sys.exit("bench graphql: it starts a PostgreSQL of its own; leave --database out")
    try:
        with PostgresServer() as server:
            return measure(QUICK if options.quick else FULL, server)
    except PostgresUnavailable as error:
        sys.exit(f"bench graphql: {error}")


def measure(size: Size, server: PostgresServer) -> dict[str, float]:
    """Every row; those with a bar come first."""
    rows = compositions(size)
    with open_site(size, server) as site:
        settle_heap()  # the garbage collector works as it does in a server
        for part in (lists, ones, executor, new_documents, over_http, growth, kept_documents):
            gc.collect()  # what one part leaves behind is not to be swept by the next
            rows |= part(site)
    return {**{name: rows[name] for name in BARS}, **rows}
