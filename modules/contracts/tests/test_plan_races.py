"""Plans of orders asked for by many, or while their order binds, ends or shrinks: one plan, and it fits (CON-3)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.db import Database
from huikuan.db.locks import lock
from huikuan.errors import BadInput, Conflict
from huikuan.ids import new_id
from huikuan.runner import CommandResult
from huikuan.testing.shop import Shop, make_shop, need
from modules.contracts.tests.reading import at_once, events

Call = Callable[[], CommandResult | None]

WORKERS = 16
ROUNDS = 6
ORDER = "query($id: ID!) { order(id: $id) { status contract { id number status planned { amount } } } }"


@pytest.fixture
def sales(database_with: Callable[..., Database], installed_modules: ModuleCatalog, signing_keys: KeyRing) -> Shop:
    """A tenant with a connection for each worker, a customer, and a product at 10."""
    need(installed_modules, "orders")
    found = make_shop(database_with(pool_size=WORKERS), installed_modules, ("contracts", "orders"), keys=signing_keys)
    found.products.create("A", price="10")
    found.customers.create("C", currency="EUR")
    return found


def drafted(shop: Shop) -> Any:
    """A draft of an order of 200."""
    return shop.orders.draft(customer="C", lines=[{"sku": "A", "quantity": "20"}])


def confirmed(shop: Shop) -> Any:
    """The same, confirmed."""
    order = drafted(shop)
    shop.orders.confirm(order)["order"]
    return order


def run(shop: Shop, command: str, **arguments: Any) -> CommandResult | None:
    """Sends again, with the same key, what it is told to send again; None if the order allows it no more."""
    key, deadline = new_id().hex, time.monotonic() + 120
    while True:
        try:
            return shop.kernel.run(shop.scope, command, arguments, key=key)
        except BadInput:
            return None
        except Conflict:
            assert time.monotonic() < deadline
        time.sleep(0.02)


def planning(shop: Shop, order: Any, *percents: str) -> Call:
    """Asks for a plan of these percentages."""
    parts = [{"name": f"{it} %", "percent": Decimal(it), "days": 10} for it in percents]
    return partial(run, shop, "contract_order_plan", order={"id": order.id}, instalments=parts)


def found(shop: Shop, order: Any) -> tuple[str, str | None, str | None]:
    """The states of the order and of its plan, and what this comes to."""
    order = shop.query(ORDER, id=order.id)["order"]
    plan = order["contract"] or {"status": None, "planned": {"amount": None}}
    return order["status"], plan["status"], plan["planned"]["amount"]


def plans(shop: Shop) -> int:
    """How many plans there are."""
    count: int = shop.query("{ contracts { totalCount } }")["contracts"]["totalCount"]
    return count


def test_the_same_plan_asked_for_by_many_is_one(sales: Shop) -> None:
    order = drafted(sales)
    answers = at_once([planning(sales, order, "30", "70")] * WORKERS, WORKERS)
    assert len({answer.values["contract"] for answer in answers if answer is not None}) == 1
    assert (plans(sales), events(sales, "CONTRACT_CREATED")) == (1, ["CONTRACT_CREATED"])
    assert found(sales, order) == ("DRAFT", "UNSIGNED", "200.00")
    assert not sales.check()


def test_of_different_plans_of_a_draft_one_stands_whole(sales: Shop) -> None:
    order = drafted(sales)
    at_once([planning(sales, order, str(number), str(50 - number)) for number in range(1, WORKERS + 1)], WORKERS)
    assert plans(sales) == 1
    assert found(sales, order) == ("DRAFT", "UNSIGNED", "100.00")
    assert not sales.check()


def test_of_different_plans_of_a_confirmed_order_the_first_binds_and_the_others_name_it(sales: Shop) -> None:
    order = confirmed(sales)
    answers = at_once([planning(sales, order, str(number)) for number in range(1, WORKERS + 1)], WORKERS)
    refused = [answer for answer in answers if answer is not None and not answer.done]
    assert len(refused) == WORKERS - 1
    assert plans(sales) == 1
    plan = sales.query(ORDER, id=order.id)["order"]["contract"]
    for answer in refused:
        (refusal,) = answer.refusals
        assert (refusal.code, plan["number"] in refusal.message) == ("CONTRACTS_SIGNED", True)
    assert events(sales, "CONTRACT_SIGNED") == ["CONTRACT_SIGNED"]
    assert not sales.check()


@pytest.mark.parametrize("planned", [True, False])
def test_an_order_is_confirmed_while_its_plan_is_written(sales: Shop, planned: bool) -> None:
    """Whichever comes first: the plan binds with the order, or at once."""
    for number in range(ROUNDS):
        order = drafted(sales)
        if planned:
            planning(sales, order, "100")()
        calls: list[Call] = [planning(sales, order, "40", "60"), partial(run, sales, "order_confirm", id=order.id)]
        answers = at_once(calls if number % 2 else calls[::-1], 2)
        assert any(answer is not None and answer.done for answer in answers)
        assert found(sales, order) == ("CONFIRMED", "ACTIVE", "200.00")
    assert plans(sales) == ROUNDS
    assert not sales.check()


@pytest.mark.parametrize("make", [drafted, confirmed])
def test_an_order_is_cancelled_while_its_plan_is_written(sales: Shop, make: Callable[[Shop], Any]) -> None:
    """Either there is no plan, or it ended with its order."""
    for number in range(ROUNDS):
        order = make(sales)
        calls: list[Call] = [
            planning(sales, order, "100"),
            partial(run, sales, "order_cancel", id=order.id, reason="no"),
        ]
        at_once(calls if number % 2 else calls[::-1], 2)
        sales.work()
        assert found(sales, order) in (("CANCELLED", "CANCELLED", "200.00"), ("CANCELLED", None, None))
    assert not sales.check()


def test_an_order_shrinks_while_its_plan_is_written(sales: Shop) -> None:
    """The plan fits the smaller order, or the order does not shrink below its plan."""
    for number in range(ROUNDS):
        order = confirmed(sales)
        change = {"reason": "less", "update": [{"position": 1, "quantity": Decimal(10)}]}
        calls: list[Call] = [
            planning(sales, order, "100"),
            partial(run, sales, "order_amend", id=order.id, input=change),
        ]
        answers = at_once(calls if number % 2 else calls[::-1], 2)
        shrunk = answers[1 if number % 2 else 0]
        assert shrunk is not None
        assert found(sales, order)[2] == ("100.00" if shrunk.done else "200.00")
    assert not sales.check()


class TestLateLocks:
    """A command that waited for the order finds a contract that it did not lock: it is told to begin again."""

    @pytest.fixture(autouse=True)
    def _several_writers(self, sales: Shop) -> None:
        if sales.dialect == "sqlite":
            pytest.skip("SQLite has one writer at a time: nobody reads before the locks of another")

    @contextmanager
    def late(
        self, monkeypatch: pytest.MonkeyPatch, call: Callable[[], CommandResult]
    ) -> Iterator[Future[CommandResult]]:
        """The call, having read what it locks, waits until the block ends; yields its future."""
        arrived, go = threading.Event(), threading.Event()
        late_thread: list[int] = []

        def wait(session: Any, keys: Any) -> None:
            if threading.get_ident() in late_thread and not arrived.is_set():
                arrived.set()
                assert go.wait(30)
            lock(session, keys)

        def begin() -> CommandResult:
            late_thread.append(threading.get_ident())
            return call()

        monkeypatch.setattr("huikuan.context.lock", wait)
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(begin)
            assert arrived.wait(30)
            try:
                yield future
            finally:
                go.set()

    def once(self, shop: Shop, command: str, **arguments: Any) -> Callable[[], CommandResult]:
        """The command, sent once."""
        return partial(shop.kernel.run, shop.scope, command, arguments, key=new_id().hex)

    @pytest.mark.parametrize(
        ("command", "more"),
        [
            ("order_cancel", {"reason": "no"}),
            ("order_close", {"reason": "no"}),
            ("order_amend", {"input": {"reason": "less", "update": [{"position": 1, "quantity": Decimal(10)}]}}),
        ],
    )
    def test_what_becomes_of_a_confirmed_order(
        self, sales: Shop, monkeypatch: pytest.MonkeyPatch, command: str, more: dict[str, Any]
    ) -> None:
        order = confirmed(sales)
        call = self.once(sales, command, id=order.id, **more)
        with self.late(monkeypatch, call) as answer:
            planning(sales, order, "100")()
        with pytest.raises(Conflict, match="try again"):
            answer.result()
        assert found(sales, order) == ("CONFIRMED", "ACTIVE", "200.00")
        again = call()
        assert again.done is (command != "order_amend")
        assert not sales.check()

    def test_the_confirmation(self, sales: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        order = drafted(sales)
        call = self.once(sales, "order_confirm", id=order.id)
        with self.late(monkeypatch, call) as answer:
            planning(sales, order, "100")()
        with pytest.raises(Conflict, match="try again"):
            answer.result()
        assert call().done
        assert found(sales, order) == ("CONFIRMED", "ACTIVE", "200.00")
        assert not sales.check()

    def test_another_plan(self, sales: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        order = drafted(sales)
        parts = [{"name": "All", "percent": Decimal(50), "days": 1}]
        call = self.once(sales, "contract_order_plan", order={"id": order.id}, instalments=parts)
        with self.late(monkeypatch, call) as answer:
            planning(sales, order, "100")()
        with pytest.raises(Conflict, match="try again"):
            answer.result()
        assert call().done
        assert (plans(sales), found(sales, order)) == (1, ("DRAFT", "UNSIGNED", "100.00"))

    def test_an_order_attached_meanwhile_gives_back_under_the_lock(
        self, sales: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Else what is called off at the same time would be lost."""
        frame = sales.contracts.signed(customer="C", kind="FRAMEWORK", billedBy="ORDERS")
        order = confirmed(sales)
        call = self.once(sales, "order_cancel", id=order.id, reason="no")
        with self.late(monkeypatch, call) as answer:
            sales.mutate("contractOrderAttach", id=frame.id, order={"id": order.id})["callOff"]
        with pytest.raises(Conflict, match="try again"):
            answer.result()
        assert call().done
        assert not sales.check()
