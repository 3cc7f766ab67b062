"""Approval cases: bands, four eyes, pinned to order and amount, asked anew when room appears (CRE-4, CRE-5)."""

from __future__ import annotations

from typing import Any

import pytest

from huikuan.testing.shop import Shop
from modules.credit.tests.reading import cases, decisions, line

ALL = ("credit.approve", "credit.approve_large", "credit.approve_any", "orders.confirm", "kernel.holds", "orders.read")


def held(shop: Shop, total: str = "1500", limit: str = "1000") -> Any:
    """An order that credit holds; returns it with the hold's id."""
    shop.credit.limit("C-1", limit)
    order = shop.orders.draft(customer="C-1", total=total)
    answer = shop.orders.confirm(order)
    assert answer.refused("CREDIT_OVER_LIMIT")
    return order, answer.payload["refusals"][0]["hold"]["id"]


@pytest.mark.parametrize(
    ("excess", "permission"),
    [("9999.99", "credit.approve"), ("10000", "credit.approve_large"), ("100000", "credit.approve_any")],
)
def test_the_larger_the_excess_the_fewer_may_approve(shop: Shop, excess: str, permission: str) -> None:
    order, hold = held(shop, total=excess, limit="0")
    assert cases(shop)[0]["permission"] == permission
    others = [name for name in ALL if name != permission]
    assert shop.acting_with(*others).mutate("holdRelease", id=hold, reason="please").failed("FORBIDDEN")
    shop.acting_with(permission, "kernel.holds", "orders.read").mutate("holdRelease", id=hold, reason="known for long")
    assert shop.orders.status(order) == "CONFIRMED"
    assert shop.check() == []


def test_who_asked_never_approves(shop: Shop) -> None:
    _, hold = held(shop)
    assert shop.mutate("holdRelease", id=hold, reason="it is mine").refused("HOLD_SELF_RELEASE")


def test_an_approval_is_for_this_order_and_this_amount(shop: Shop) -> None:
    order, _ = held(shop)
    changed = {"update": [{"position": 1, "quantity": "2"}]}
    shop.mutate("orderChange", id=order.id, input=changed)["order"]
    assert shop.orders.confirm(order).refused("CREDIT_OVER_LIMIT")
    [case] = cases(shop)
    assert case["after"] == {"amount": "3000.00"}, "the case is about the order as it is now"


def test_an_approved_order_is_recorded_as_approved(shop: Shop) -> None:
    _, hold = held(shop)
    shop.acting_with(*ALL).mutate("holdRelease", id=hold, reason="known for long")["hold"]
    shop.work()
    refused, passed = sorted(decisions(shop), key=lambda item: item["passed"])
    assert (refused["level"], refused["approved"], refused["replays"]) == ("APPROVE", False, True)
    assert (passed["level"], passed["approved"], passed["replays"]) == ("APPROVE", True, True)
    assert passed["after"] == {"amount": "1500.00"}
    assert shop.check() == []


def test_a_higher_limit_lets_held_orders_go_on(shop: Shop) -> None:
    order, _ = held(shop)
    shop.credit.limit("C-1", "1400")
    shop.work()
    assert shop.orders.status(order) == "DRAFT" and len(cases(shop)) == 1, "still too little"
    shop.credit.limit("C-1", "1500")
    shop.work()
    assert shop.orders.status(order) == "CONFIRMED"
    assert cases(shop) == [] and shop.check() == []


def test_what_is_owed_no_longer_lets_held_orders_go_on(shop: Shop) -> None:
    shop.credit.limit("C-1", "1000")
    first = shop.orders.confirmed(customer="C-1", total="900")
    waiting = [shop.orders.draft(customer="C-1", total="600") for _ in range(2)]
    for order in waiting:
        assert shop.orders.confirm(order).refused("CREDIT_OVER_LIMIT")
    shop.mutate("orderCancel", id=first.id, reason="changed his mind")["order"]
    shop.work()
    assert [shop.orders.status(order) for order in waiting] == ["CONFIRMED", "DRAFT"], "the older one first"
    assert shop.credit.owed("C-1") == "600.00" and shop.check() == []


def test_other_customers_orders_stay_held(shop: Shop) -> None:
    order, _ = held(shop)
    shop.customers.create("C-2", currency="EUR")
    shop.credit.limit("C-2", "5000")
    shop.work()
    assert shop.orders.status(order) == "DRAFT"


def test_other_rules_let_held_orders_go_on(shop: Shop) -> None:
    order, _ = held(shop)
    rule = {"kind": "LIMIT_USED", "level": "APPROVE", "threshold": "150"}
    shop.mutate("creditRulesSet", checkpoint="CONFIRM", rules=[rule])["creditRules"]
    shop.work()
    assert shop.orders.status(order) == "CONFIRMED"


def test_a_change_order_is_held_and_goes_on_too(shop: Shop) -> None:
    shop.credit.limit("C-1", "1000")
    order = shop.orders.confirmed(customer="C-1", lines=[line(quantity="8", description="Bolts", unitPrice="100")])
    changed = {"reason": "more", "update": [{"position": 1, "quantity": "12"}]}
    assert shop.mutate("orderAmend", id=order.id, input=changed).refused("CREDIT_OVER_LIMIT")
    shop.credit.limit("C-1", "1200")
    shop.work()
    assert shop.credit.owed("C-1") == "1200.00" and shop.check() == []
