"""Many at once: the last unit is given once, and nobody sees a deadlock (INV-3)."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any
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
from huikuan_inventory.models import Reservation, StockItem

WORKERS = 16
PRODUCTS = ("A", "B", "C", "D")


@pytest.fixture
def shop(database_with: Callable[..., Database], installed_modules: ModuleCatalog, signing_keys: KeyRing) -> Shop:
    """A tenant with a connection for each worker."""
    modules = ("inventory", "orders")
    need(installed_modules, *modules)
    found = make_shop(database_with(pool_size=WORKERS), installed_modules, modules, keys=signing_keys)
    assert found.run("customer_create", input={"code": "C", "name": "Busy", "currency": "EUR"}).done
    for sku in PRODUCTS:
        found.products.create(sku, price="10")
    return found


@dataclass
class Client:
    """Sends again, with the same key, what it is told to send again."""

    shop: Shop
    told: Counter[str] = field(default_factory=Counter)

    def run(self, command: str, **arguments: Any) -> CommandResult:
        key, deadline = new_id().hex, time.monotonic() + 120
        while True:
            try:
                return self.shop.kernel.run(self.shop.scope, command, arguments, key=key)
            except Conflict as conflict:
                self.told[str(conflict.data["reason"])] += 1
                assert time.monotonic() < deadline, self.told
            time.sleep(0.02)

    def draft(self, *lines: tuple[str, int]) -> UUID:
        given = [{"sku": sku, "quantity": Decimal(quantity)} for sku, quantity in lines]
        result = self.run("order_create", input={"customer": {"code": "C"}, "lines": given, "currency": "EUR"})
        assert result.done, result.refusals
        return UUID(result.values["order"])


def at_once(actions: Sequence[Callable[[], Any]], workers: int = WORKERS) -> list[Any]:
    """All of them, begun together."""
    gate = threading.Barrier(min(workers, len(actions)))
    started = threading.local()

    def run(action: Callable[[], Any]) -> Any:
        if not getattr(started, "yes", False):
            started.yes = True
            gate.wait(30)
        return action()

    with ThreadPoolExecutor(min(workers, len(actions))) as pool:
        return list(pool.map(run, actions))


def last_unit(shop: Shop, many: int) -> None:
    client = Client(shop)
    shop.inventory.receive("A", "1")
    drafts = [client.draft(("A", 1)) for _ in range(many)]
    answers = at_once([partial(client.run, "order_confirm", id=id) for id in drafts])
    assert sum(answer.done for answer in answers) == 1
    others = [answer for answer in answers if not answer.done]
    assert {tuple(refusal.code for refusal in answer.refusals) for answer in others} == {("INVENTORY_SHORT",)}
    assert all("1 needed, 0 available" in answer.refusals[0].message for answer in others)
    with shop.reading() as ctx:
        assert [row.reserved for row in ctx.scalars(select(Reservation))] == [1]
    assert not shop.check()


def mixed(shop: Shop, orders: int, workers: int, seed: int) -> None:
    """Orders of several products in any order, some confirmed, some cancelled, some shipped, goods coming in."""
    client, dice = Client(shop), random.Random(seed)
    shop.set("inventory.short_stock", "BACKORDER")
    for sku in PRODUCTS[1:]:  # the balance of the first one is made while all of them run
        shop.inventory.receive(sku, "5")
    drafts = [client.draft(*((dice.choice(PRODUCTS), dice.randint(1, 3)) for _ in range(4))) for _ in range(orders)]
    place = {"warehouse": {"code": "MAIN"}}

    def one(id: UUID, what: str, sku: str) -> None:
        assert client.run("order_confirm", id=id).done
        if what == "cancel":
            assert client.run("order_cancel", id=id, reason="not wanted").done
        elif what == "receive":
            assert client.run("stock_receive", **place, product={"sku": sku}, quantity=Decimal(4)).done
        elif what == "count":
            assert client.run("stock_count", **place, product={"sku": sku}, counted=Decimal(6)).done
        elif what == "ship":
            planned = client.run("shipment_create_for_order", order={"id": id})
            if planned.done:
                client.run("shipment_ship", id=UUID(planned.values["shipment"]))

    kinds = ("cancel", "receive", "count", "ship", "ship")
    work = [partial(one, id, dice.choice(kinds), dice.choice(PRODUCTS)) for id in drafts]
    at_once(work, workers)
    assert not shop.check()
    with shop.reading() as ctx:
        for item in ctx.scalars(select(StockItem)):
            assert 0 <= item.reserved <= item.on_hand


def test_of_30_confirmations_of_the_last_unit_one_passes_and_the_others_are_told_why(shop: Shop) -> None:
    last_unit(shop, 30)


def test_mixed_orders_never_deadlock(shop: Shop) -> None:
    mixed(shop, 24, WORKERS, seed=7)


@pytest.mark.soak
def test_of_200_confirmations_of_the_last_unit_one_passes(shop: Shop) -> None:
    last_unit(shop, 200)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3))
def test_64_workers_on_mixed_orders_never_deadlock(
    database_with: Callable[..., Database], installed_modules: ModuleCatalog, signing_keys: KeyRing, seed: int
) -> None:
    found = make_shop(database_with(pool_size=64), installed_modules, ("inventory", "orders"), keys=signing_keys)
    assert found.run("customer_create", input={"code": "C", "name": "Busy", "currency": "EUR"}).done
    for sku in PRODUCTS:
        found.products.create(sku, price="10")
    mixed(found, 300, 64, seed)
