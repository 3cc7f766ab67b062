"""Recurring orders (ORD-10): each date makes one order, whatever happens meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from huikuan.testing.shop import Shop
from huikuan_orders.testing import line
from modules.orders.tests.reading import configure

TEMPLATE = "{ orderTemplates { nodes { runs nextOn lastError stoppedAt } } }"
ORDERS = "{ orders { nodes { reference status orderedOn total { amount } template { name } } } }"


@pytest.fixture
def stocked(shop: Shop) -> Shop:
    shop.products.create("A1", price="10")
    shop.customers.create("C-1")
    return shop


def monthly(**more: Any) -> dict[str, Any]:
    return {
        "name": "Paper",
        "customer": {"code": "C-1"},
        "lines": [line("A1", "3")],
        "interval": "MONTH",
        "startsOn": "2026-01-31",
        **more,
    }


def state(shop: Shop) -> dict[str, Any]:
    found: dict[str, Any] = shop.query(TEMPLATE)["orderTemplates"]["nodes"][0]
    return found


def orders(shop: Shop) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shop.query(ORDERS)["orders"]["nodes"]
    return found


def run_until(shop: Shop, days: float) -> None:
    shop.pass_time(days=days)
    shop.work()
    shop.work()


def test_each_date_makes_one_order(stocked: Shop) -> None:
    stocked.mutate("orderTemplateCreate", input=monthly())["orderTemplate"]
    stocked.work()
    assert orders(stocked) == []
    run_until(stocked, 26)
    run_until(stocked, 0.5)
    assert [(item["orderedOn"], item["status"]) for item in orders(stocked)] == [("2026-01-31", "DRAFT")]
    run_until(stocked, 70)
    assert [item["orderedOn"] for item in orders(stocked)] == ["2026-01-31", "2026-02-28", "2026-03-31"]
    assert {item["template"]["name"] for item in orders(stocked)} == {"Paper"}
    assert state(stocked)["nextOn"] == "2026-04-30" and state(stocked)["runs"] == 3
    assert not stocked.check()


def test_it_confirms_what_passes_and_says_what_does_not(stocked: Shop) -> None:
    template = stocked.mutate("orderTemplateCreate", input=monthly(confirm=True))["orderTemplate"]
    run_until(stocked, 26)
    configure(stocked, "orders.minimum_value", "100")
    run_until(stocked, 28)
    assert [item["status"] for item in orders(stocked)] == ["CONFIRMED", "DRAFT"]
    assert "minimum" in state(stocked)["lastError"]
    more = {"lines": [line("A1", "10")]}
    stocked.mutate("orderTemplateUpdate", id=template["id"], input=more)["orderTemplate"]
    run_until(stocked, 31)
    assert [(item["status"], item["total"]["amount"]) for item in orders(stocked)][2:] == [("CONFIRMED", "100.00")]
    assert state(stocked)["lastError"] is None


def test_a_date_that_fails_is_tried_again(stocked: Shop) -> None:
    stocked.mutate("orderTemplateCreate", input=monthly(currency="JPY"))["orderTemplate"]
    run_until(stocked, 26)
    assert orders(stocked) == [] and "no price in JPY" in state(stocked)["lastError"]
    stocked.mutate("priceSet", product={"sku": "A1"}, currency="JPY", unitPrice="1200", validFrom="2026-01-01")
    run_until(stocked, 1)
    assert [(item["orderedOn"], item["total"]["amount"]) for item in orders(stocked)] == [("2026-01-31", "3600")]


def test_it_ends_with_its_last_day_or_when_stopped(stocked: Shop) -> None:
    stocked.mutate("orderTemplateCreate", input=monthly(endsOn="2026-02-15"))["orderTemplate"]
    other = stocked.mutate("orderTemplateCreate", input=monthly(name="Ink", interval="WEEK"))["orderTemplate"]
    stopped = stocked.mutate("orderTemplateStop", id=other["id"])["orderTemplate"]
    assert stopped["nextOn"] is None
    assert stocked.mutate("orderTemplateCreate", input=monthly()).refused("ORDERS_TEMPLATE_TAKEN")
    run_until(stocked, 90)
    assert len(orders(stocked)) == 1
    assert stocked.mutate("orderTemplateUpdate", id=other["id"], input={"name": "x"}).refused("ORDERS_TEMPLATE_STOPPED")


def test_impossible_templates_are_bad_input(stocked: Shop) -> None:
    impossible: list[dict[str, Any]] = [
        {"every": 0},
        {"endsOn": "2026-01-01"},
        {"lines": []},
        {"lines": [{"quantity": "1"}]},
    ]
    for wrong in impossible:
        assert stocked.mutate("orderTemplateCreate", input=monthly(**wrong)).failed("BAD_USER_INPUT"), wrong
