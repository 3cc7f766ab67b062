"""Which policy is in force for whom, and what its levels cost (COL-4, COL-6; BIL-9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from huikuan.testing.shop import Shop
from huikuan_customers.api import customer_ids
from huikuan_receivables.hookspecs import receivables_rating
from modules.receivables.tests.chasing import (
    STANDARD,
    company,
    dun,
    euros,
    item,
    known,
    level,
    pay,
    policy,
    skipped,
)


@pytest.fixture
def shop(app_with: Callable[..., Shop]) -> Shop:
    found = app_with("receivables")
    for code in ("C1", "C2"):
        found.customers.create(code, currency="EUR")
    return found


def owes(shop: Shop, amount: str, customer: str = "C1", **more: Any) -> Any:
    """An invoice that is due today."""
    return shop.invoicing.posted(total=amount, customer=customer, **more)


class TestPolicies:
    def test_invoice_before_customer_before_group_before_company(self, shop: Shop) -> None:
        company(shop, level(40))
        for code, days in (("GROUP", 30), ("CUSTOMER", 20), ("INVOICE", 10)):
            policy(shop, level(days), code=code)
        group = shop.customers.group("G")
        shop.customers.create("C3", currency="EUR", group={"code": group})
        invoice = owes(shop, "1", "C3")
        expected = {"2026-02-14": None, "2026-02-04": "group", "2026-01-25": "customer", "2026-01-15": "invoice"}
        subjects: dict[str, Any] = {"group": {"code": group}, "customer": {"code": "C3"}, "invoice": {"id": invoice.id}}
        for day, scope in expected.items():
            if scope is not None:
                given = {"policy": {"code": scope.upper()}, scope: subjects[scope]}
                shop.mutate("dunningAssign", **given)["dunningAssignment"]
            assert known(shop, "C3")["nextReminder"] == {"date": day, "level": 1}, scope

    def test_a_policy_without_levels_reminds_nobody(self, shop: Shop) -> None:
        company(shop)
        shop.mutate("dunningPolicyCreate", input={"code": "NONE", "name": "Nobody", "levels": []})["dunningPolicy"]
        given = shop.mutate("dunningAssign", policy={"code": "NONE"}, customer={"code": "C1"})["dunningAssignment"]
        owes(shop, "1")
        shop.pass_time(days=30)
        assert dun(shop) == []
        assert skipped(shop) == [("1/1", "NOT_FOLLOWED")]
        shop.mutate("dunningUnassign", id=given["id"])["removed"]
        assert len(dun(shop)) == 1

    def test_without_any_policy_it_is_said_so(self, shop: Shop) -> None:
        owes(shop, "1")
        shop.pass_time(days=30)
        assert dun(shop) == []
        assert skipped(shop) == [("1/1", "NO_POLICY")]

    def test_late_payers_are_reminded_earlier_than_good_ones(self, shop: Shop) -> None:
        """COL-6: by habit, the average delay of a year, weighted by amount."""
        policy(shop, level(20), code="SOFT")
        policy(shop, level(2), code="HARD")
        shop.mutate("dunningAssign", policy={"code": "SOFT"})["dunningAssignment"]
        shop.mutate("dunningAssign", policy={"code": "HARD"}, rating="B")["dunningAssignment"]
        owes(shop, "100")
        owes(shop, "100", "C2")
        pay(shop, "100", "C2", "bank-2")
        shop.pass_time(days=45)
        pay(shop, "100", "C1", "bank-1")
        owes(shop, "10")
        owes(shop, "10", "C2")
        assert known(shop, "C1")["nextReminder"]["date"] == "2026-02-21"
        assert known(shop, "C2")["nextReminder"]["date"] == "2026-03-11"

    def test_an_item_reminded_under_another_policy_waits_for_somebody(self, shop: Shop) -> None:
        """A policy that changes midway makes a list by hand, and neither skips nor repeats a level."""
        company(shop)
        invoice = owes(shop, "1")
        shop.pass_time(days=14)
        assert len(dun(shop)) == 1
        company(shop, level(5, "One"), level(9, "Two"), level(12, "Three"), code="NEW")
        shop.pass_time(days=7)
        assert known(shop, "C1")["nextReminder"] is None
        assert dun(shop) == []
        assert skipped(shop) == [("1/1", "POLICY_CHANGED")]
        placed: dict[str, Any] = {"item": item(shop, invoice), "reason": "as before"}
        assert shop.mutate("dunningPlace", **placed, level=4).refused("RECEIVABLES_LEVEL_UNKNOWN")
        shop.mutate("dunningPlace", **placed, level=1)["dunningStep"]
        shop.pass_time(days=1)
        assert dun(shop) == [("C1", "1.00 EUR", ["1/1 ISSUED 2"])]
        assert not shop.check()

    def test_a_policy_is_written_once(self, shop: Shop) -> None:
        given: dict[str, Any] = {"code": "STD", "name": "STD", "levels": list(STANDARD)}
        first = shop.mutate("dunningPolicyCreate", input=given)["dunningPolicy"]
        assert shop.mutate("dunningPolicyCreate", input=given)["dunningPolicy"] == first
        other = shop.mutate("dunningPolicyCreate", input={**given, "gapDays": 5})
        assert other.refused("RECEIVABLES_POLICY_TAKEN")

    @pytest.mark.parametrize(
        "levels",
        [
            [level(5, test="SINCE_PREVIOUS")],
            [level(-1, blocksOrders=True)],
            [level(-1, fee=euros("5"))],
            [level(1, fee=euros("5"), feePercent="3")],
            [level(1, feePercent="101")],
            [level(1, fee=euros("0"))],
            [level(1), level(0, test="SINCE_PREVIOUS")],
        ],
    )
    def test_levels_that_make_no_sense_are_refused(self, shop: Shop, levels: list[dict[str, Any]]) -> None:
        answer = shop.mutate("dunningPolicyCreate", input={"code": "X", "name": "X", "levels": levels})
        assert answer.failed("BAD_USER_INPUT")

    def test_receivables_rating(self, shop: Shop) -> None:
        """Who neither paid nor owes has no rating; up to 30 days is A, beyond 90 D."""
        owes(shop, "100")
        shop.pass_time(days=91)
        owes(shop, "100", "C2")
        pay(shop, "50", "C2", "bank-2")
        shop.customers.create("C3")
        with shop.reading() as ctx:
            everybody = frozenset(customer_ids(ctx, ["C1", "C2", "C3"]).values())
            found = ctx.collect(receivables_rating, customer_ids=everybody)
        assert sorted(rating.grade for rating in found) == ["A", "D"]


class TestFees:
    def test_a_level_may_cost_a_fee_once_for_each_invoice(self, shop: Shop) -> None:
        lines = ({"kind": "PERCENT", "percent": "50"}, {"kind": "BALANCE", "days": 1})
        foreign = {"amount": "1", "currency": "USD"}
        company(shop, level(3, fee=euros("5")), level(6, feePercent="10"), level(90, fee=foreign))
        owes(shop, "100", paymentTerms=shop.customers.terms("HALVES", *lines))
        shop.pass_time(days=4)
        assert dun(shop) == [("C1", "100.00 EUR", ["1/1 ISSUED 1", "1/2 ISSUED 1"])]
        assert fees(shop) == ["5.00"], "once for the invoice, although both of its parts were reminded of"
        shop.pass_time(days=7)
        dun(shop)
        assert fees(shop) == ["5.00", "10.00"]
        shop.pass_time(days=100)
        dun(shop)
        assert fees(shop) == ["5.00", "10.00"], "a fee in another currency is not charged, and none on fees"
        assert not shop.check()


def fees(shop: Shop) -> list[str]:
    found = shop.query("{ invoices(orderBy: [CREATED_AT_ASC]) { nodes { billingKey total { amount } } } }")
    return [row["total"]["amount"] for row in found["invoices"]["nodes"] if row["billingKey"]]
