"""Aging and statements as of any day (ANA-1, COL-17; pain points 10 and 11)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from huikuan.testing.shop import Shop
from modules.receivables.tests.chasing import item, pay

AGING = """query($asOf: Date, $by: AgingBy! = CUSTOMER, $buckets: [Int!], $inBase: Boolean! = false) {
  receivablesAging(asOf: $asOf, by: $by, buckets: $buckets, inBase: $inBase) {
    asOf buckets { label amount { amount currency } }
    totals { open { amount currency } overdue { amount } disputed { amount } unapplied { amount }
      outstanding { amount } }
    baseTotal { open { amount currency } unapplied { amount } buckets { amount { amount } } }
    rows { customer { code } owner { name } group { code } currency open { amount } overdue { amount }
      disputed { amount } unapplied { amount } buckets { label amount { amount } } }
    rowCount hasNextPage endCursor } }"""
ITEMS = """query($asOf: Date, $least: Int, $most: Int, $customer: CustomerRef, $group: CustomerGroupRef,
    $owner: UserRef, $first: Int!, $after: String) {
  receivablesOpenItems(asOf: $asOf, fromDays: $least, toDays: $most, customer: $customer, group: $group, owner: $owner,
    first: $first, after: $after) {
    nodes { item { invoice { number } sequence } dueOn daysOverdue open { amount currency } disputed { amount } }
    hasNextPage endCursor } }"""


def aging(shop: Shop, as_of: str | None = None, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = shop.query(AGING, asOf=as_of, **more)["receivablesAging"]
    return found


def sums(found: dict[str, Any]) -> dict[str, str]:
    """The buckets that hold anything, of a row or of all."""
    return {it["label"]: it["amount"]["amount"] for it in found["buckets"] if Decimal(it["amount"]["amount"])}


def items(shop: Shop, as_of: str | None = None, *, first: int = 50, **more: Any) -> list[tuple[str, int, str]]:
    """Invoice, days overdue and amount of all open items, read page by page."""
    found: list[tuple[str, int, str]] = []
    after = None
    while True:
        page = shop.query(ITEMS, asOf=as_of, first=first, after=after, **more)["receivablesOpenItems"]
        assert len(page["nodes"]) <= first
        for node in page["nodes"]:
            number = node["item"]["invoice"]["number"].removeprefix("INV-").lstrip("0")
            found.append((number, node["daysOverdue"], node["open"]["amount"]))
        if not page["hasNextPage"]:
            return found
        after = page["endCursor"]


class TestAging:
    def test_the_day_itself_is_not_due_then_30_60_and_90_days(self, shop: Shop) -> None:
        shop.invoicing.posted(total="100", customer="C")
        for as_of, label in (
            ("2026-01-05", "not due"),
            ("2026-01-06", "1-30"),
            ("2026-02-04", "1-30"),
            ("2026-02-05", "31-60"),
            ("2026-03-06", "31-60"),
            ("2026-03-07", "61-90"),
            ("2026-04-05", "61-90"),
            ("2026-04-06", "91+"),
            ("2036-04-06", "91+"),
        ):
            assert sums(aging(shop, as_of)) == {label: "100.00"}, as_of
        assert aging(shop, "2026-01-04")["rows"] == []

    def test_days_that_never_were_hold_nothing(self, shop: Shop) -> None:
        shop.invoicing.posted(total="100", customer="C")
        for span in ("fromDays: 1000000000", "fromDays: 800000, toDays: 900000", 'asOf: "0001-01-01", fromDays: 1'):
            assert shop.query(f"{{ receivablesOpenItems({span}) {{ nodes {{ item {{ id }} }} }} }}") == {
                "receivablesOpenItems": {"nodes": []}
            }
        assert shop.query('{ receivablesAging(asOf: "0001-01-01") { rowCount } }') == {
            "receivablesAging": {"rowCount": 0}
        }

    def test_buckets_are_the_tenants_or_the_callers(self, shop: Shop) -> None:
        shop.invoicing.posted(total="100", customer="C")
        shop.pass_time(days=10)
        shop.set("receivables.aging_buckets", "7, 14")
        assert [it["label"] for it in aging(shop)["buckets"]] == ["not due", "1-7", "8-14", "15+"]
        assert sums(aging(shop)) == {"8-14": "100.00"}
        assert sums(aging(shop, buckets=[9])) == {"10+": "100.00"}
        for wrong in ([], [0], [30, 30], [60, 30], list(range(1, 14))):
            answer = shop.execute(AGING, buckets=wrong)
            assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT", wrong

    @pytest.mark.parametrize("text", ["a month", "", "0", "30, 30", "60, 30"])
    def test_buckets_that_are_none_are_not_set(self, shop: Shop, text: str) -> None:
        assert [found.code for found in shop.set("receivables.aging_buckets", text).refusals] == ["SETTING_INVALID"]

    def test_what_is_open_counts_from_the_day_it_was_settled(self, shop: Shop) -> None:
        """Pain point 10: wrong as of a date or with partials."""
        shop.invoicing.posted(total="100", customer="C")
        shop.pass_time(days=40)
        pay(shop, "30", "C", "bank-1", receivedOn=date(2026, 1, 20))
        assert sums(aging(shop, "2026-01-19")) == {"1-30": "100.00"}
        assert sums(aging(shop, "2026-01-20")) == {"1-30": "70.00"}
        assert sums(aging(shop)) == {"31-60": "70.00"}
        assert items(shop, "2026-01-19") == [("1", 14, "100.00")] and items(shop) == [("1", 40, "70.00")]

    def test_instalments_age_one_by_one_and_credit_notes_are_taken_off(self, shop: Shop) -> None:
        shop.customers.terms("HALF", {"kind": "PERCENT", "percent": "50"}, {"kind": "BALANCE", "days": 40})
        first = shop.invoicing.posted(total="100", customer="C", paymentTerms="HALF")
        shop.invoicing.posted(total="8", customer="C")
        shop.pass_time(days=10)
        assert sums(aging(shop)) == {"not due": "50.00", "1-30": "58.00"}
        shop.invoicing.credit(first)
        assert sums(aging(shop)) == {"1-30": "8.00"}
        assert sums(aging(shop, "2026-01-14")) == {"not due": "50.00", "1-30": "58.00"}

    def test_currencies_are_never_added_and_unapplied_money_is_in_no_bucket(self, shop: Shop) -> None:
        shop.customers.create("D")
        shop.invoicing.posted(total="100", customer="C")
        shop.invoicing.posted(total="300", customer="D", currency="JPY", rate="0.5", rateUnits=100)
        pay(shop, "120", "C", "bank-1")
        found = aging(shop, inBase=True)
        assert [(it["open"]["amount"], it["open"]["currency"]) for it in found["totals"]] == [
            ("0.00", "EUR"),
            ("300", "JPY"),
        ]
        assert [it["unapplied"]["amount"] for it in found["totals"]] == ["20.00", "0"]
        assert found["totals"][0]["outstanding"]["amount"] == "-20.00"
        assert [(row["customer"]["code"], row["open"]["amount"]) for row in found["rows"]] == [
            ("C", "0.00"),
            ("D", "300"),
        ]
        assert found["baseTotal"]["open"] == {"amount": "1.50", "currency": "EUR"}
        assert found["baseTotal"]["unapplied"]["amount"] == "20.00"
        assert aging(shop)["baseTotal"] is None
        assert [row["currency"] for row in aging(shop, by="CURRENCY")["rows"]] == ["EUR", "JPY"]

    def test_by_group_and_by_owner(self, shop: Shop) -> None:
        shop.customers.create("D", group={"code": shop.customers.group("BIG")})
        shop.customers.create("E", group={"code": "BIG"})
        for code, total in (("C", "1"), ("D", "20"), ("E", "300")):
            shop.invoicing.posted(total=total, customer=code)
        rows = aging(shop, by="GROUP")["rows"]
        assert [(row["group"] and row["group"]["code"], row["open"]["amount"]) for row in rows] == [
            ("BIG", "320.00"),
            (None, "1.00"),
        ]
        assert items(shop, group={"code": "BIG"}) == [("2", 0, "20.00"), ("3", 0, "300.00")]
        [row] = aging(shop, by="OWNER")["rows"]
        assert (row["owner"], row["open"]["amount"]) == (None, "321.00")

    def test_what_is_disputed_stays_and_is_shown(self, shop: Shop) -> None:
        it = item(shop, shop.invoicing.posted(total="100", customer="C"))
        shop.mutate("disputeOpen", item=it, reason="PRICE", amount={"amount": "30", "currency": "EUR"})["dispute"]
        shop.pass_time(days=2)
        pay(shop, "80", "C", "bank-1")
        [row] = aging(shop)["rows"]
        assert (row["open"]["amount"], row["disputed"]["amount"]) == ("20.00", "20.00"), "never more than is open"
        assert aging(shop, "2026-01-06")["totals"][0]["disputed"]["amount"] == "30.00"
        assert aging(shop, by="CURRENCY")["rows"][0]["disputed"]["amount"] == "20.00"

    def test_rows_and_items_are_read_page_by_page(self, shop: Shop) -> None:
        for place in range(5):
            shop.customers.create(f"C{place}")
            shop.invoicing.posted(total=str(10 + place % 2), customer=f"C{place}")
        found, after = [], None
        while True:
            page = shop.query(
                """query($after: String) { receivablesAging(first: 2, after: $after) {
                  rows { customer { code } } rowCount hasNextPage endCursor } }""",
                after=after,
            )["receivablesAging"]
            assert page["rowCount"] == 5
            found += [row["customer"]["code"] for row in page["rows"]]
            after = page["endCursor"]
            if not page["hasNextPage"]:
                break
        assert (sorted(found[:2]), sorted(found)) == (["C1", "C3"], [f"C{place}" for place in range(5)])
        assert len(items(shop, first=2)) == 5 and items(shop, first=2) == items(shop)
        assert items(shop, customer={"code": "C3"}) == [("4", 0, "11.00")]
        shop.pass_time(days=3)
        assert len(items(shop, least=3, most=3)) == 5 and not items(shop, most=2) and not items(shop, least=4)

    @pytest.mark.parametrize("cursor", ["", "x", "WyJvcGVuIl0", "WyJhZ2luZyIsIkVVUiIsIngiLCJ5Il0", "WyJvcGVuIiwxLDJd"])
    def test_a_cursor_from_elsewhere_is_refused(self, shop: Shop, cursor: str) -> None:
        for name in ("receivablesAging", "receivablesOpenItems"):
            answer = shop.execute(f'{{ {name}(after: "{cursor}") {{ asOf }} }}')
            assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"

    def test_a_customers_account_shows_its_aging(self, shop: Shop) -> None:
        """The integrator's sketch."""
        shop.invoicing.posted(total="100", customer="C")
        shop.pass_time(days=31)
        document = """query($asOf: Date) { customer(code: "C") {
          receivables(asOf: $asOf) { overdue { amount } aging { label amount } }
          receivableBalances(asOf: $asOf) { aging { label amount } } } }"""
        for as_of, label in ((None, "31-60"), ("2026-02-04", "1-30")):
            found = shop.query(document, asOf=as_of)["customer"]
            aged = {it["label"]: Decimal(it["amount"]) for it in found["receivables"]["aging"]}
            assert list(aged) == ["not due", "1-30", "31-60", "61-90", "91+"]
            assert {label: amount for label, amount in aged.items() if amount} == {label: 100}
            assert found["receivableBalances"][0]["aging"] == found["receivables"]["aging"]

    def test_only_who_may_see_what_is_owed(self, shop: Shop) -> None:
        clerk = shop.acting_with("customers.read")
        for name in ("receivablesAging { asOf }", "receivablesOpenItems { asOf }"):
            assert clerk.execute(f"{{ {name} }}")["errors"][0]["extensions"]["code"] == "FORBIDDEN"
