"""What is invoiced is owed until it is paid, and how a customer pays decides about its next order (CRE-1, CRE-5)."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest

from huikuan.catalog import ModuleCatalog
from huikuan.testing.corruption import Corrupt
from huikuan.testing.shop import Shop, need
from modules.credit.tests.reading import customer_id, events, line

PAYMENT = "query($id: ID!) { payment(id: $id) { allocations { id } } }"
RATING = """query { customer(code: "C-1") { credit { rating { grade reasons } } } }"""


@pytest.fixture
def trade(app_with: Callable[..., Shop], installed_modules: ModuleCatalog) -> Shop:
    """A tenant with credit, orders, invoicing and receivables."""
    need(installed_modules, "orders", "invoicing", "receivables")
    found = app_with("credit", "orders", "invoicing", "receivables")
    found.customers.create("C-1", currency="EUR")
    return found


def invoiced(shop: Shop, total: str, customer: str = "C-1") -> Any:
    """A posted invoice."""
    return shop.invoicing.posted(total=total, customer=customer)


def pay(shop: Shop, amount: str, **more: Any) -> str:
    """Money that came."""
    found: str = shop.receivables.pay(amount, customer="C-1", **more)
    return found


def undo(shop: Shop, payment: str) -> None:
    """Take back all that a payment settles."""
    for row in shop.query(PAYMENT, id=payment)["payment"]["allocations"]:
        shop.mutate("allocationUndo", id=row["id"], reason="wrong invoice")["allocation"]


def held(shop: Shop, total: str) -> Any:
    """An order that credit holds."""
    order = shop.orders.draft(customer="C-1", total=total)
    assert "CREDIT_OVER_LIMIT" in shop.orders.confirm(order).codes
    return order


class TestExposure:
    def test_nothing_is_missing(self, trade: Shop) -> None:
        missing = trade.credit.standing("C-1")["exposure"]["missing"]
        assert not any("receivables" in text for text in missing)

    def test_open_items_are_owed_until_they_are_paid(self, trade: Shop) -> None:
        invoice = invoiced(trade, "600")
        assert trade.credit.parts("C-1") == {"invoiced": "600.00"}
        payment = pay(trade, "250", settle=[])
        assert trade.credit.parts("C-1") == {"invoiced": "600.00", "unapplied": "-250.00"}
        trade.mutate("paymentAllocate", id=payment, allocations=[{"invoice": {"id": invoice.id}}])["payment"]
        assert trade.credit.parts("C-1") == {"invoiced": "350.00"}
        assert trade.check() == []

    def test_what_is_invoiced_of_an_order_is_counted_once(self, trade: Shop) -> None:
        order = trade.orders.confirmed(customer="C-1", lines=[line(quantity="10", description="x", unitPrice="100")])
        lines = [{"position": 1, "quantity": "4"}]
        draft = trade.mutate("invoiceFromOrder", order={"id": order.id}, lines=lines)["invoice"]
        assert trade.credit.parts("C-1") == {"ordered": "1000.00"}
        trade.mutate("invoicePost", id=draft["id"])["invoice"]
        assert trade.credit.parts("C-1") == {"ordered": "600.00", "invoiced": "400.00"}
        assert trade.check() == []

    def test_an_advance_lowers_what_is_owed_before_and_after_the_invoice(self, trade: Shop) -> None:
        order = trade.orders.confirmed(customer="C-1", lines=[line(quantity="10", description="x", unitPrice="100")])
        paid = {"amount": "300", "currency": "EUR"}
        trade.mutate("paymentAdvance", order={"id": order.id}, amount=paid, reference="advance")["payment"]
        assert trade.credit.parts("C-1") == {"ordered": "1000.00", "unapplied": "-300.00"}
        draft = trade.mutate("invoiceFromOrder", order={"id": order.id})["invoice"]
        trade.mutate("invoicePost", id=draft["id"])["invoice"]
        assert trade.credit.parts("C-1") == {"invoiced": "700.00"}
        assert trade.check() == []

    def test_credit_notes(self, trade: Shop) -> None:
        first = invoiced(trade, "600")
        invoiced(trade, "100")
        pay(trade, "600", settle=[first])
        trade.invoicing.credit(first)
        assert trade.credit.parts("C-1") == {"invoiced": "100.00", "unapplied": "-600.00"}
        assert trade.check() == []

    def test_what_is_given_up_or_paid_back(self, trade: Shop) -> None:
        trade.set("receivables.write_off_limit", "1000")
        invoice = invoiced(trade, "100")
        item = trade.query("query($id: ID!) { invoice(id: $id) { receivableItems { id } } }", id=invoice.id)
        given = {"id": item["invoice"]["receivableItems"][0]["id"], "cause": "GOODWILL", "reason": "a favour"}
        trade.mutate("receivableWriteOff", **given, amount="40")["allocation"]
        payment = pay(trade, "30", settle=[])
        assert trade.credit.parts("C-1") == {"invoiced": "60.00", "unapplied": "-30.00"}
        trade.mutate("paymentRefund", id=payment, reason="not ours")["refund"]
        assert trade.credit.parts("C-1") == {"invoiced": "60.00"}
        assert trade.check() == []

    def test_currencies_stay_apart(self, trade: Shop) -> None:
        invoiced(trade, "600")
        trade.receivables.pay("50", customer="C-1", currency="USD", settle=[], rate="0.9")
        assert trade.credit.parts("C-1", "EUR") == {"invoiced": "600.00"}
        assert trade.credit.parts("C-1", "USD") == {"unapplied": "-50.00"}
        assert trade.check() == []

    def test_a_family_that_moves_takes_it_along(self, trade: Shop) -> None:
        trade.customers.create("TOP", currency="EUR")
        invoiced(trade, "600")
        pay(trade, "100", settle=[])
        trade.mutate("customerUpdate", id=trade.query('{ customer(code: "C-1") { id } }')["customer"]["id"],
                     input={"parent": {"code": "TOP"}})["customer"]  # fmt: skip
        trade.work()
        assert trade.credit.parts("TOP") == {"invoiced": "600.00", "unapplied": "-100.00"}
        pay(trade, "100", settle=[])
        assert trade.credit.owed("TOP") == "400.00"
        assert trade.check() == []


class TestHeldOrders:
    def test_a_payment_lets_them_go_on(self, trade: Shop) -> None:
        trade.credit.limit("C-1", "1000")
        invoice = invoiced(trade, "600")
        order = held(trade, "700")
        pay(trade, "600", settle=[invoice])
        assert trade.credit.owed("C-1") == "0.00"
        trade.work()
        assert trade.orders.status(order) == "CONFIRMED"
        assert trade.credit.parts("C-1") == {"ordered": "700.00"}
        assert trade.check() == []

    def test_too_little_leaves_them_held(self, trade: Shop) -> None:
        trade.credit.limit("C-1", "1000")
        invoice = invoiced(trade, "600")
        order = held(trade, "700")
        pay(trade, "299.99", settle=[invoice])
        trade.work()
        assert trade.orders.status(order) == "DRAFT"
        pay(trade, "0.01", settle=[])
        trade.work()
        assert trade.orders.status(order) == "CONFIRMED"

    def test_a_credit_note_lets_them_go_on(self, trade: Shop) -> None:
        trade.credit.limit("C-1", "1000")
        invoice = invoiced(trade, "600")
        order = held(trade, "700")
        trade.invoicing.credit(invoice)
        trade.work()
        assert trade.orders.status(order) == "CONFIRMED"

    @pytest.mark.parametrize("take_back", ["allocationUndo", "paymentBounce"])
    def test_taken_back_everything_is_as_before(self, trade: Shop, take_back: str) -> None:
        """Probe 5: pay, partly pay, un-apply, bounce: level, overdue rule, exposure and hold return."""
        rules = [
            {"kind": "LIMIT_USED", "level": "APPROVE", "threshold": "100"},
            {"kind": "DAYS_OVERDUE", "level": "APPROVE", "threshold": "0"},
            {"kind": "OVERDUE_AMOUNT", "level": "APPROVE", "threshold": "0"},
            {"kind": "DUNNING_LEVEL", "level": "APPROVE", "threshold": "0"},
        ]
        trade.mutate("creditRulesSet", checkpoint="CONFIRM", rules=rules)["creditRules"]
        trade.credit.limit("C-1", "1000")
        trade.dunning.policy(1)
        invoice = invoiced(trade, "600")
        trade.pass_time(days=60)
        trade.dunning.run()

        def state() -> tuple[dict[str, str], list[str], Any]:
            """What is owed, what stops an order, and the block's level."""
            order = trade.orders.draft(customer="C-1", total="700")
            codes = sorted(trade.orders.confirm(order).codes)
            if trade.orders.status(order) == "CONFIRMED":
                trade.mutate("orderCancel", id=order.id, reason="only asked")["order"]
            else:
                trade.mutate("orderCancel", id=order.id, reason="only asked")
            item = "{ invoice(id: $id) { receivableItems { dunningLevel open { amount } } } }"
            return trade.credit.parts("C-1"), codes, trade.query("query($id: ID!) " + item, id=invoice.id)

        before = state()
        assert before[1] == [
            "CREDIT_DUNNING_LEVEL",
            "CREDIT_OVERDUE_AMOUNT",
            "CREDIT_OVERDUE_DAYS",
            "CREDIT_OVER_LIMIT",
        ]
        partly = pay(trade, "100", settle=[{"invoice": {"id": invoice.id}, "amount": "100"}])
        assert "CREDIT_OVERDUE_AMOUNT" in state()[1] and trade.credit.owed("C-1") == "500.00"
        rest = pay(trade, "500", settle=[invoice])
        assert (trade.credit.parts("C-1"), state()[1]) == ({}, [])
        for payment in (rest, partly):
            if take_back == "paymentBounce":
                trade.mutate("paymentBounce", id=payment, reason="no cover")["payment"]
            else:
                undo(trade, payment)
        if take_back == "allocationUndo":
            assert trade.credit.parts("C-1") == {"invoiced": "600.00", "unapplied": "-600.00"}
            for payment in (rest, partly):
                trade.mutate("paymentRefund", id=payment, reason="not ours")["refund"]
        assert state() == before
        trade.work()
        assert trade.check() == []


class TestFacts:
    def test_receivables_rating(self, trade: Shop) -> None:
        """Dunning policies for a rating ask credit first: its grade holds until its day."""
        invoiced(trade, "600")
        rate = {"grade": "D", "reason": "known for long", "until": "2026-01-10"}
        trade.mutate("creditRatingSet", customer={"code": "C-1"}, **rate)

        def rating() -> str | None:
            ratings = import_module("huikuan_receivables.api").ratings
            with trade.reading() as ctx:
                found: dict[UUID, str] = ratings(ctx, [customer_id(trade)])
            return found.get(customer_id(trade))

        assert rating() == "D"
        trade.pass_time(days=6)
        assert rating() == "A", "by habit, as before"

    def test_credit_payment_facts(self, trade: Shop) -> None:
        """Ratings know delays, shares, broken promises, disputes and bounced payments."""
        first = invoiced(trade, "100")
        trade.pass_time(days=60)
        bounced = pay(trade, "100", settle=[first])
        trade.mutate("paymentBounce", id=bounced, reason="no cover")["payment"]
        trade.mutate("creditCustomerRate", customer={"code": "C-1"})
        reasons = {it["name"]: it["value"] for it in trade.query(RATING)["customer"]["credit"]["rating"]["reasons"]}
        assert (reasons["overdue_percent"], reasons["late_percent"], reasons["bounced"]) == ("100", "100", "1")
        assert (reasons["broken_promises"], reasons["disputes"]) == ("0", "0")
        assert float(reasons["delay_days"]) > 0

    def test_warnings_come_once(self, trade: Shop) -> None:
        invoice = invoiced(trade, "100")
        trade.pass_time(days=60)
        trade.work()
        trade.pass_time(days=1)
        trade.work()
        assert events(trade).count("CREDIT_OVERDUE_BEGAN") == 1
        pay(trade, "100", settle=[invoice])
        trade.pass_time(days=1)
        trade.work()
        invoiced(trade, "50")
        trade.pass_time(days=60)
        trade.work()
        assert events(trade).count("CREDIT_OVERDUE_BEGAN") == 2


class TestEnabling:
    def test_enabled_later_it_reads_what_is_open(self, trade: Shop) -> None:
        trade.disable("credit")
        invoice = invoiced(trade, "600")
        pay(trade, "100", settle=[invoice])
        pay(trade, "30", settle=[])
        trade.enable("credit")
        trade.work()
        assert trade.credit.parts("C-1") == {"invoiced": "500.00", "unapplied": "-30.00"}
        assert trade.check() == []

    def test_receivables_that_was_away_is_made_up_for(self, trade: Shop) -> None:
        invoiced(trade, "600")
        trade.disable("receivables")
        assert "invoiced (needs receivables)" in trade.credit.standing("C-1")["exposure"]["missing"]
        invoiced(trade, "50")
        trade.enable("receivables")
        trade.work()
        assert trade.credit.parts("C-1") == {"invoiced": "650.00"}
        assert trade.check() == []

    def test_one_tenant_without_credit_is_not_asked(self, trade: Shop) -> None:
        """Probe 7: B confirms what A holds, and knows no credit types."""
        other = trade.other_tenant("orders", "invoicing", "receivables")
        other.customers.create("C-1", currency="EUR")
        for shop in (trade, other):
            invoiced(shop, "600")
        trade.credit.limit("C-1", "1000")
        held(trade, "700")
        order = other.orders.draft(customer="C-1", total="700")
        other.orders.confirm(order)["order"]
        assert other.orders.status(order) == "CONFIRMED"
        names = "{ __schema { types { name } } }"
        assert any(it["name"].startswith("Credit") for it in trade.query(names)["__schema"]["types"])
        found = {it["name"] for it in other.query(names)["__schema"]["types"]}
        assert not found & {"CreditLimit", "CreditStanding", "CreditPreview", "CreditCase"}


def test_damage_is_found(trade: Shop, corrupt: Corrupt) -> None:
    invoiced(trade, "600")
    assert trade.check() == []
    for statement in (
        "UPDATE credit_balance SET invoiced = invoiced + 10000",
        "UPDATE credit_position SET invoiced = invoiced + 10000 WHERE invoiced <> 0",
        "UPDATE credit_entry SET amount = amount + 10000 WHERE part = 'INVOICED'",
    ):
        corrupt(trade, statement)
    assert {found.name for found in trade.check()} == {"credit.receivables"}
