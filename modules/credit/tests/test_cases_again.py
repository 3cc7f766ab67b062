"""The same hold coming back: an approval is spent on the order as it was, and one release is one effect (CRE-4)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.core.models import OutboxEvent
from huikuan.db import Database
from huikuan.testing.shop import Answer, Shop, make_shop, need
from modules.credit.tests.reading import cases, decisions

APPROVER = ("credit.approve", "kernel.holds", "orders.read")
HOLDS = "{ holds { nodes { id code message status } } }"
WORKERS = 8
ROUNDS = 5
OVER = "CREDIT_OVER_LIMIT"


def bolts(shop: Shop, quantity: str = "15") -> Any:
    """A draft of so many at 100."""
    return shop.orders.draft(customer="C-1", lines=[{"description": "Bolts", "quantity": quantity, "unitPrice": "100"}])


def resized(shop: Shop, order: Any, quantity: str) -> Answer:
    return shop.mutate("orderChange", id=order.id, input={"update": [{"position": 1, "quantity": quantity}]})


def held(answer: Answer) -> tuple[str, str]:
    """The one hold of a refusal, and what it says."""
    assert answer.refused(OVER), answer.response
    [refusal] = answer.payload["refusals"]
    return refusal["hold"]["id"], refusal["message"]


def release(shop: Shop, hold: str) -> Answer:
    """Somebody else approves."""
    return shop.acting_with(*APPROVER).mutate("holdRelease", id=hold, reason="known for long")


def holds(shop: Shop) -> dict[str, str]:
    """The status of all holds by their ids."""
    return {it["id"]: it["status"] for it in shop.query(HOLDS)["holds"]["nodes"]}


@pytest.fixture
def approved(shop: Shop) -> tuple[Any, str, str]:
    """A draft, the hold that was released, and its words; the customer's own hold kept it from being confirmed."""
    shop.credit.limit("C-1", "1000")
    order = bolts(shop)
    hold, message = held(shop.orders.confirm(order))
    customer = shop.query('{ customer(code: "C-1") { id } }')["customer"]["id"]
    shop.mutate("customerHold", id=customer, reason="dispute")["customer"]
    assert release(shop, hold).refused("ORDERS_CUSTOMER_ON_HOLD")
    shop.mutate("customerUnhold", id=customer)["customer"]
    assert shop.orders.status(order) == "DRAFT"
    return order, hold, message


class TestAfterAChange:
    def test_unchanged_the_approval_holds(self, shop: Shop, approved: tuple[Any, str, str]) -> None:
        order, hold, _ = approved
        assert shop.orders.confirm(order)["order"]["status"] == "CONFIRMED"
        assert holds(shop) == {hold: "RELEASED"} and not shop.check()

    @pytest.mark.parametrize("there_and_back", [["16", "15"], ["15"]])
    def test_the_same_words_about_another_version_wait_anew(
        self, shop: Shop, approved: tuple[Any, str, str], there_and_back: list[str]
    ) -> None:
        order, first, message = approved
        for quantity in there_and_back:
            resized(shop, order, quantity)["order"]
        second, again = held(shop.orders.confirm(order))
        assert (again == message, second != first) == (True, True)
        assert shop.orders.confirm(order).payload["refusals"][0]["hold"]["id"] == second, "one open hold"
        assert holds(shop) == {first: "RELEASED", second: "OPEN"}
        assert release(shop, first).refused("HOLD_DECIDED"), "the spent approval decides nothing"
        assert shop.orders.status(order) == "DRAFT"
        assert release(shop, second).codes == []
        assert shop.orders.status(order) == "CONFIRMED" and shop.credit.owed("C-1") == "1500.00"
        shop.work()
        assert [it["approved"] for it in decisions(shop) if it["passed"]] == [True]
        assert cases(shop) == [] and not shop.check()

    def test_a_release_that_comes_after_the_change_waives_nothing(self, shop: Shop) -> None:
        shop.credit.limit("C-1", "1000")
        order = bolts(shop)
        first, message = held(shop.orders.confirm(order))
        for quantity in ("20", "15"):
            resized(shop, order, quantity)["order"]
        second, again = held(release(shop, first))
        assert (again == message, second != first, shop.orders.status(order)) == (True, True, "DRAFT")
        assert release(shop, second).codes == []
        assert shop.orders.status(order) == "CONFIRMED" and not shop.check()


class TestAfterTheConfirmation:
    @pytest.fixture
    def agreed(self, shop: Shop) -> Any:
        """An order that was confirmed by an approval."""
        shop.credit.limit("C-1", "1000")
        order = bolts(shop)
        release(shop, held(shop.orders.confirm(order))[0])["hold"]
        assert shop.orders.status(order) == "CONFIRMED"
        return order

    def test_each_change_order_waits_for_its_own(self, shop: Shop, agreed: Any) -> None:
        ids = []
        for quantity, owed in (("16", "1600.00"), ("15", "1500.00"), ("16", "1600.00")):
            change = {"reason": "other", "update": [{"position": 1, "quantity": quantity}]}
            answer = shop.mutate("orderAmend", id=agreed.id, input=change)
            if quantity == "16":
                hold, message = held(answer)
                ids.append((hold, message))
                assert shop.credit.owed("C-1") == "1500.00"
                assert release(shop, hold).codes == []
            assert shop.credit.owed("C-1") == owed
        (first, words), (second, again) = ids
        assert (words == again, first != second) == (True, True)
        assert not shop.check()

    def test_reopening_waits_anew_each_time(self, shop: Shop, agreed: Any) -> None:
        found = []
        for _ in range(2):
            shop.mutate("orderClose", id=agreed.id, reason="enough")["order"]
            assert shop.credit.owed("C-1") == "0.00"
            hold, message = held(shop.mutate("orderReopen", id=agreed.id))
            found.append((hold, message))
            assert release(shop, hold).codes == []
            assert shop.credit.owed("C-1") == "1500.00"
        (first, words), (second, again) = found
        assert (words == again, first != second) == (True, True)
        assert not shop.check()


class TestAtOnce:
    @pytest.fixture
    def busy(
        self, database_with: Callable[..., Database], installed_modules: ModuleCatalog, signing_keys: KeyRing
    ) -> Shop:
        """A tenant with a connection for each worker."""
        need(installed_modules, "orders")
        modules = ("credit", "orders")
        found = make_shop(database_with(pool_size=WORKERS), installed_modules, modules, keys=signing_keys)
        found.customers.create("C-1", currency="EUR")
        found.credit.limit("C-1", "1000")
        return found

    def together(self, *calls: Callable[[], Answer]) -> list[Answer]:
        """The answers of calls that begin together; who is told to send it again does so."""
        gate = threading.Barrier(len(calls))

        def run(call: Callable[[], Answer]) -> Answer:
            gate.wait(30)
            answer = call()
            while answer.failed("CONFLICT"):
                answer = call()
            return answer

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(run, calls))

    def told(self, shop: Shop, type: str) -> int:
        """How many events of this type there are."""
        with shop.reading() as ctx:
            return ctx.scalar(select(func.count(OutboxEvent.id)).where(OutboxEvent.type == type)) or 0

    def test_releases_of_one_hold_are_one_effect(self, busy: Shop) -> None:
        order = bolts(busy)
        hold, _ = held(busy.orders.confirm(order))
        answers = self.together(*[lambda: release(busy, hold)] * WORKERS)
        assert sorted(answer.codes for answer in answers) == [[], *[["HOLD_DECIDED"]] * (WORKERS - 1)]
        assert (self.told(busy, "ORDER_CONFIRMED"), self.told(busy, "HOLD_DECIDED")) == (1, 1)
        assert holds(busy) == {hold: "RELEASED"}
        assert busy.orders.status(order) == "CONFIRMED" and busy.credit.owed("C-1") == "1500.00"
        busy.work()
        assert [it["approved"] for it in decisions(busy) if it["passed"]] == [True]
        assert not busy.check()

    def test_a_release_and_a_change_never_pass_what_nobody_approved(self, busy: Shop) -> None:
        """Either the order is confirmed as approved and does not change, or it changed and waits anew."""
        for number in range(ROUNDS):
            order = bolts(busy)
            hold, _ = held(busy.orders.confirm(order))
            calls = [lambda: release(busy, hold), lambda: resized(busy, order, "17")]  # noqa: B023 - run at once
            answers = self.together(*(calls if number % 2 else calls[::-1]))
            released, changed = answers if number % 2 else answers[::-1]
            confirmed = busy.orders.status(order) == "CONFIRMED"
            assert (released.codes, changed.codes) == (([], ["ORDERS_WRONG_STATE"]) if confirmed else ([OVER], []))
            total = busy.query("query($id: ID!) { order(id: $id) { total { amount } } }", id=order.id)["order"]["total"]
            assert total == {"amount": "1500.00" if confirmed else "1700.00"}
            if confirmed:
                busy.mutate("orderCancel", id=order.id, reason="done")["order"]
        assert not busy.check()
