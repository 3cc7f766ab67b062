"""Milestones, schedules and late fees: each makes its invoice once (BIL-1, BIL-9, CON-5)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from huikuan.testing.shop import Shop
from huikuan_invoicing.models import BillingMilestone
from modules.invoicing.tests.reading import amounts, at_once, read

PLAN = """query($reference: String!) { billingPlan(reference: $reference) { amount { amount }
  milestones { id sequence name amount { amount } reachedOn invoice { id number status total { amount } } } } }"""


def plan(shop: Shop, *milestones: dict[str, Any], reference: str = "K-1", amount: str = "1000", **more: Any) -> Any:
    """Agree on a plan of these parts."""
    if not shop.query('{ customer(code: "C-1") { id } }')["customer"]:
        shop.customers.create("C-1")
    given = {
        "reference": reference,
        "customer": {"code": "C-1"},
        "amount": {"amount": amount, "currency": "EUR"},
        "milestones": list(milestones),
        **more,
    }
    return shop.mutate("billingPlanCreate", input=given)


def milestones(shop: Shop, reference: str = "K-1") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shop.query(PLAN, reference=reference)["billingPlan"]["milestones"]
    return found


def test_each_milestone_raises_its_own_invoice_once(shop: Shop) -> None:
    third = {"percent": "33.333333"}
    tax = {"taxCode": "STD", "taxPercent": "19"}
    for _ in range(2):
        plan(shop, {"name": "Signed", **third}, {"name": "Built", **third}, {"name": "Accepted"}, **tax)["billingPlan"]
    assert [item["amount"]["amount"] for item in milestones(shop)] == ["333.33", "333.33", "333.34"]
    assert shop.query("{ invoices { totalCount } }")["invoices"]["totalCount"] == 0, "nothing is owed before"
    first = milestones(shop)[0]
    answers = at_once([lambda: shop.mutate("billingMilestoneReach", id=first["id"]).codes] * 4, 4)
    assert answers == [[]] * 4
    reached = milestones(shop)[0]
    assert (reached["reachedOn"], reached["invoice"]["number"]) == ("2026-01-05", "INV-000001")
    assert amounts(read(shop, reached["invoice"]["id"])) == ("333.33", "63.33", "396.66")
    assert shop.query("{ invoices { totalCount } }")["invoices"]["totalCount"] == 1
    assert plan(shop, {"name": "Other"}).refused("INVOICING_PLAN_TAKEN")
    assert not shop.check()


def test_scheduled_parts_are_invoiced_when_their_day_comes(shop: Shop) -> None:
    days = ["2026-01-05", "2026-02-05", "2026-03-05"]
    plan(shop, *({"name": day, "amount": "50", "plannedOn": day, "scheduled": True} for day in days), amount="150")
    shop.work()
    assert [bool(item["invoice"]) for item in milestones(shop)] == [True, False, False]
    shop.pass_time(days=31)
    shop.work()
    shop.work()
    assert [bool(item["invoice"]) for item in milestones(shop)] == [True, True, False]
    with shop.reading() as ctx:
        assert ctx.scalars(select(BillingMilestone.reached_on).order_by(BillingMilestone.sequence)) == [
            date(2026, 1, 5),
            date(2026, 2, 5),
            None,
        ]
    assert not shop.check()


def test_without_posting_by_itself_there_are_drafts(shop: Shop) -> None:
    assert shop.set("invoicing.auto_post", "false").done
    plan(shop, {"name": "All"})["billingPlan"]
    shop.mutate("billingMilestoneReach", id=milestones(shop)[0]["id"])["billingMilestone"]
    assert milestones(shop)[0]["invoice"]["status"] == "DRAFT"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([{"name": "a", "amount": "999"}], "INVOICING_PLAN_SUM"),
        ([{"name": "a", "amount": "1000"}, {"name": "b"}], "INVOICING_PLAN_SUM"),
        ([{"name": "a"}, {"name": "b"}], "BAD_USER_INPUT"),
        ([{"name": "a", "amount": "1", "percent": "1"}], "BAD_USER_INPUT"),
        ([{"name": "a", "scheduled": True}], "BAD_USER_INPUT"),
        ([], "BAD_USER_INPUT"),
    ],
    ids=["less", "nothing left", "two without", "both", "no day", "none"],
)
def test_plans_that_are_none(shop: Shop, parts: list[dict[str, Any]], code: str) -> None:
    answer = plan(shop, *parts)
    assert answer.failed(code) if code == "BAD_USER_INPUT" else answer.refused(code)


class TestLateFees:
    def test_one_fee_for_each_level(self, shop: Shop) -> None:
        invoice = shop.invoicing.posted(total="200")
        assert shop.mutate("invoiceLateFee", id=invoice.id, level=1, percent="1.5").refused(
            "INVOICING_NOTHING_TO_INVOICE"
        )
        shop.pass_time(days=3)
        answers = at_once([lambda: shop.mutate("invoiceLateFee", id=invoice.id, level=1, percent="1.5")] * 4, 4)
        assert {answer["invoice"]["id"] for answer in answers} == {answers[0]["invoice"]["id"]}
        fee = read(shop, answers[0]["invoice"]["id"])
        assert (amounts(fee), fee["number"]) == (("3.00", "0.00", "3.00"), "INV-000002")
        fixed = shop.mutate("invoiceLateFee", id=invoice.id, level=2, amount={"amount": "5", "currency": "EUR"})
        assert read(shop, fixed["invoice"]["id"])["billingKey"].endswith(":2")
        assert not shop.check()

    @pytest.mark.parametrize(
        "bad",
        [
            {"level": 0, "percent": "1"},
            {"level": 1},
            {"level": 1, "percent": "101"},
            {"level": 1, "amount": {"amount": "1", "currency": "USD"}},
        ],
        ids=["level", "nothing", "percent", "currency"],
    )
    def test_fees_that_are_none(self, shop: Shop, bad: dict[str, Any]) -> None:
        invoice = shop.invoicing.posted()
        shop.pass_time(days=3)
        assert shop.mutate("invoiceLateFee", id=invoice.id, **bad).failed("BAD_USER_INPUT")
