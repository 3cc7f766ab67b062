"""Disputes, promises, deferrals, notes and the worklist (COL-2, COL-11, COL-12; CON's original due day)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from huikuan.testing.shop import Shop
from modules.receivables.tests.chasing import (
    company,
    dun,
    euros,
    item,
    known,
    pay,
    skipped,
    worklist,
)

PROMISE = "query($id: ID!) { paymentPromise(id: $id) { state level until standing paid { amount } } }"


@pytest.fixture
def shop(app_with: Callable[..., Shop]) -> Shop:
    found = app_with("receivables")
    found.customers.create("C1", currency="EUR")
    company(found)
    return found


def owes(shop: Shop, amount: str = "100", **more: Any) -> str:
    """The item of an invoice that is due today."""
    return item(shop, shop.invoicing.posted(total=amount, customer="C1", **more))


def promise(shop: Shop, it: str, on: date, **more: Any) -> str:
    found: str = shop.mutate("promiseMake", item=it, promisedOn=on, **more)["paymentPromise"]["id"]
    return found


def state(shop: Shop, id: str) -> str:
    found: str = shop.query(PROMISE, id=id)["paymentPromise"]["state"]
    return found


class TestDisputes:
    def test_it_leaves_dunning_stays_in_the_books_and_goes_on_where_it_stopped(self, shop: Shop) -> None:
        """Pain point 15: disputed items still chased; a dropped item loses its siblings."""
        it = owes(shop)
        owes(shop, "7")
        shop.pass_time(days=7)
        assert dun(shop) == [("C1", "107.00 EUR", ["1/1 ISSUED 1", "2/1 ISSUED 1"])]
        dispute = shop.mutate("disputeOpen", item=it, reason="PRICE", amount=euros("30"))["dispute"]
        shop.pass_time(days=7)
        assert dun(shop) == [("C1", "7.00 EUR", ["2/1 ISSUED 2"])]
        assert skipped(shop) == [("1/1", "DISPUTED")]
        overdue = shop.query('{ customer(code: "C1") { overdue { amount { amount } } } }')["customer"]["overdue"]
        assert overdue == [{"amount": {"amount": "107.00"}}]
        settled = {"id": dispute["id"], "outcome": "REJECTED", "reason": "The price was agreed."}
        shop.mutate("disputeSettle", **settled, rootCause="old price list")["dispute"]
        assert shop.mutate("disputeSettle", **settled)["dispute"], "said again it changes nothing"
        assert shop.mutate("disputeSettle", **{**settled, "outcome": "JUSTIFIED"}).refused("RECEIVABLES_WRONG_STATE")
        shop.pass_time(days=1)
        assert dun(shop) == [("C1", "107.00 EUR", ["1/1 ISSUED 2", "2/1 LISTED 2"])]
        assert not shop.check()

    def test_one_at_a_time_and_never_more_than_is_open(self, shop: Shop) -> None:
        it = owes(shop)
        assert shop.mutate("disputeOpen", item=it, reason="PRICE", amount=euros("100.01")).refused(
            "RECEIVABLES_MORE_THAN_OPEN"
        )
        first = shop.mutate("disputeOpen", item=it, reason="PRICE")["dispute"]
        assert shop.mutate("disputeOpen", item=it, reason="PRICE")["dispute"]["id"] == first["id"]
        assert shop.mutate("disputeOpen", item=it, reason="QUALITY").refused("RECEIVABLES_DISPUTED")
        changed = shop.mutate("disputeChange", id=first["id"], amount=euros("20"), dueOn=date(2026, 2, 1))
        assert changed["dispute"]["dueOn"] == "2026-02-01"
        assert shop.mutate("disputeChange", id=first["id"], amount=euros("200")).refused("RECEIVABLES_MORE_THAN_OPEN")
        shop.mutate("disputeSettle", id=first["id"], outcome="WITHDRAWN", reason="a mistake")["dispute"]
        assert shop.mutate("disputeChange", id=first["id"], amount=euros("20")).refused("RECEIVABLES_WRONG_STATE")
        assert not shop.check()


class TestPromises:
    def test_kept_in_time_tolerance_counted(self, shop: Shop) -> None:
        it = owes(shop)
        made = promise(shop, it, date(2026, 1, 20), toleranceDays=2)
        shop.pass_time(days=7)
        assert dun(shop) == []
        assert skipped(shop) == [("1/1", "PROMISED")]
        shop.pass_time(days=10)
        pay(shop, "60", "C1", "bank-1")
        assert state(shop, made) == "PARTLY_KEPT"
        assert dun(shop) == [], "the rest may come until the last day"
        pay(shop, "40", "C1", "bank-2")
        assert state(shop, made) == "KEPT"
        assert not shop.check()

    def test_broken_it_goes_on_one_level_up(self, shop: Shop) -> None:
        it = owes(shop)
        shop.pass_time(days=7)
        assert len(dun(shop)) == 1
        made = promise(shop, it, date(2026, 1, 13), toleranceDays=0)
        shop.pass_time(days=1)
        shop.work()
        assert state(shop, made) == "OPEN"
        shop.pass_time(days=1)
        assert known(shop, "C1")["nextReminder"] == {"date": "2026-01-19", "level": 2}
        shop.work()
        assert state(shop, made) == "BROKEN"
        assert known(shop, "C1")["nextCollectionAction"] == {"kind": "CALL", "on": "2026-01-14"}
        assert known(shop, "C1")["nextReminder"] == {"date": "2026-01-14", "level": 2}
        assert dun(shop) == [("C1", "100.00 EUR", ["1/1 ISSUED 2"])], "five days before its time"
        assert known(shop, "C1")["nextReminder"] == {"date": "2026-01-24", "level": 3}, "pushed once only"
        pay(shop, "100", "C1", "bank-1")
        assert state(shop, made) == "BROKEN", "a payment after the last day is not judged"
        assert not shop.check()

    def test_partly_kept_it_goes_on_as_if_nothing_had_been_promised(self, shop: Shop) -> None:
        it = owes(shop)
        made = promise(shop, it, date(2026, 1, 6), toleranceDays=0)
        pay(shop, "1", "C1", "bank-1")
        shop.pass_time(days=2)
        shop.work()
        assert state(shop, made) == "PARTLY_KEPT"
        assert known(shop, "C1")["nextReminder"] == {"date": "2026-01-12", "level": 1}

    def test_a_payment_taken_back_never_came(self, shop: Shop) -> None:
        """Un-apply and bounce bring back what was before."""
        it = owes(shop)
        made = promise(shop, it, date(2026, 1, 8), toleranceDays=0)
        first = pay(shop, "100", "C1", "bank-1")
        assert state(shop, made) == "KEPT"
        shop.mutate("paymentBounce", id=first, reason="no funds")["payment"]
        assert state(shop, made) == "OPEN"
        second = pay(shop, "100", "C1", "bank-2")
        shop.pass_time(days=10)
        shop.work()
        assert state(shop, made) == "KEPT"
        shop.mutate("paymentBounce", id=second, reason="no funds")["payment"]
        assert state(shop, made) == "BROKEN"
        assert not shop.check()

    def test_one_stands_at_a_time_and_each_that_was_not_kept_counts(self, shop: Shop) -> None:
        it = owes(shop)
        first = promise(shop, it, date(2026, 1, 20), amount=euros("50"))
        second = promise(shop, it, date(2026, 1, 25))
        rows = [shop.query(PROMISE, id=id)["paymentPromise"] for id in (first, second)]
        assert [(row["state"], row["level"], row["standing"]) for row in rows] == [
            ("WITHDRAWN", 1, False),
            ("OPEN", 2, True),
        ]
        assert rows[1]["until"] == "2026-01-27", "two days late are no matter, as the setting says"
        shop.mutate("promiseWithdraw", id=second, reason="They told us so.")["paymentPromise"]
        third = promise(shop, it, date(2026, 1, 20), amount=euros("10"))
        pay(shop, "10", "C1", "bank-1")
        fourth = promise(shop, it, date(2026, 1, 30))
        levels = [shop.query(PROMISE, id=id)["paymentPromise"]["level"] for id in (third, fourth)]
        assert levels == [3, 3], "the third one was kept"
        assert not shop.check()

    def test_what_makes_no_sense_is_refused(self, shop: Shop) -> None:
        it = owes(shop)
        assert shop.mutate("promiseMake", item=it, promisedOn=date(2026, 1, 4)).failed("BAD_USER_INPUT")
        later: dict[str, Any] = {"item": it, "promisedOn": date(2026, 1, 9)}
        assert shop.mutate("promiseMake", **later, amount=euros("101")).refused("RECEIVABLES_MORE_THAN_OPEN")
        assert shop.mutate("promiseMake", **later, toleranceDays=-1).failed("BAD_USER_INPUT")
        pay(shop, "100", "C1", "bank-1")
        assert shop.mutate("promiseMake", **later).refused("RECEIVABLES_MORE_THAN_OPEN")

    def test_what_is_credited_is_no_broken_promise(self, shop: Shop) -> None:
        invoice = shop.invoicing.posted(total="100", customer="C1")
        made = promise(shop, item(shop, invoice), date(2026, 1, 8))
        shop.invoicing.credit(invoice)
        assert state(shop, made) == "KEPT"
        assert not shop.check()


class TestDeferrals:
    def test_it_is_reminded_of_from_another_day_and_stays_overdue(self, shop: Shop) -> None:
        it = owes(shop)
        shop.pass_time(days=3)
        given: dict[str, Any] = {"item": it, "until": date(2026, 2, 1), "reason": "agreed by phone"}
        assert shop.mutate("deferralMake", **{**given, "until": date(2026, 1, 4)}).failed("BAD_USER_INPUT")
        assert shop.mutate("deferralMake", **{**given, "until": date.max}).failed("BAD_USER_INPUT")
        first = shop.mutate("deferralMake", **given)["deferral"]
        assert shop.mutate("deferralMake", **given)["deferral"]["id"] == first["id"]
        assert known(shop, "C1")["nextReminder"] == {"date": "2026-02-08", "level": 1}
        overdue = shop.query('{ customer(code: "C1") { overdue { count amount { amount } } } }')["customer"]["overdue"]
        assert overdue == [{"count": 1, "amount": {"amount": "100.00"}}], "the day when it was due stays"
        shop.pass_time(days=30)
        assert dun(shop) == []
        shop.pass_time(days=1)
        assert dun(shop) == [("C1", "100.00 EUR", ["1/1 ISSUED 1"])]
        assert not shop.check()


class TestWorklist:
    def test_the_score_says_why_and_what_is_next(self, shop: Shop) -> None:
        shop.customers.create("C2", currency="EUR")
        shop.invoicing.posted(total="20000", customer="C2")
        owes(shop)
        shop.pass_time(days=40)
        first, second = worklist(shop)
        assert [(row["customer"]["code"], row["score"]) for row in (first, second)] == [("C2", 50), ("C1", 20)]
        assert [(row["rule"], row["points"]) for row in second["matches"]] == [
            ("Something is overdue", 10),
            ("Overdue for more than 30 days", 10),
        ]
        assert second["overdue"] == [{"amount": "100.00", "currency": "EUR"}]
        assert second["action"] == {"kind": "REMIND", "on": "2026-02-14"}
        assert second["nextReminder"] == {"date": "2026-02-14", "level": 1}

    def test_each_account_tells_its_next_reminder(self, shop: Shop) -> None:
        owes(shop)
        read = '{ customer(code: "C1") { receivables { overdue { amount } nextReminder { date level } } } }'
        assert shop.query(read)["customer"]["receivables"] == {
            "overdue": {"amount": "0.00"},
            "nextReminder": {"date": "2026-01-12", "level": 1},
        }
        pay(shop, "100", "C1", "bank-1")
        assert shop.query(read)["customer"]["receivables"]["nextReminder"] is None

    def test_rules_are_rows_and_without_any_those_of_the_house_hold(self, shop: Shop) -> None:
        owes(shop)
        shop.pass_time(days=2)
        rule = {"name": "Any day", "measure": "DAYS_OVERDUE", "atLeast": "2", "points": 7}
        shop.mutate("collectionRulesSet", rules=[rule])["collectionRules"]
        assert [row["score"] for row in worklist(shop)] == [7]
        shop.mutate("collectionRulesSet", rules=[])["collectionRules"]
        assert [row["score"] for row in worklist(shop)] == [10]

    def test_it_is_split_by_who_looks_after_whom(self, shop: Shop) -> None:
        shop.customers.create("C2", currency="EUR")
        shop.invoicing.posted(total="20000", customer="C2")
        owes(shop)
        shop.pass_time(days=2)
        clerk: dict[str, Any] = {"email": "ann@example.org", "name": "Ann", "password": "a long enough secret"}
        ann = shop.mutate("userCreate", **clerk, roles=["receivables_clerk"])["user"]["id"]
        shop.mutate("collectionChange", customer={"code": "C1"}, owner={"id": ann})["collectionAccount"]
        mine = "query($id: ID!) { collectionWorklist(owner: {id: $id}) { customer { code } owner { name } } }"
        assert shop.query(mine, id=ann)["collectionWorklist"] == [
            {"customer": {"code": "C1"}, "owner": {"name": "Ann"}}
        ]
        assert [row["customer"]["code"] for row in worklist(shop)] == ["C2", "C1"]

    def test_a_note_sets_when_to_look_again(self, shop: Shop) -> None:
        owes(shop)
        shop.pass_time(days=10)
        note: dict[str, Any] = {
            "customer": {"code": "C1"},
            "channel": "PHONE",
            "outcome": "REACHED",
            "text": "Next week.",
        }
        shop.mutate("collectionNote", **note, lookAgainOn=date(2026, 1, 20))["contactNote"]
        assert worklist(shop)[0]["action"] == {"kind": "LOOK_AGAIN", "on": "2026-01-20"}
        shop.pass_time(days=5)
        assert worklist(shop)[0]["action"] == {"kind": "CALL", "on": "2026-01-20"}
        assert worklist(shop)[0]["score"] == 35
        shop.mutate("collectionNote", **note)["contactNote"]
        assert worklist(shop)[0]["action"] == {"kind": "REMIND", "on": "2026-01-20"}
        notes = shop.query('{ customer(code: "C1") { contactNotes { nodes { text outcome on } } } }')
        assert len(notes["customer"]["contactNotes"]["nodes"]) == 2

    def test_a_customer_that_is_frozen_is_not_reminded(self, shop: Shop) -> None:
        owes(shop)
        shop.pass_time(days=10)
        shop.mutate("collectionChange", customer={"code": "C1"}, frozen="with the lawyers")["collectionAccount"]
        assert dun(shop) == []
        assert skipped(shop) == [("1/1", "FROZEN")]
        assert worklist(shop)[0]["frozenReason"] == "with the lawyers"
        shop.mutate("collectionChange", customer={"code": "C1"}, frozen=None)["collectionAccount"]
        assert len(dun(shop)) == 1

    def test_paid_nothing_is_left_to_do(self, shop: Shop) -> None:
        it = owes(shop)
        shop.mutate("disputeOpen", item=it, reason="OTHER")["dispute"]
        shop.pass_time(days=30)
        assert worklist(shop)[0]["action"]["kind"] == "SETTLE_DISPUTE"
        pay(shop, "100", "C1", "bank-1")
        assert worklist(shop) == []
        assert known(shop, "C1")["nextCollectionAction"] == {"kind": "NOTHING", "on": None}
        assert known(shop, "C1")["nextReminder"] is None
