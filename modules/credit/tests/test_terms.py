"""A class shortens terms on new orders; longer ones that sales gives wait for approval (CRE-9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from huikuan import Money
from huikuan.catalog import ModuleCatalog
from huikuan.testing.shop import Shop, need
from huikuan_credit.terms import days_longer
from huikuan_customers.snapshots import Terms, TermsKind, TermsLine

TERMS = "query($id: ID!) { order(id: $id) { paymentTerms } }"
DAY = date(2026, 1, 5)


def net(days: int) -> Terms:
    """All of it after so many days."""
    return Terms((TermsLine(kind=TermsKind.BALANCE, days=days),))


def half(first: int, rest: int) -> Terms:
    """Half of it after some days, the rest later."""
    return Terms((TermsLine(kind=TermsKind.PERCENT, percent=Decimal(50), days=first), *net(rest).lines))


@pytest.mark.parametrize(
    ("terms", "bound", "days"),
    [
        (net(30), net(10), 20),
        (net(10), net(30), 0),
        (net(30), net(30), 0),
        (None, net(0), 0),
        (net(30), half(0, 30), 15),
        (half(0, 90), net(60), 30),
    ],
)
def test_longer_is_what_ends_later_or_comes_later_on_average(terms: Terms | None, bound: Terms, days: int) -> None:
    assert days_longer(terms, bound, Money(Decimal(1000), "EUR"), DAY) == days


@pytest.fixture
def classed(shop: Shop) -> Shop:
    """C-9 has 30 days of its own; its class gives 10."""
    for days in (5, 10, 30, 60):
        shop.customers.net(days)
    shop.customers.create("C-9", currency="EUR", paymentTerms={"code": "N30"})
    given: dict[str, Any] = {"code": "SHORT", "name": "Short terms", "paymentTerms": "N10", "active": True}
    shop.mutate("creditClassSet", **given)["creditClass"]
    shop.mutate("creditClassAssign", customer={"code": "C-9"}, riskClass={"code": "SHORT"})["creditAccount"]
    return shop


def terms(shop: Shop, order: Any) -> str | None:
    """The terms that are frozen on an order."""
    found: str | None = shop.query(TERMS, id=order.id)["order"]["paymentTerms"]
    return found


def test_a_new_order_takes_the_shorter_terms_and_keeps_them(classed: Shop) -> None:
    order = classed.orders.draft(customer="C-9", total="100")
    assert terms(classed, order) == "N10"
    assert classed.orders.confirm(order)["order"]["status"] == "CONFIRMED"
    given: dict[str, Any] = {"code": "SHORT", "name": "Short terms", "paymentTerms": "N5", "active": True}
    classed.mutate("creditClassSet", **given)["creditClass"]
    assert terms(classed, order) == "N10", "frozen"
    assert terms(classed, classed.orders.draft(customer="C-9", total="100")) == "N5"
    assert classed.check() == []


def test_terms_that_are_shorter_than_those_of_the_class_stay(classed: Shop) -> None:
    order = classed.orders.draft(customer="C-9", total="100", paymentTerms="N5")
    assert terms(classed, order) == "N5"
    assert classed.orders.confirm(order)["order"]["status"] == "CONFIRMED"


def test_longer_terms_wait_for_somebody_else_s_approval_of_this_very_order(classed: Shop) -> None:
    order = classed.orders.draft(customer="C-9", total="100", paymentTerms="N60")
    answer = classed.orders.confirm(order)
    assert answer.refused("CREDIT_TERMS_TOO_LONG")
    [refusal] = answer.payload["refusals"]
    assert refusal["message"] == "The terms N60 are 50 days longer than N10, those of the risk class."
    assert refusal["advice"] == "Write it with the terms N10 and it passes."
    given = {"id": refusal["hold"]["id"], "reason": "a large prospect"}
    assert classed.mutate("holdRelease", **given).refused("HOLD_SELF_RELEASE")
    classed.acting_with("credit.approve", "kernel.holds", "orders.read").mutate("holdRelease", **given)["hold"]
    assert classed.orders.status(order) == "CONFIRMED" and terms(classed, order) == "N60"
    assert classed.check() == []


def test_a_change_opens_the_case_again(classed: Shop) -> None:
    order = classed.orders.draft(customer="C-9", total="100", paymentTerms="N60")
    first = classed.orders.confirm(order).payload["refusals"][0]["hold"]["id"]
    classed.mutate("orderChange", id=order.id, input={"notes": "sooner"})["order"]
    other = classed.acting_with("credit.approve", "kernel.holds", "orders.read")
    other.mutate("holdRelease", id=first, reason="a large prospect")
    assert classed.orders.status(order) == "DRAFT", "approved was another version"
    again = classed.orders.confirm(order)
    assert again.refused("CREDIT_TERMS_TOO_LONG") and again.payload["refusals"][0]["hold"]["id"] != first


def test_it_is_switched_off_by_the_setting_or_by_a_rule(classed: Shop) -> None:
    off = [{"kind": "TERMS", "level": "OFF"}]
    classed.mutate("creditRulesSet", checkpoint="CONFIRM", riskClass={"code": "SHORT"}, rules=off)["creditRules"]
    order = classed.orders.draft(customer="C-9", total="100", paymentTerms="N60")
    assert classed.orders.confirm(order)["order"]["status"] == "CONFIRMED"
    some = [{"kind": "TERMS", "level": "BLOCK", "threshold": "20"}]
    classed.mutate("creditRulesSet", checkpoint="CONFIRM", riskClass={"code": "SHORT"}, rules=some)["creditRules"]
    assert classed.orders.draft(customer="C-9", total="1", paymentTerms="N30") is not None
    assert classed.orders.confirm(classed.orders.draft(customer="C-9", total="1", paymentTerms="N60")).refused(
        "CREDIT_TERMS_TOO_LONG"
    )
    classed.set("credit.terms_of_class", "false")
    order = classed.orders.draft(customer="C-9", total="100")
    assert terms(classed, order) == "N30"
    assert classed.orders.confirm(order)["order"]["status"] == "CONFIRMED"


@pytest.mark.parametrize("modules", [("credit",), ("credit", "orders")])
def test_a_class_names_terms_that_there_are(
    app_with: Callable[..., Shop], installed_modules: ModuleCatalog, modules: tuple[str, ...]
) -> None:
    """Whether orders take the terms or nobody does."""
    need(installed_modules, *modules)
    shop = app_with(*modules)
    given: dict[str, Any] = {"code": "SHORT", "name": "Short terms", "paymentTerms": "N10", "active": True}
    [refusal] = shop.mutate("creditClassSet", **given).payload["refusals"]
    assert refusal["message"] == "No payment terms have the code 'N10'; there are none yet."
    for days in (10, 30, 5):
        shop.customers.net(days)
    for wrong in ("N11", "n10", ""):
        answer = shop.mutate("creditClassSet", **{**given, "paymentTerms": wrong})
        assert answer.refused("CREDIT_TERMS_UNKNOWN")
        [refusal] = answer.payload["refusals"]
        assert refusal["message"] == f"No payment terms have the code {wrong!r}; known are N10, N30, N5."
        assert (refusal["field"], refusal["data"]["known"]) == ("paymentTerms", ["N10", "N30", "N5"])
    assert shop.query("{ creditClasses { totalCount } }")["creditClasses"]["totalCount"] == 0
    assert shop.mutate("creditClassSet", **given)["creditClass"]


def test_terms_out_of_use_are_not_named_anew_and_stay_where_they_are(classed: Shop) -> None:
    id = classed.query('{ paymentTerms(code: "N10") { id } }')["paymentTerms"]["id"]
    classed.mutate("paymentTermsArchive", id=id)["paymentTerms"]
    answer = classed.mutate("creditClassSet", code="OTHER", name="Other", paymentTerms="N10")
    assert answer.refused("CREDIT_TERMS_UNKNOWN")
    assert terms(classed, classed.orders.draft(customer="C-9", total="100")) == "N10"


def test_of_many_codes_some_are_named(desk: Shop) -> None:
    for days in range(100, 125):
        desk.customers.net(days)
    answer = desk.mutate("creditClassSet", code="SHORT", name="Short terms", paymentTerms="N1")
    [refusal] = answer.payload["refusals"]
    assert refusal["message"].endswith("N118, N119 and 5 more.")


def test_without_credit_the_customer_s_own_terms_hold(classed: Shop) -> None:
    classed.disable("credit")
    assert terms(classed, classed.orders.draft(customer="C-9", total="100")) == "N30"
