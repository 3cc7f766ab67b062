"""Collection plans of orders that belong to no contract (CON-3): they bind and end with their order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from huikuan.catalog import ModuleCatalog
from huikuan.testing.corruption import Corrupt
from huikuan.testing.shop import Answer, Shop, need
from huikuan_contracts.testing import part
from modules.contracts.tests.reading import events, instalments, read

PLAN = """query($id: ID!) { order(id: $id) { contract { id title status billedBy number planned { amount } planOf { id }
  instalments { id amount { amount } percent originalOn plannedOn dueOn state } } } }"""
THREE = (
    {"name": "Deposit", "percent": "30", "kind": "DEPOSIT"},
    {"name": "Built", "amount": "50", "days": 20},
    part("Rest", "2026-03-01"),
)


@pytest.fixture
def sales(app_with: Callable[..., Shop], installed_modules: ModuleCatalog) -> Shop:
    """A tenant with contracts and orders, and a product at 10."""
    need(installed_modules, "orders")
    shop = app_with("contracts", "orders")
    shop.products.create("A", price="10")
    shop.customers.create("C", currency="EUR")
    return shop


def drafted(shop: Shop, quantity: str = "20") -> Any:
    """A draft of an order of so many at 10."""
    return shop.orders.draft(customer="C", lines=[{"sku": "A", "quantity": quantity}])


def planned(shop: Shop, order: Any) -> dict[str, Any]:
    """The plan of an order."""
    found: dict[str, Any] = shop.query(PLAN, id=order.id)["order"]["contract"]
    return found


def parts(shop: Shop, order: Any) -> list[tuple[str, str | None, str]]:
    """Amount, due day and state of its instalments."""
    return [(it["amount"]["amount"], it["dueOn"], it["state"]) for it in planned(shop, order)["instalments"]]


def resized(shop: Shop, order: Any, quantity: str) -> None:
    """The draft has another quantity."""
    change = {"update": [{"position": 1, "quantity": quantity}]}
    shop.mutate("orderChange", id=order.id, input=change)["order"]


def amended(shop: Shop, order: Any, quantity: str) -> Answer:
    """Ask for a change order."""
    change = {"reason": "other", "update": [{"position": 1, "quantity": quantity}]}
    return shop.mutate("orderAmend", id=order.id, input=change)


class TestBinding:
    def test_it_binds_with_the_order(self, sales: Shop) -> None:
        order = drafted(sales)
        for _ in range(2):
            sales.contracts.plan(order, *THREE)["contract"]
        found = planned(sales, order)
        assert (found["status"], found["billedBy"], found["planned"]) == ("UNSIGNED", "ORDERS", {"amount": "200.00"})
        assert found["planOf"] == {"id": order.id} and found["title"].startswith("Order ")
        assert [it[1] for it in parts(sales, order)] == [None, None, "2026-03-01"], "nothing is owed before"
        sales.orders.confirm(order)["order"]
        assert planned(sales, order)["status"] == "ACTIVE"
        assert parts(sales, order) == [
            ("60.00", "2026-01-05", "OPEN"),
            ("50.00", "2026-01-25", "OPEN"),
            ("90.00", "2026-03-01", "OPEN"),
        ]
        assert [it["originalOn"] for it in planned(sales, order)["instalments"]] == [
            "2026-01-05",
            "2026-01-25",
            "2026-03-01",
        ]
        assert events(sales, "CONTRACT_SIGNED") == ["CONTRACT_SIGNED"]
        assert not sales.check()

    def test_amounts_are_what_the_formulas_say_of_the_order_as_confirmed(self, sales: Shop) -> None:
        order = drafted(sales)
        sales.contracts.plan(order, *THREE)["contract"]
        resized(sales, order, "30")
        sales.orders.confirm(order)["order"]
        assert [it[0] for it in parts(sales, order)] == ["90.00", "50.00", "160.00"]
        assert not sales.check()

    @pytest.mark.parametrize("quantity", ["5", "7"])
    def test_what_does_not_fit_the_order_is_not_confirmed(self, sales: Shop, quantity: str) -> None:
        """Of 50, 15 and 50 leave nothing; of 70, 21 and 50 come to more than it."""
        order = drafted(sales)
        sales.contracts.plan(order, *THREE)["contract"]
        resized(sales, order, quantity)
        assert sales.orders.confirm(order).refused("CONTRACTS_PLAN_SUM")
        sales.contracts.plan(order, {"name": "All"})["contract"]
        sales.orders.confirm(order)["order"]
        assert [it[0] for it in parts(sales, order)] == [f"{quantity}0.00"]

    def test_a_confirmed_order_gets_one_that_binds_at_once(self, sales: Shop) -> None:
        order = drafted(sales)
        sales.orders.confirm(order)["order"]
        sales.pass_time(days=3)
        for _ in range(2):
            sales.contracts.plan(order, {"name": "All", "days": 4})["contract"]
        assert parts(sales, order) == [("200.00", "2026-01-12", "OPEN")]
        assert sales.contracts.plan(order, {"name": "Other"}).refused("CONTRACTS_SIGNED")
        assert not sales.check()

    def test_more_than_the_order_is_refused(self, sales: Shop) -> None:
        order = drafted(sales)
        assert sales.contracts.plan(order, {"name": "a", "amount": "200.01"}).refused("CONTRACTS_PLAN_SUM")
        assert planned(sales, order) is None, "nothing is left of what was refused"

    def test_who_looks_after_it_is_told(self, sales: Shop) -> None:
        order = drafted(sales)
        sales.contracts.plan(order, part("All", "2026-01-08"))["contract"]
        sales.work()
        assert events(sales, "CONTRACT_INSTALMENT_DUE_SOON") == [], "a draft binds nobody"
        sales.orders.confirm(order)["order"]
        sales.pass_time(days=1)
        sales.work()
        sales.pass_time(days=5)
        sales.work()
        assert events(sales, "CONTRACT_INSTALMENT_DUE_SOON", "CONTRACT_INSTALMENT_OVERDUE") == [
            "CONTRACT_INSTALMENT_DUE_SOON",
            "CONTRACT_INSTALMENT_OVERDUE",
        ]
        assert parts(sales, order)[0][2] == "OVERDUE"


class TestChanging:
    def bound(self, shop: Shop) -> tuple[Any, Any]:
        """A confirmed order with its plan."""
        order = drafted(shop)
        shop.contracts.plan(order, *THREE)["contract"]
        shop.orders.confirm(order)["order"]
        return order, type("Plan", (), {"id": planned(shop, order)["id"]})

    def test_amendments_keep_the_day_planned_first(self, sales: Shop) -> None:
        order, plan = self.bound(sales)
        change = [{"sequence": 1, "plannedOn": "2026-02-01"}]
        new = [part("More", "2026-04-01", amount="10")]
        sales.contracts.amend(plan, update=[*change, {"sequence": 3, "amount": "80"}], add=new)["contract"]
        first = planned(sales, order)["instalments"][0]
        assert (first["originalOn"], first["dueOn"]) == ("2026-01-05", "2026-02-01")
        assert [it[0] for it in parts(sales, order)] == ["60.00", "50.00", "80.00", "10.00"]
        over = sales.contracts.amend(plan, update=[{"sequence": 3, "amount": "80.01"}])
        assert over.refused("CONTRACTS_PLAN_SUM")
        assert sales.contracts.amend(plan, drop=[4], add=[{"name": "When?"}]).failed("BAD_USER_INPUT")
        assert sales.contracts.amend(plan, amount="500").failed("BAD_USER_INPUT")
        assert not sales.check()

    def test_the_order_does_not_shrink_below_it(self, sales: Shop) -> None:
        order, plan = self.bound(sales)
        assert amended(sales, order, "19").refused("CONTRACTS_PLAN_SUM")
        sales.contracts.amend(plan, update=[{"sequence": 3, "amount": "80"}])["contract"]
        assert amended(sales, order, "19")["order"]
        assert amended(sales, order, "40")["order"], "growing is not asked about"
        sales.contracts.amend(plan, add=[part("Rest", "2026-05-01")])["contract"]
        assert parts(sales, order)[-1][0] == "210.00"
        assert not sales.check()

    @pytest.mark.parametrize(
        ("name", "more"),
        [
            ("contractSign", {"signedBy": "L", "signedForUs": "A"}),
            ("contractCancel", {"reason": "no"}),
            ("contractCallOff", {"input": {"reference": "1", "lines": [{"sku": "A", "quantity": "1"}]}}),
        ],
    )
    def test_it_is_no_agreement_of_its_own(self, sales: Shop, name: str, more: dict[str, Any]) -> None:
        _, plan = self.bound(sales)
        assert sales.mutate(name, id=plan.id, **more).refused("CONTRACTS_PLAN_OF_ORDER")
        other = drafted(sales)
        attach = sales.mutate("contractOrderAttach", id=plan.id, order={"id": other.id})
        assert attach.refused("CONTRACTS_PLAN_OF_ORDER")

    def test_an_order_of_a_contract_has_its_plan(self, sales: Shop) -> None:
        contract = sales.contracts.signed(customer="C", billedBy="ORDERS")
        order = drafted(sales)
        sales.mutate("contractOrderAttach", id=contract.id, order={"id": order.id})["callOff"]
        assert sales.contracts.plan(order, {"name": "All"}).refused("CONTRACTS_CALL_OFF_TAKEN")
        mine = drafted(sales)
        sales.contracts.plan(mine, {"name": "All"})["contract"]
        attach = sales.mutate("contractOrderAttach", id=contract.id, order={"id": mine.id})
        assert attach.refused("CONTRACTS_CALL_OFF_TAKEN")


class TestEnding:
    @pytest.mark.parametrize("confirmed", [True, False])
    def test_nothing_is_expected_of_a_cancelled_order(self, sales: Shop, confirmed: bool) -> None:
        order = drafted(sales)
        sales.contracts.plan(order, *THREE)["contract"]
        if confirmed:
            sales.orders.confirm(order)["order"]
        sales.mutate("orderCancel", id=order.id, reason="no")["order"]
        sales.work()
        assert planned(sales, order)["status"] == "CANCELLED"
        assert {it[2] for it in parts(sales, order)} == {"DROPPED"}
        again = sales.contracts.plan(order, {"name": "All"})
        assert again.refused("CONTRACTS_SIGNED") if confirmed else again.failed("BAD_USER_INPUT")
        assert not sales.check()

    def test_its_customer_may_be_archived_when_the_order_ended(self, sales: Shop) -> None:
        order = drafted(sales)
        sales.contracts.plan(order, *THREE)["contract"]
        sales.orders.confirm(order)["order"]
        sales.mutate("orderClose", id=order.id, reason="enough")["order"]
        customer = sales.query('{ customer(code: "C") { id } }')["customer"]["id"]
        assert sales.mutate("customerArchive", id=customer)["customer"]

    def test_a_return_brings_no_money(self, sales: Shop) -> None:
        order = sales.orders.draft(customer="C", kind="RETURN", lines=[{"sku": "A", "quantity": "-1"}])
        assert sales.contracts.plan(order, {"name": "All"}).failed("BAD_USER_INPUT")


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE contracts_contract SET signed_on = NULL WHERE order_id IS NOT NULL",
        "UPDATE contracts_contract SET cancelled_on = '2026-01-05' WHERE order_id IS NOT NULL",
        "UPDATE contracts_contract_instalment SET amount_amount = amount_amount + 10000 WHERE sequence = 3",
    ],
)
def test_a_plan_that_does_not_fit_its_order_is_found(sales: Shop, corrupt: Corrupt, damage: str) -> None:
    order = drafted(sales)
    sales.contracts.plan(order, *THREE)["contract"]
    sales.orders.confirm(order)["order"]
    assert not sales.check()
    corrupt(sales, damage)
    assert {found.name for found in sales.check()} == {"contracts.order-plans"}


def test_contracts_of_their_own_are_plans_of_no_order(sales: Shop) -> None:
    contract = sales.contracts.signed(instalments=[part("All", "2026-02-01")])
    assert read(sales, contract)["instalments"] == instalments(sales, contract)
    query = "query($id: ID!) { contract(id: $id) { planOf { id } } }"
    assert sales.query(query, id=contract.id)["contract"]["planOf"] is None
