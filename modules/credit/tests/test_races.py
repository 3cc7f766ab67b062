"""Many at once: of any number of orders exactly those pass that fit, and nobody sees an error (probes 1 and 2)."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select

from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.db import Database
from huikuan.errors import Conflict
from huikuan.ids import new_id
from huikuan.runner import CommandResult
from huikuan.testing.shop import Shop, make_shop, need
from huikuan_credit.models import Balance

WORKERS = 20


@pytest.fixture
def shop(database_with: Callable[..., Database], installed_modules: ModuleCatalog, signing_keys: KeyRing) -> Shop:
    """A tenant with a connection for each worker."""
    modules = ("credit", "orders")
    need(installed_modules, *modules)
    found = make_shop(database_with(pool_size=WORKERS), installed_modules, modules, keys=signing_keys)
    found.customers.create("C", currency="EUR")
    return found


def drafts(shop: Shop, count: int) -> list[UUID]:
    """Orders of 100 each."""
    found = []
    for _ in range(count):
        line = {"description": "Bolts", "quantity": Decimal(1), "unit_price": Decimal(100)}
        given = {"customer": {"code": "C"}, "currency": "EUR", "lines": [line]}
        found.append(UUID(shop.run("order_create", input=given).values["order"]))
    return found


def confirmed_at_once(shop: Shop, ids: list[UUID]) -> tuple[list[CommandResult], list[float], Counter[str]]:
    """Confirm all of them, begun together; each is sent again while it is told that others were first."""
    gate, told = threading.Barrier(WORKERS), Counter[str]()
    started = threading.local()

    def confirm(id: UUID) -> tuple[CommandResult, float]:
        if not getattr(started, "yes", False):
            started.yes = True
            gate.wait(60)
        key, begun = new_id().hex, time.monotonic()
        while True:
            try:
                return shop.kernel.run(shop.scope, "order_confirm", {"id": id}, key=key), time.monotonic() - begun
            except Conflict as conflict:
                told[str(conflict.data["reason"])] += 1
                assert conflict.data["reason"] == "IN_FLIGHT" and time.monotonic() - begun < 300, told
                time.sleep(0.02)

    with ThreadPoolExecutor(WORKERS) as pool:
        answers = list(pool.map(confirm, ids))
    return [answer for answer, _ in answers], sorted(seconds for _, seconds in answers), told


def exactly(shop: Shop, many: int, fitting: int) -> list[float]:
    shop.credit.limit("C", str(100 * fitting))
    answers, seconds, _ = confirmed_at_once(shop, drafts(shop, many))
    assert sum(answer.done for answer in answers) == fitting
    refused = [answer for answer in answers if not answer.done]
    assert {tuple(it.code for it in answer.refusals) for answer in refused} == {("CREDIT_OVER_LIMIT",)}
    assert all(answer.refusals[0].hold_id is not None for answer in refused)
    with shop.reading() as ctx:
        assert [row.ordered for row in ctx.scalars(select(Balance))] == [100 * fitting]
    assert shop.check() == []
    return seconds


def test_of_20_orders_on_a_limit_for_10_exactly_10_pass(shop: Shop) -> None:
    exactly(shop, 20, 10)


@pytest.mark.soak
def test_of_200_orders_near_the_limit_exactly_those_pass_that_fit(shop: Shop) -> None:
    seconds = exactly(shop, 200, 77)
    assert seconds[int(len(seconds) * 0.95)] < 60
