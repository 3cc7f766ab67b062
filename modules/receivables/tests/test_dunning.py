"""Dunning: policies, runs and letters (COL-3, COL-4, COL-6 to COL-9; pain points 6, 7, 8 and 15)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from huikuan.testing.shop import Shop
from huikuan_invoicing.testing import BuiltInvoice
from modules.receivables.tests.chasing import (
    company,
    dun,
    euros,
    item,
    letters,
    level,
    pay,
    preview,
    said,
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


class TestLevels:
    def test_each_level_in_its_turn_and_none_after_the_last(self, shop: Shop) -> None:
        company(shop)
        owes(shop, "100")
        shop.pass_time(days=6)
        assert dun(shop) == []
        shop.pass_time(days=1)
        assert dun(shop) == [("C1", "100.00 EUR", ["1/1 ISSUED 1"])]
        shop.pass_time(days=7)
        assert dun(shop) == [("C1", "100.00 EUR", ["1/1 ISSUED 2"])]
        shop.pass_time(days=9)
        assert dun(shop) == []
        assert skipped(shop) == [("1/1", "WAITING")]
        shop.pass_time(days=1)
        assert dun(shop) == [("C1", "100.00 EUR", ["1/1 ISSUED 3"])]
        shop.pass_time(days=100)
        assert dun(shop) == []
        assert skipped(shop) == [("1/1", "LAST_LEVEL")]
        assert not shop.check()

    def test_no_level_is_skipped_however_late_it_is(self, shop: Shop) -> None:
        company(shop)
        owes(shop, "100")
        shop.pass_time(days=200)
        assert dun(shop) == [("C1", "100.00 EUR", ["1/1 ISSUED 1"])]
        assert dun(shop) == [], "a second run on the same day reminds nobody again"
        shop.pass_time(days=1)
        assert dun(shop) == [("C1", "100.00 EUR", ["1/1 ISSUED 2"])]

    def test_a_reminder_before_the_due_day(self, shop: Shop) -> None:
        company(shop, level(-3, "Coming up"), level(0, "Due today"))
        terms = shop.customers.net(10)
        owes(shop, "100", paymentTerms=terms)
        shop.pass_time(days=6)
        assert dun(shop) == []
        shop.pass_time(days=1)
        assert dun(shop) == [("C1", "100.00 EUR", ["1/1 ISSUED 1"])]
        shop.pass_time(days=2)
        assert dun(shop) == []
        shop.pass_time(days=1)
        assert dun(shop) == [("C1", "100.00 EUR", ["1/1 ISSUED 2"])]

    def test_at_the_end_of_the_month(self, shop: Shop) -> None:
        company(shop, level(10, test="END_OF_MONTH"))
        owes(shop, "100")
        shop.pass_time(days=25)
        assert dun(shop) == []
        shop.pass_time(days=1)
        assert letters(shop) == []
        assert dun(shop) == [("C1", "100.00 EUR", ["1/1 ISSUED 1"])]
        assert letters(shop)[0]["on"] == "2026-01-31"

    def test_the_gap_of_a_policy_keeps_letters_apart(self, shop: Shop) -> None:
        company(shop, level(1), level(2), gapDays=10)
        owes(shop, "100")
        shop.pass_time(days=30)
        assert len(dun(shop)) == 1
        shop.pass_time(days=9)
        assert dun(shop) == []
        shop.pass_time(days=1)
        assert len(dun(shop)) == 1

    def test_each_instalment_for_itself(self, shop: Shop) -> None:
        """Pain point 6: dunning by the last day only."""
        company(shop)
        lines = ({"kind": "PERCENT", "percent": "50"}, {"kind": "BALANCE", "days": 30})
        owes(shop, "100", paymentTerms=shop.customers.terms("HALVES", *lines))
        shop.pass_time(days=7)
        assert dun(shop) == [("C1", "50.00 EUR", ["1/1 ISSUED 1"])]
        shop.pass_time(days=30)
        assert dun(shop) == [("C1", "100.00 EUR", ["1/1 ISSUED 2", "1/2 ISSUED 1"])]
        assert letters(shop)[-1]["level"] == 2


class TestLetters:
    def test_one_letter_for_all_that_is_overdue_at_the_highest_level(self, shop: Shop) -> None:
        """Pain point 8: one mail per invoice."""
        company(shop)
        owes(shop, "100")
        shop.pass_time(days=7)
        assert dun(shop) == [("C1", "100.00 EUR", ["1/1 ISSUED 1"])]
        owes(shop, "40")
        owes(shop, "7", "C2")
        shop.pass_time(days=6)
        assert dun(shop) == [], "nothing gets further: nobody is told of what is merely overdue"
        shop.pass_time(days=1)
        assert dun(shop) == [
            ("C1", "140.00 EUR", ["1/1 ISSUED 2", "2/1 ISSUED 1"]),
            ("C2", "7.00 EUR", ["3/1 ISSUED 1"]),
        ]
        owes(shop, "60")
        shop.pass_time(days=7)
        assert dun(shop) == [
            ("C1", "200.00 EUR", ["1/1 LISTED 2", "2/1 ISSUED 2", "4/1 ISSUED 1"]),
            ("C2", "7.00 EUR", ["3/1 ISSUED 2"]),
        ]
        assert letters(shop)[-2]["dunningLevel"]["name"] == "Second"
        assert not shop.check()

    def test_one_letter_for_each_currency(self, shop: Shop) -> None:
        company(shop)
        owes(shop, "100")
        owes(shop, "30", currency="USD", rate="0.9")
        shop.pass_time(days=7)
        assert sorted(dun(shop)) == [
            ("C1", "100.00 EUR", ["1/1 ISSUED 1"]),
            ("C1", "30.00 USD", ["2/1 ISSUED 1"]),
        ]

    def test_a_partly_paid_invoice_is_still_reminded_of(self, shop: Shop) -> None:
        """Pain point 7."""
        company(shop)
        owes(shop, "100")
        pay(shop, "60", "C1", "bank-1")
        shop.pass_time(days=7)
        assert dun(shop) == [("C1", "40.00 EUR", ["1/1 ISSUED 1"])]

    def test_unapplied_payments_and_credits_are_set_against_the_oldest(self, shop: Shop) -> None:
        company(shop)
        owes(shop, "100")
        owes(shop, "50")
        pay(shop, "120", "C1", "bank-1", allocations=[])
        shop.pass_time(days=7)
        assert dun(shop) == [("C1", "30.00 EUR", ["2/1 ISSUED 1"])]
        assert skipped(shop) == [("1/1", "COVERED")]
        shop.invoicing.posted(lines=[{"description": "Bonus", "unitPrice": "30", "quantity": "-1"}], customer="C1")
        shop.pass_time(days=7)
        assert dun(shop) == []
        assert skipped(shop) == [("1/1", "COVERED"), ("2/1", "COVERED")]
        assert not shop.check()

    def test_nobody_is_reminded_of_a_few_cents(self, shop: Shop) -> None:
        company(shop, tolerances=[euros("5")])
        owes(shop, "100")
        pay(shop, "95", "C1", "bank-1")
        shop.pass_time(days=7)
        assert dun(shop) == []
        assert skipped(shop) == [("1/1", "BELOW_TOLERANCE")]
        owes(shop, "5.01", "C2")
        shop.pass_time(days=7)
        assert dun(shop) == [("C2", "5.01 EUR", ["2/1 ISSUED 1"])]


class TestRuns:
    def test_a_preview_reminds_nobody_and_is_approved_by_somebody_with_the_right(self, shop: Shop) -> None:
        company(shop)
        owes(shop, "100")
        shop.pass_time(days=7)
        first = preview(shop)["dunningRun"]["id"]
        assert said(letters(shop)) == [("C1", "100.00 EUR", ["1/1 PROPOSED 1"])]
        assert preview(shop)["dunningRun"]["id"] == first, "the run of the day is there already"
        clerk = shop.acting_with("receivables.read", "receivables.collect")
        assert clerk.mutate("dunningRunApprove", id=first).failed("FORBIDDEN")
        assert shop.mutate("dunningRunIssue", id=first).refused("RECEIVABLES_WRONG_STATE")
        shop.mutate("dunningRunApprove", id=first)["dunningRun"]
        for _ in range(2):
            assert shop.mutate("dunningRunIssue", id=first)["dunningRun"]
        shop.work()
        assert said(letters(shop)) == [("C1", "100.00 EUR", ["1/1 ISSUED 1"])]
        assert letters(shop)[0]["run"]["state"] == "DONE"

    def test_one_run_at_a_time_and_none_before_the_latest(self, shop: Shop) -> None:
        company(shop)
        owes(shop, "100")
        shop.pass_time(days=7)
        open_ = preview(shop)["dunningRun"]["id"]
        shop.pass_time(days=1)
        assert preview(shop).refused("RECEIVABLES_RUN_OPEN")
        shop.mutate("dunningRunCancel", id=open_)["dunningRun"]
        assert shop.mutate("dunningRunApprove", id=open_).refused("RECEIVABLES_WRONG_STATE")
        assert len(dun(shop)) == 1
        assert preview(shop, on=date(2026, 1, 12)).refused("RECEIVABLES_RUN_EARLIER")
        assert preview(shop, on=date(2026, 1, 14)).refused("RECEIVABLES_DATE_AHEAD")
        assert not shop.check()

    def test_what_happened_since_the_preview_counts(self, shop: Shop) -> None:
        """Nobody is reminded of what was paid, disputed or promised between preview and letter."""
        company(shop)
        for amount in ("10", "20", "30", "40"):
            owes(shop, amount)
        shop.pass_time(days=7)
        run = preview(shop)["dunningRun"]["id"]
        found = _items(shop)
        pay(shop, "10", "C1", "bank-1")
        shop.mutate("disputeOpen", item=found[2], reason="QUALITY")["dispute"]
        shop.mutate("promiseMake", item=found[3], promisedOn=date(2026, 1, 20))["paymentPromise"]
        shop.mutate("dunningRunApprove", id=run)["dunningRun"]
        shop.work()
        assert said(letters(shop)) == [("C1", "40.00 EUR", ["4/1 ISSUED 1"])]
        assert skipped(shop) == [("1/1", "SETTLED"), ("2/1", "DISPUTED"), ("3/1", "PROMISED")]
        assert not shop.check()

    def test_a_letter_with_nothing_left_is_skipped(self, shop: Shop) -> None:
        company(shop)
        owes(shop, "10")
        shop.pass_time(days=7)
        run = preview(shop)["dunningRun"]["id"]
        shop.mutate("dunningRunApprove", id=run)["dunningRun"]
        pay(shop, "10", "C1", "bank-1")
        shop.work()
        [letter] = letters(shop)
        assert (letter["state"], letter["lines"], letter["run"]["state"]) == ("SKIPPED", [], "DONE")
        events = shop.query("{ events(types: [REMINDER_ISSUED]) { nodes { id } } }")
        assert events["events"]["nodes"] == []
        assert not shop.check()


def _items(shop: Shop) -> dict[int, str]:
    nodes = shop.query("{ invoices { nodes { id number } } }")["invoices"]["nodes"]
    return {int(node["number"][-6:]): item(shop, BuiltInvoice(node["id"], node["number"])) for node in nodes}
