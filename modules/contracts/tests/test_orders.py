"""Call-offs use up a contract, and never more than was agreed (CON-8, ORD-10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from huikuan.catalog import ModuleCatalog
from huikuan.testing.shop import Answer, Shop, need
from huikuan_contracts.testing import BuiltContract
from modules.contracts.tests.reading import events, read

ORDER = """query($id: ID!) { contract(id: $id) { callOffs { status amount { amount } order { id number status
  total { amount } contract { number } lines { sku quantity unitPrice } } } } }"""


@pytest.fixture
def sales(app_with: Callable[..., Shop], installed_modules: ModuleCatalog) -> Shop:
    """A tenant with contracts and orders, and two products at 10 and 20."""
    need(installed_modules, "orders")
    shop = app_with("contracts", "orders")
    shop.products.create("A", price="10")
    shop.products.create("B", price="20")
    return shop


def call_off(shop: Shop, contract: Any, *lines: tuple[str, str], reference: str = "1", **more: Any) -> Answer:
    """Call off quantities by sku."""
    given = [{"sku": sku, "quantity": quantity} for sku, quantity in lines]
    return shop.mutate("contractCallOff", id=contract.id, input={"reference": reference, "lines": given, **more})


def orders(shop: Shop, contract: BuiltContract) -> list[dict[str, Any]]:
    """Orders of the contract in the order of their call-offs."""
    found = shop.query(ORDER, id=contract.id)["contract"]["callOffs"]
    return [it["order"] for it in found]


def used(shop: Shop, contract: BuiltContract) -> tuple[str, list[str], list[str]]:
    """What is consumed, by item, and the states of its call-offs."""
    found = read(shop, contract)
    return (
        found["consumed"]["amount"],
        [it["consumed"] for it in found["items"]],
        [it["status"] for it in found["callOffs"]],
    )


class TestCallingOff:
    def test_it_writes_an_order_at_the_contracts_price(self, sales: Shop) -> None:
        items = [{"sku": "A", "cap": "50", "unitPrice": "9"}, {"sku": "B"}]
        frame = sales.contracts.signed(kind="FRAMEWORK", billedBy="ORDERS", items=items)
        for _ in range(2):
            assert call_off(sales, frame, ("A", "10"), ("B", "1"))["callOff"]
        [order] = orders(sales, frame)
        assert (order["status"], order["total"], order["contract"]) == (
            "DRAFT",
            {"amount": "110.00"},
            {"number": frame.number},
        )
        assert [(it["sku"], it["unitPrice"]) for it in order["lines"]] == [("A", "9"), ("B", "20")]
        assert used(sales, frame) == ("110.00", ["10", "1"], ["OPEN"])
        assert read(sales, frame)["remaining"] == {"amount": "890.00"}
        assert call_off(sales, frame, ("A", "11")).refused("CONTRACTS_CALL_OFF_TAKEN")
        assert sales.orders.confirm(_built(order))["order"]
        assert used(sales, frame) == ("110.00", ["10", "1"], ["OPEN"])
        assert events(sales, "CONTRACT_CALLED_OFF") == ["CONTRACT_CALLED_OFF"], "confirmed as called off is no news"
        assert not sales.check()

    def test_over_the_amount_or_a_cap_it_is_refused_and_writes_nothing(self, sales: Shop) -> None:
        frame = sales.contracts.frame("100", A="9")
        assert call_off(sales, frame, ("A", "9"))["callOff"]
        for line in (("A", "1"), ("A", "2")):
            answer = call_off(sales, frame, line, reference="2")
            assert answer.codes[0] == "CONTRACTS_OVER_CAP"
        assert len(orders(sales, frame)) == 1
        assert sales.query("{ orders { totalCount } }")["orders"]["totalCount"] == 1
        sales.contracts.amend(frame, items=[{"sku": "A", "cap": "10"}])["contract"]
        assert call_off(sales, frame, ("A", "1"), reference="2")["callOff"]
        assert used(sales, frame) == ("100.00", ["10"], ["OPEN", "OPEN"])
        assert not sales.check()

    def test_without_an_amount_the_caps_alone_limit_it(self, sales: Shop) -> None:
        frame = sales.contracts.frame(None, A="5", B="5")
        assert call_off(sales, frame, ("A", "5"), ("B", "5.000001")).refused("CONTRACTS_OVER_CAP")
        assert call_off(sales, frame, ("A", "5"), ("B", "5"))["callOff"]

    def test_only_what_was_agreed(self, sales: Shop) -> None:
        frame = sales.contracts.frame("100", A="9")
        assert call_off(sales, frame, ("B", "1")).refused("CONTRACTS_ITEM_UNKNOWN")
        priced = {"sku": "A", "quantity": "1", "unitPrice": "1"}
        sales.contracts.amend(frame, items=[{"sku": "A", "cap": "9", "unitPrice": "8"}])["contract"]
        given = {"reference": "1", "lines": [priced]}
        assert sales.mutate("contractCallOff", id=frame.id, input=given).failed("BAD_USER_INPUT")
        assert call_off(sales, frame).failed("BAD_USER_INPUT")
        assert call_off(sales, frame, ("A", "-1")).failed("BAD_USER_INPUT")

    def test_only_while_it_is_in_force(self, sales: Shop) -> None:
        contract = sales.contracts.written(startsOn="2026-01-10", endsOn="2026-01-20", kind="FRAMEWORK")
        assert call_off(sales, contract, ("A", "1")).refused("CONTRACTS_NOT_SIGNED")
        sales.contracts.sign(contract)["contract"]
        assert call_off(sales, contract, ("A", "1")).refused("CONTRACTS_NOT_ACTIVE")
        sales.pass_time(days=10)
        assert call_off(sales, contract, ("A", "1"))["callOff"]
        sales.pass_time(days=10)
        [order] = orders(sales, contract)
        assert sales.orders.confirm(_built(order)).refused("CONTRACTS_NOT_ACTIVE")
        sales.contracts.amend(contract, endsOn="2026-03-01")["contract"]
        assert sales.orders.confirm(_built(order))["order"]


class TestOrdersChange:
    def test_a_draft_that_grew_is_asked_when_it_is_confirmed(self, sales: Shop) -> None:
        frame = sales.contracts.frame("100", A="9")
        call_off(sales, frame, ("A", "5"))["callOff"]
        [order] = orders(sales, frame)
        _quantity(sales, order, "10")
        assert sales.orders.confirm(_built(order)).refused("CONTRACTS_OVER_CAP")
        _quantity(sales, order, "9")
        assert sales.orders.confirm(_built(order))["order"]
        assert used(sales, frame) == ("90.00", ["9"], ["OPEN"])
        assert not sales.check()

    def test_a_confirmed_one_grows_within_the_caps_only(self, sales: Shop) -> None:
        frame = sales.contracts.frame("100", A="9")
        call_off(sales, frame, ("A", "5"))["callOff"]
        [order] = orders(sales, frame)
        sales.orders.confirm(_built(order))["order"]
        for quantity, codes in (("10", ["CONTRACTS_OVER_CAP"]), ("9", []), ("2", [])):
            change = {"reason": "more", "update": [{"position": 1, "quantity": quantity}]}
            assert sales.mutate("orderAmend", id=order["id"], input=change).codes == codes
        assert used(sales, frame) == ("20.00", ["2"], ["OPEN"])
        assert not sales.check()

    @pytest.mark.parametrize("confirmed", [True, False], ids=["confirmed", "draft"])
    def test_cancelled_it_is_free_again_and_the_contract_may_be_cancelled(self, sales: Shop, confirmed: bool) -> None:
        frame = sales.contracts.frame("100", A="9")
        call_off(sales, frame, ("A", "9"))["callOff"]
        [order] = orders(sales, frame)
        if confirmed:
            sales.orders.confirm(_built(order))["order"]
        assert sales.mutate("contractCancel", id=frame.id, reason="over").refused("CONTRACTS_CALLED_OFF")
        sales.mutate("orderCancel", id=order["id"], reason="no")["order"]
        sales.work()
        assert used(sales, frame) == ("0.00", ["0"], ["ENDED"])
        assert events(sales, "CONTRACT_CALL_OFF_ENDED") == ["CONTRACT_CALL_OFF_ENDED"]
        assert call_off(sales, frame, ("A", "9"), reference="2")["callOff"]
        assert not sales.check()

    def test_closed_it_counts_with_what_was_fulfilled_and_reopened_wholly(self, sales: Shop) -> None:
        frame = sales.contracts.frame("100", A="9")
        call_off(sales, frame, ("A", "9"))["callOff"]
        [order] = orders(sales, frame)
        sales.orders.confirm(_built(order))["order"]
        sales.mutate("orderClose", id=order["id"], reason="enough")["order"]
        assert used(sales, frame) == ("0.00", ["0"], ["OPEN"])
        call_off(sales, frame, ("A", "1"), reference="2")["callOff"]
        assert sales.mutate("orderReopen", id=order["id"], reason="more").refused("CONTRACTS_OVER_CAP")
        sales.mutate("orderCancel", id=orders(sales, frame)[1]["id"], reason="no")["order"]
        sales.work()
        assert sales.mutate("orderReopen", id=order["id"], reason="more")["order"]
        assert used(sales, frame) == ("90.00", ["9"], ["OPEN", "ENDED"])
        assert not sales.check()

    def test_an_amount_below_what_was_called_off_is_refused(self, sales: Shop) -> None:
        frame = sales.contracts.frame("100", A="9")
        call_off(sales, frame, ("A", "5"))["callOff"]
        assert sales.contracts.amend(frame, amount="49").refused("CONTRACTS_BELOW_CONSUMED")
        assert sales.contracts.amend(frame, items=[{"sku": "A", "cap": "4"}]).refused("CONTRACTS_BELOW_CONSUMED")
        assert sales.contracts.amend(frame, amount="50", items=[{"sku": "A", "cap": "5"}])["contract"]
        assert not sales.check()


class TestAttaching:
    def test_an_order_that_was_written_without_it_counts(self, sales: Shop) -> None:
        frame = sales.contracts.signed(amount="100")
        order = sales.orders.confirmed(customer=frame.customer, total="60")
        attach = {"id": frame.id, "order": {"id": order.id}}
        for _ in range(2):
            assert sales.mutate("contractOrderAttach", **attach)["callOff"]
        assert used(sales, frame) == ("60.00", [], ["OPEN"])
        more = sales.orders.draft(customer=frame.customer, total="60")
        attach = {"id": frame.id, "order": {"id": more.id}}
        assert sales.mutate("contractOrderAttach", **attach).refused("CONTRACTS_OVER_CAP")
        assert not sales.check()

    def test_not_that_of_another_customer_contract_or_one_that_is_over(self, sales: Shop) -> None:
        frame, other = sales.contracts.signed(), sales.contracts.signed()

        def attach(contract: BuiltContract, order: Any) -> Answer:
            return sales.mutate("contractOrderAttach", id=contract.id, order={"id": order.id})

        assert attach(frame, sales.orders.draft()).refused("CONTRACTS_ORDER_OTHER")
        assert attach(frame, sales.orders.draft(customer=frame.customer, currency="USD")).refused(
            "CONTRACTS_ORDER_OTHER"
        )
        order = sales.orders.draft(customer=frame.customer)
        assert attach(frame, order)["callOff"]
        assert attach(other, order).refused("CONTRACTS_CALL_OFF_TAKEN")
        gone = sales.orders.draft(customer=frame.customer)
        sales.mutate("orderCancel", id=gone.id, reason="no")["order"]
        assert attach(frame, gone).failed("BAD_USER_INPUT")


def _built(order: dict[str, Any]) -> Any:
    """The order as the builder of orders knows it."""
    return type("Built", (), {"id": order["id"]})


def _quantity(shop: Shop, order: dict[str, Any], quantity: str) -> None:
    shop.mutate("orderChange", id=order["id"], input={"update": [{"position": 1, "quantity": quantity}]})["order"]
