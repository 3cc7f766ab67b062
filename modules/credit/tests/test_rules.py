"""Rules beyond the limit, and what other modules know (CRE-3, CRE-8, CRE-10)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from huikuan.testing.shop import Shop
from huikuan_credit.snapshots import ExposurePart, PaymentFacts
from modules.credit.tests.bureau.hooks import Book
from modules.credit.tests.reading import cases, customer_id, decisions


def rules(shop: Shop, *items: dict[str, Any], checkpoint: str = "CONFIRM", **more: Any) -> None:
    """Say what is looked at."""
    shop.mutate("creditRulesSet", checkpoint=checkpoint, rules=list(items), **more)["creditRules"]


def rule(kind: str, level: str, threshold: str | None = None) -> dict[str, Any]:
    """One rule."""
    return {"kind": kind, "level": level, "threshold": threshold}


@pytest.mark.parametrize(
    ("kind", "bound", "code"),
    [
        ("DAYS_OVERDUE", "30", "CREDIT_OVERDUE_DAYS"),
        ("OVERDUE_AMOUNT", "500", "CREDIT_OVERDUE_AMOUNT"),
        ("OLDEST_ITEM", "90", "CREDIT_ITEM_TOO_OLD"),
        ("DUNNING_LEVEL", "2", "CREDIT_DUNNING_LEVEL"),
    ],
)
def test_credit_payment_facts_are_looked_at(informed: Shop, book: Book, kind: str, bound: str, code: str) -> None:
    facts = {"days_overdue": 31, "overdue": Decimal("500.01"), "oldest_days": 91, "dunning_level": 3}
    id = customer_id(informed)
    rules(informed, rule(kind, "BLOCK", bound))
    informed.orders.confirmed(customer="C-1", total="1")
    book.facts[id] = PaymentFacts(customer_id=id, currency="EUR", **facts)  # type: ignore[arg-type]
    assert informed.orders.confirm(informed.orders.draft(customer="C-1", total="1")).refused(code)
    rules(informed, rule(kind, "WARN", bound))
    warned = informed.orders.confirm(informed.orders.draft(customer="C-1", total="1"))
    assert warned["order"] and warned.warnings == [code]
    assert informed.check() == []


def test_credit_exposure_parts_of_others_count_and_are_named(informed: Shop, book: Book) -> None:
    informed.credit.limit("C-1", "1000")
    book.parts = [ExposurePart(name="loans", amount=Decimal(300)), ExposurePart(name="loans", amount=Decimal(100))]
    assert informed.credit.parts("C-1") == {"loans": "400.00"}
    assert informed.orders.confirm(informed.orders.draft(customer="C-1", total="601")).refused("CREDIT_OVER_LIMIT")
    informed.orders.confirmed(customer="C-1", total="600")
    assert informed.check() == []


def test_a_part_that_is_no_amount_is_blamed_on_who_told_it(informed: Shop, book: Book) -> None:
    informed.credit.limit("C-1", "1000")
    order = informed.orders.draft(customer="C-1", total="1")
    book.parts = [ExposurePart(name="loans", amount=3.5)]  # type: ignore[arg-type]
    answer = informed.orders.confirm(order)
    assert answer.failed("MODULE_FAILED")
    assert answer.errors[0]["message"] == "bureau 0.1.0 failed in credit_exposure_parts."


def test_several_bounds_of_one_kind_and_the_worst_wins(shop: Shop) -> None:
    shop.credit.limit("C-1", "1000")
    levels = [("WARN", "80"), ("APPROVE", "100"), ("BLOCK", "150")]
    rules(shop, *(rule("LIMIT_USED", level, percent) for level, percent in levels))
    assert (
        shop.orders.confirm(shop.orders.draft(customer="C-1", total="1501")).payload["refusals"][0]["level"] == "BLOCK"
    )
    held = shop.orders.confirm(shop.orders.draft(customer="C-1", total="1500"))
    assert held.refused("CREDIT_OVER_LIMIT") and len(cases(shop)) == 1
    warned = shop.orders.confirm(shop.orders.draft(customer="C-1", total="801"))
    assert warned["order"] and warned.warnings == ["CREDIT_OVER_LIMIT"]
    assert shop.check() == []


def test_a_single_order_may_be_too_large(shop: Shop) -> None:
    rules(shop, rule("ORDER_CAP", "APPROVE", "100"))
    refused = shop.orders.confirm(shop.orders.draft(customer="C-1", total="120"))
    assert refused.refused("CREDIT_ORDER_TOO_LARGE")
    assert refused.payload["refusals"][0]["advice"] == "Order 20.00 EUR less or split it and it passes."


def test_nothing_is_looked_at_where_nothing_is_asked(shop: Shop) -> None:
    rules(shop)
    shop.credit.limit("C-1", "0")
    assert shop.orders.confirmed(customer="C-1", total="5")
    assert shop.credit.owed("C-1") == "5.00"


def test_a_decision_keeps_its_inputs_and_replays_after_the_rules_changed(shop: Shop) -> None:
    shop.credit.limit("C-1", "1000")
    shop.orders.confirmed(customer="C-1", total="900")
    rules(shop, rule("LIMIT_USED", "BLOCK", "10"))
    shop.credit.limit("C-1", "1")
    [found] = decisions(shop)
    assert (found["ruleVersion"], found["level"], found["bound"]) == (0, "OFF", {"amount": "1000.00"})
    assert found["replays"] is True


def test_a_class_has_rules_of_its_own_and_asks_for_payment_in_advance(shop: Shop) -> None:
    risky: dict[str, Any] = {"code": "RISKY", "name": "Risky", "active": True, "prepaymentPercent": "50"}
    shop.mutate("creditClassSet", **risky)["creditClass"]
    rules(shop, rule("ORDER_CAP", "BLOCK", "10"), riskClass={"code": "RISKY"})
    shop.customers.create("C-2", currency="EUR")
    shop.mutate("creditClassAssign", customer={"code": "C-1"}, riskClass={"code": "RISKY"})["creditAccount"]
    refused = shop.orders.confirm(shop.orders.draft(customer="C-1", total="11"))
    assert refused.refused("CREDIT_ORDER_TOO_LARGE", "CREDIT_PREPAYMENT_NEEDED")
    shop.orders.confirmed(customer="C-2", total="11")
    assert shop.check() == []


def test_the_preview_tells_what_is_owed_before_and_after(shop: Shop) -> None:
    shop.credit.limit("C-1", "1000")
    shop.orders.confirmed(customer="C-1", total="300")
    order = shop.orders.draft(customer="C-1", total="900")
    document = """query($id: ID!) { orderConfirmPreview(id: $id) { passes refusals { code advice needed { amount } }
      exposure { before { amount } after { amount } limit { amount } } } }"""
    found = shop.query(document, id=order.id)["orderConfirmPreview"]
    assert found["passes"] is False
    assert found["exposure"] == {
        "before": {"amount": "300.00"},
        "after": {"amount": "1200.00"},
        "limit": {"amount": "1000.00"},
    }
    assert found["refusals"][0]["needed"] == {"amount": "200.00"}


PREVIEW = (
    """query($id: ID!) { orderConfirmPreview(id: $id) { passes exposure { before { amount } after { amount } } } }"""
)


def test_who_may_not_read_credit_gets_the_rest_of_the_preview(shop: Shop) -> None:
    order = shop.orders.draft(customer="C-1", total="900")
    found = shop.acting_with("orders.read").execute(PREVIEW, id=order.id)
    assert found["data"] == {"orderConfirmPreview": {"passes": True, "exposure": None}}
    [error] = found["errors"]
    assert error["path"] == ["orderConfirmPreview", "exposure"]
    assert error["extensions"] == {"code": "FORBIDDEN", "permission": "credit.read"}


def test_a_failing_preview_is_credit_s_not_that_of_orders(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    order = shop.orders.draft(customer="C-1", total="900")

    def broken(*_: object) -> None:
        raise RuntimeError("no figures")

    monkeypatch.setattr("huikuan_credit.bridges.orders._preview", broken)
    found = shop.execute(PREVIEW, id=order.id)
    assert found["data"] == {"orderConfirmPreview": {"passes": True, "exposure": None}}
    assert [error["extensions"]["module"] for error in found["errors"]] == ["credit"]


def test_without_credit_the_preview_has_no_exposure(shop: Shop) -> None:
    order = shop.orders.draft(customer="C-1", total="900")
    assert "errors" not in shop.execute(PREVIEW, id=order.id)
    shop.disable("credit")
    [error] = shop.execute(PREVIEW, id=order.id)["errors"]
    assert error["message"].startswith("Cannot query field 'exposure' on type 'OrderConfirmPreview'.")
