"""Figures of a customer, with the rows that make them up, and its timeline (CUS-3, CUS-4)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from huikuan.catalog import ModuleCatalog
from huikuan.testing.shop import Shop, need
from modules.inventory.tests.reading import plan, reservations
from modules.receivables.tests.chasing import company, dun, item, level, pay

FIGURES = """query($currency: CurrencyCode, $names: [String!]) { customer(code: "C") {
  receivableFigures(currency: $currency, names: $names) {
    name amount { amount currency } number unit on formula madeOf asOf } } }"""
ROWS = """query($name: String!, $first: Int!, $after: String) {
  receivablesFigureRows(customer: {code: "C"}, name: $name, first: $first, after: $after) {
    nodes { on amount { amount } number subject { __typename id } } asOf hasNextPage endCursor } }"""
TIMELINE = """query($kinds: [TimelineKind!], $first: Int!, $after: String) {
  receivablesTimeline(customer: {code: "C"}, kinds: $kinds, first: $first, after: $after) {
    nodes { kind at on title text amount { amount } subject { __typename id } } hasNextPage endCursor } }"""


def figures(shop: Shop, **more: Any) -> dict[str, str | None]:
    """Each figure's value as a text."""
    found = shop.query(FIGURES, **more)["customer"]["receivableFigures"]
    return {it["name"]: it["amount"]["amount"] if it["amount"] is not None else it["number"] for it in found}


def rows(shop: Shop, name: str, first: int = 50) -> list[tuple[str, str, str | None, str | None]]:
    """Type, day, amount and number of each row, read page by page."""
    found: list[tuple[str, str, str | None, str | None]] = []
    after = None
    while True:
        page = shop.query(ROWS, name=name, first=first, after=after)["receivablesFigureRows"]
        for it in page["nodes"]:
            amount = it["amount"] and it["amount"]["amount"]
            found.append((it["subject"]["__typename"], it["on"][5:], amount, it["number"]))
        after = page["endCursor"]
        if not page["hasNextPage"]:
            return found


def timeline(shop: Shop, first: int = 50, **more: Any) -> list[dict[str, Any]]:
    """All entries, read page by page."""
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = shop.query(TIMELINE, first=first, after=after, **more)["receivablesTimeline"]
        assert len(page["nodes"]) <= first
        found += page["nodes"]
        after = page["endCursor"]
        if not page["hasNextPage"]:
            return found


def told(entries: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(it["on"][5:], it["title"]) for it in entries]


@pytest.fixture
def busy(shop: Shop) -> Shop:
    """100 paid 10 days late, 60 overdue by 20 days of which 25 are disputed, 40 not due, 5 unapplied."""
    shop.set("kernel.timezone", "Asia/Shanghai")
    shop.invoicing.posted(total="100", customer="C")
    shop.pass_time(days=10)
    pay(shop, "100", "C", "bank-1")
    late = shop.invoicing.posted(total="60", customer="C")
    shop.pass_time(days=20)
    pay(shop, "5", "C", "bank-2", allocations=[])
    shop.customers.net(30)
    shop.invoicing.posted(total="40", customer="C", paymentTerms="N30")
    disputed = {"amount": "25", "currency": "EUR"}
    shop.mutate("disputeOpen", item=item(shop, late), reason="PRICE", amount=disputed, note="dear")["dispute"]
    return shop


class TestFigures:
    def test_receivables_customer_figures(self, busy: Shop) -> None:
        assert figures(busy) == {
            "RECEIVABLE": "100.00",
            "OVERDUE": "60.00",
            "DISPUTED": "25.00",
            "UNAPPLIED": "5.00",
            "SALES": "200.00",
            "DSO": "45",
            "PAYMENT_DELAY": str(Decimal(100 * 10 + 60 * 20) / 160),
            "MAX_DAYS_LATE": "20",
            "LAST_PAYMENT": "5.00",
        } | {"PAYMENT_DELAY": "13.8"}
        found = busy.query(FIGURES, names=["LAST_PAYMENT", "DSO"])["customer"]["receivableFigures"]
        assert [it["name"] for it in found] == ["DSO", "LAST_PAYMENT"]
        assert (found[0]["madeOf"], found[0]["unit"]) == (["RECEIVABLE", "SALES"], "days")
        assert found[1]["on"] == "2026-02-04" and found[1]["asOf"].startswith("2026-02-04T09:00:00")
        assert all(it["formula"] for it in found)

    def test_who_has_nothing_has_zeros_and_what_cannot_be_told_is_null(self, shop: Shop) -> None:
        found = figures(shop)
        assert {name for name, value in found.items() if value is None} == {
            "DSO",
            "PAYMENT_DELAY",
            "MAX_DAYS_LATE",
            "LAST_PAYMENT",
        }
        assert {value for value in found.values() if value is not None} == {"0.00"}

    def test_each_is_of_one_currency(self, busy: Shop) -> None:
        found = figures(busy, currency="JPY")
        assert (found["RECEIVABLE"], found["SALES"], found["LAST_PAYMENT"]) == ("0", "0", None)

    def test_the_days_of_dso_are_the_tenants(self, busy: Shop) -> None:
        busy.set("receivables.dso_days", "20")
        assert figures(busy)["SALES"] == "40.00" and figures(busy)["DSO"] == "50"
        assert rows(busy, "SALES") == [("ReceivableItem", "02-04", "40.00", None)]

    def test_receivables_figure_rows(self, busy: Shop) -> None:
        for first in (1, 50):
            assert rows(busy, "RECEIVABLE", first) == [
                ("ReceivableItem", "01-15", "60.00", "20"),
                ("ReceivableItem", "03-06", "40.00", "-30"),
            ]
            assert rows(busy, "OVERDUE", first) == [("ReceivableItem", "01-15", "60.00", "20")]
            assert rows(busy, "DISPUTED", first) == [("Dispute", "02-04", "25.00", None)]
            assert rows(busy, "UNAPPLIED", first) == [("Payment", "02-04", "5.00", None)]
            assert [row[2] for row in rows(busy, "SALES", first)] == ["100.00", "60.00", "40.00"]
            assert rows(busy, "PAYMENT_DELAY", first) == [("Allocation", "01-15", "100.00", "10")]
            assert rows(busy, "LAST_PAYMENT", first) == [("Payment", "02-04", "5.00", None)]
        for wrong in ("DSO", "NOTHING"):
            answer = busy.execute(ROWS, name=wrong, first=5)
            assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"

    def test_what_is_ordered_and_not_invoiced(self, trade: Shop) -> None:
        assert figures(trade)["UNINVOICED_ORDERS"] == "0.00"
        order = trade.orders.confirmed(
            customer="C", lines=[{"description": "Work", "quantity": "3", "unitPrice": "10"}]
        )
        trade.orders.draft(customer="C", lines=[{"description": "Work", "quantity": "1", "unitPrice": "7"}])
        assert figures(trade)["UNINVOICED_ORDERS"] == "30.00"
        assert rows(trade, "UNINVOICED_ORDERS") == [("Order", "01-05", "30.00", None)]
        draft = trade.mutate("invoiceFromOrder", order={"id": order.id})["invoice"]["id"]
        trade.mutate("invoicePost", id=draft)["invoice"]
        assert figures(trade)["UNINVOICED_ORDERS"] == "0.00" and rows(trade, "UNINVOICED_ORDERS") == []

    def test_only_who_may_see_what_is_owed(self, busy: Shop) -> None:
        clerk = busy.acting_with("customers.read")
        assert clerk.execute(FIGURES)["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert clerk.execute(ROWS, name="OVERDUE", first=1)["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert clerk.execute(TIMELINE, first=1)["errors"][0]["extensions"]["code"] == "FORBIDDEN"


class TestTimeline:
    def test_receivables_timeline_parts(self, busy: Shop) -> None:
        company(busy, level(1, "First"))
        busy.set("receivables.write_off_limit", "100")
        busy.pass_time(days=30, hours=1)
        busy.mutate("paymentBounce", id=pay(busy, "1", "C", "bank-3"), reason="no funds")["payment"]
        dun(busy)
        owed = busy.query('{ customer(code: "C") { receivableItems { nodes { id invoice { number } } } } }')
        [last] = [
            it["id"] for it in owed["customer"]["receivableItems"]["nodes"] if it["invoice"]["number"] == "INV-000003"
        ]
        busy.mutate("promiseMake", item=last, promisedOn=date(2026, 3, 20))["paymentPromise"]
        customer, text = {"code": "C"}, "Next week."
        busy.mutate("collectionNote", customer=customer, channel="PHONE", outcome="REACHED", text=text)["contactNote"]
        busy.mutate("receivableWriteOff", id=last, amount="4", cause="GOODWILL", reason="a friend")["allocation"]
        whole = timeline(busy)
        assert [(it["kind"], it["subject"]["__typename"]) for it in whole[:1]] == [("NOTE", "ContactNote")]
        assert sorted(told(whole), reverse=True) == sorted(
            [
                ("03-06", "PHONE: REACHED"),
                ("03-06", "Bounce"),
                ("03-06", "Payment PAY-000003: BOUNCED"),
                ("03-06", "Promise to pay by 2026-03-20: OPEN"),
                ("03-06", "Write-off"),
                ("02-04", "Dispute about PRICE: OPEN"),
                ("02-04", "Invoice INV-000003"),
                ("02-04", "Payment PAY-000002"),
                ("01-15", "Invoice INV-000002"),
                ("01-15", "Payment PAY-000001"),
                ("01-05", "Invoice INV-000001"),
            ],
            reverse=True,
        )
        assert [it["at"] for it in whole] == sorted((it["at"] for it in whole), reverse=True)
        assert whole[-1]["at"].startswith("2026-01-04T16:00:00"), "the day begins in Shanghai"
        for first in (1, 2, 3, 7):
            assert timeline(busy, first) == whole, f"the same feed {first} at a time"
        assert {it["kind"] for it in timeline(busy, kinds=["PAYMENT", "NOTE"])} == {"PAYMENT", "NOTE"}

    def test_receivables_timeline_subjects(self, app_with: Any, installed_modules: ModuleCatalog) -> None:
        """Orders and deliveries come from their own modules, and only to who may read them."""
        need(installed_modules, "orders", "inventory")
        shop = app_with("receivables", "orders", "inventory")
        shop.customers.create("C")
        shop.inventory.receive("A1", "10")
        for place in range(3):
            shop.orders.confirmed(customer="C", lines=[{"sku": "A1", "quantity": "1", "unitPrice": "10"}])
            if place < 2:
                shipment = plan(shop, (reservations(shop)[-1]["id"], None))["shipment"]["id"]
                shop.pass_time(days=1, hours=place)
                shop.mutate("shipmentShip", id=shipment)["shipment"]
        shop.invoicing.posted(total="100", customer="C")
        whole = timeline(shop)
        assert [it["kind"] for it in whole if it["kind"] != "INVOICE"] == [
            "DELIVERY",
            "ORDER",
            "DELIVERY",
            "ORDER",
            "ORDER",
        ]
        for first in (1, 2, 4):
            assert timeline(shop, first) == whole
        assert timeline(shop, 1, kinds=["DELIVERY"]) == [it for it in whole if it["kind"] == "DELIVERY"]
        clerk = shop.acting_with("receivables.read", "customers.read", "invoicing.read")
        document = TIMELINE.replace("subject { __typename id }", "")
        found = clerk.query(document, first=9)["receivablesTimeline"]["nodes"]
        assert {it["kind"] for it in found} == {"INVOICE"}

    def test_a_cursor_from_elsewhere_is_refused(self, shop: Shop) -> None:
        for cursor in ("", "WyJ0aW1lbGluZSIsIjIwMjYtMDEtMDEiLCJ4Il0", "WyJmaWd1cmUiXQ"):
            answer = shop.execute(TIMELINE, first=1, after=cursor)
            assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
