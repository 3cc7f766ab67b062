"""From order to cash on a durable PostgreSQL, with every module, against the same writes by hand."""

from __future__ import annotations

import statistics
import sys
import time

import psycopg

from bench.__main__ import Options
from bench._order_to_cash.floor import learn
from bench._order_to_cash.growth import confirm_seconds, fill
from bench._order_to_cash.journey import STEPS, Clerk
from bench._order_to_cash.parallel import WORKERS, confirms_passed, orders_per_second
from bench._order_to_cash.recording import recording
from bench._order_to_cash.site import FULL, QUICK, Site, Size, open_site
from huikuan.testing.postgres import PostgresServer, PostgresUnavailable
from huikuan.web.server import settle_heap

__all__ = ["BARS", "measure", "run"]

BARS = {
    "cpu_s_per_order": "<= 0.05 s",
    "o2c_vs_floor": "<= 2.5 x the writes by hand",
    "statements_per_order": "<= 100",
    "confirm_growth": "<= 1.2 x",
    "parallel_confirms_passed": "== 10",
}


def run(options: Options) -> dict[str, float]:
    """On a PostgreSQL of its own, whose roles and rows it knows."""
    if options.database is not None:
        sys.exit("bench order-to-cash: it starts a PostgreSQL of its own; leave --database out")
    try:
        with PostgresServer(fsync=True) as server:
            return measure(QUICK if options.quick else FULL, server)
    except PostgresUnavailable as error:
        sys.exit(f"bench order-to-cash: {error}")


def measure(size: Size, server: PostgresServer) -> dict[str, float]:
    """Every row; those with a bar come first."""
    with open_site(size, server) as site:
        authorization = site.tenant("product", "C", *(f"C-{place}" for place in range(WORKERS)))
        clerk = Clerk(site.kernel, authorization, "order")
        for _ in range(size.warm_up):
            clerk.sell("C")
        settle_heap()  # the garbage collector works as it does in a server
        rows = _statements(site, clerk) | _in_turns(site, clerk)
        rows["parallel_per_second"] = orders_per_second(site, authorization)
        rows["parallel_confirms_passed"] = confirms_passed(site)
        rows["confirm_growth"] = _growth(site, clerk)
    return {**{name: rows[name] for name in BARS}, **rows}


def _statements(site: Site, clerk: Clerk) -> dict[str, float]:
    with recording(site.kernel) as recorded:
        clerk.sell("C")
    return {"statements_per_order": recorded.count}


def _in_turns(site: Site, clerk: Clerk) -> dict[str, float]:
    """The product and the writes by hand take turns, an order each; ratios are medians of the rounds."""
    other = Clerk(site.kernel, site.tenant("floor", "C"), "floor")
    for _ in range(3):
        other.sell("C")
    with recording(site.kernel) as recorded:
        other.tell = recorded.begin
        other.sell("C")
        other.sell("C")
    taken: list[float] = []
    by_hand: list[float] = []
    processor = by_hand_processor = 0.0
    for step in STEPS:
        clerk.taken[step].clear()
    with psycopg.connect(site.urls.app) as connection:
        floor = learn(connection, site.kernel.scope("floor").tenant.id, recorded)
        floor.sell()
        for _ in range(site.size.orders):
            began, started = time.process_time(), time.perf_counter()
            clerk.sell("C")
            taken.append(time.perf_counter() - started)
            processor += time.process_time() - began
            began, started = time.process_time(), time.perf_counter()
            floor.sell()
            by_hand.append(time.perf_counter() - started)
            by_hand_processor += time.process_time() - began
    return {
        "cpu_s_per_order": processor / len(taken),
        "o2c_vs_floor": statistics.median(mine / his for mine, his in zip(taken, by_hand, strict=True)),
        "orders_per_second": len(taken) / sum(taken),
        **{f"{step}_ms": statistics.median(clerk.taken[step]) * 1e3 for step in STEPS},
        "floor_per_second": len(by_hand) / sum(by_hand),
        "floor_cpu_s_per_order": by_hand_processor / len(by_hand),
    }


def _growth(site: Site, clerk: Clerk) -> float:
    size = site.size
    tenant = site.kernel.scope("product").tenant.id
    fill(site.urls.owner, tenant, 0, size.small)
    small = confirm_seconds(clerk, "C", size.confirms)
    fill(site.urls.owner, tenant, size.small, size.large)
    return confirm_seconds(clerk, "C", size.confirms) / small
