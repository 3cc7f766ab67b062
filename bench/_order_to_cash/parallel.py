"""Several at once: workers with customers of their own, and many confirmations on one limit."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

from bench._order_to_cash.journey import Clerk
from bench._order_to_cash.site import LINES, PRICE, Site, open_kernel
from huikuan.testing.databases import PostgresUrls

__all__ = ["WORKERS", "confirms_passed", "orders_per_second"]

WORKERS = 4
ASKED, ROOM = 20, 10


def orders_per_second(site: Site, authorization: str) -> float:
    """Four processes, each with a customer of its own; from the first to the last order, warm-up left out."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(WORKERS, mp_context=spawn) as pool:
        asked = [
            pool.submit(_work, site.urls, site.keys, authorization, f"C-{place}", site.size.each_worker)
            for place in range(WORKERS)
        ]
        spans = [it.result() for it in asked]
    seconds = max(end for _, end in spans) - min(start for start, _ in spans)
    return WORKERS * site.size.each_worker / seconds


def _work(urls: PostgresUrls, keys: Path, authorization: str, customer: str, count: int) -> tuple[float, float]:
    kernel = open_kernel(urls, keys)
    try:
        clerk = Clerk(kernel, authorization, f"parallel-{customer}")
        clerk.sell(customer)
        started = time.time()
        for _ in range(count):
            clerk.sell(customer)
        return started, time.time()
    finally:
        kernel.close()


def confirms_passed(site: Site) -> int:
    """Twenty orders of one customer are confirmed at once, and there is room for ten; none may fail otherwise."""
    authorization = site.tenant("limit")
    each = LINES * 2 * PRICE * 6 / 5  # tax included
    site.customer(site.kernel.scope("limit"), "C", str(each * ROOM))
    clerk = Clerk(site.kernel, authorization, "limit")
    orders = [clerk.create("C") for _ in range(ASKED)]

    def confirm(order: object) -> str:
        scope = site.kernel.admit(authorization, request_id="bench")
        return site.kernel.run(scope, "order_confirm", {"id": order}, key=f"confirm-{order}").outcome

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(confirm, orders))
    assert set(outcomes) <= {"DONE", "REFUSED"}, outcomes
    return outcomes.count("DONE")
