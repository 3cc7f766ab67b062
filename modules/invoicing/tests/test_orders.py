"""Orders are invoiced: at once, by hand, together, after a deposit; beside inventory, shipment by shipment."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from huikuan.catalog import ModuleCatalog
from huikuan.testing.corruption import Corrupt
from huikuan.testing.shop import Answer, Shop, need
from huikuan_invoicing.models import Invoice
from huikuan_invoicing.snapshots import InvoiceKind
from modules.invoicing.tests.clerk.hooks import Book
from modules.invoicing.tests.reading import amounts, at_once, read


def line(sku: str, quantity: str, **more: Any) -> dict[str, Any]:
    """An input line of an order."""
    return {"sku": sku, "quantity": quantity, **more}


@pytest.fixture
def sales(app_with: Callable[..., Shop], book: Book, office_catalog: ModuleCatalog) -> Shop:
    """A tenant with orders, invoicing and a clerk who knows what was paid."""
    need(office_catalog, "orders")
    shop = app_with("clerk", "orders", catalog=office_catalog)
    shop.products.tax_rate("STD", "20")
    shop.products.create("A1", price="10", taxRate={"code": "STD"})
    shop.products.create("B1", price="5")
    shop.customers.create("C-1", paymentTerms={"code": shop.customers.net(30)})
    return shop


def ordered(shop: Shop, quantity: str = "4", *more: dict[str, Any], **fields: Any) -> Any:
    return shop.orders.confirmed(customer="C-1", lines=[line("A1", quantity), *more], **fields)


def from_order(shop: Shop, order: Any, **lines: Any) -> Answer:
    return shop.mutate("invoiceFromOrder", order={"id": order.id}, **lines)


def invoices(shop: Shop, order: Any) -> list[dict[str, Any]]:
    document = "query($id: ID!) { order(id: $id) { invoices { id number kind status total { amount } } } }"
    found: list[dict[str, Any]] = shop.query(document, id=order.id)["order"]["invoices"]
    return found


def traced(shop: Shop, order: Any) -> tuple[str | None, str | None]:
    """How much is invoiced: quantity and amount."""
    document = "query($id: ID!) { order(id: $id) { trace { name quantity amount { amount } } } }"
    parts = shop.query(document, id=order.id)["order"]["trace"]
    found = next((part for part in parts if part["name"] == "invoiced"), None)
    if found is None:
        return None, None
    return found["quantity"], found["amount"] and found["amount"]["amount"]


def test_an_order_is_invoiced_by_hand_and_once(sales: Shop) -> None:
    order = ordered(sales, "4", line("B1", "2"))
    draft = from_order(sales, order)["invoice"]
    assert amounts(read(sales, draft["id"])) == ("50.00", "8.00", "58.00"), "order total = invoice total"
    assert from_order(sales, order).refused("INVOICING_NOTHING_TO_INVOICE"), "the draft has it all"
    assert traced(sales, order) == (None, None), "a draft is no invoice yet"
    sales.mutate("invoicePost", id=draft["id"])["invoice"]
    assert traced(sales, order) == ("6", "58.00")
    assert read(sales, draft["id"])["dueOn"] == "2026-02-04", "the order's terms"
    assert not sales.check()


def test_parts_of_an_order_and_the_allowance(sales: Shop) -> None:
    """ORD-11."""
    order = ordered(sales, "10")
    part = from_order(sales, order, lines=[{"position": 1, "quantity": "6"}])["invoice"]
    assert from_order(sales, order, lines=[{"position": 1, "quantity": "5"}]).refused("INVOICING_TOO_MUCH")
    assert sales.set("invoicing.overbilling_percent", "10").done
    more = from_order(sales, order, lines=[{"position": 1, "quantity": "5"}])["invoice"]
    for draft in (part, more):
        sales.mutate("invoicePost", id=draft["id"])["invoice"]
    assert traced(sales, order)[0] == "11" and not sales.check()
    assert from_order(sales, order).refused("INVOICING_NOTHING_TO_INVOICE")
    assert sales.set("invoicing.overbilling_percent", "0").done
    assert [found.name for found in sales.check()] == ["invoicing.ordered"]
    for bad in ([{"position": 7, "quantity": "1"}], [{"position": 1, "quantity": "1"}] * 2):
        assert from_order(sales, order, lines=bad).failed("BAD_USER_INPUT")


def test_more_than_was_ordered_is_found(sales: Shop, corrupt: Corrupt) -> None:
    """I7."""
    order = ordered(sales, "4")
    sales.mutate("invoicePost", id=from_order(sales, order)["invoice"]["id"])["invoice"]
    corrupt(sales, "UPDATE orders_order_line SET quantity = quantity / 2")
    assert "invoicing.ordered" in {found.name for found in sales.check()}


def test_many_at_once_invoice_it_once(sales: Shop) -> None:
    order = ordered(sales)
    answers = at_once([lambda: from_order(sales, order).codes] * 6, 6)
    assert answers.count([]) == 1 and len(invoices(sales, order)) == 1


def test_invoiced_when_confirmed_where_that_was_agreed(sales: Shop) -> None:
    order = sales.orders.draft(customer="C-1", lines=[line("A1", "2")])
    for _ in range(2):
        sales.mutate("billingPolicySet", order={"id": order.id}, method="ORDER")["billingPolicy"]
    sales.orders.confirm(order)["order"]
    [invoice] = invoices(sales, order)
    assert (invoice["number"], invoice["total"]["amount"]) == ("INV-000001", "24.00")
    assert sales.set("invoicing.method", "order").done and sales.set("invoicing.auto_post", "false").done
    assert [item["status"] for item in invoices(sales, ordered(sales))] == ["DRAFT"]
    assert not sales.check()


def test_a_return_becomes_the_draft_of_a_credit_note(sales: Shop) -> None:
    """ORD-14."""
    assert sales.set("invoicing.method", "order").done
    order = sales.orders.confirmed(customer="C-1", kind="RETURN", lines=[line("A1", "-1")])
    [note] = invoices(sales, order)
    assert (note["kind"], note["status"], note["total"]["amount"]) == ("CREDIT_NOTE", "DRAFT", "-12.00")
    assert sales.mutate("invoicePost", id=note["id"])["invoice"]["number"] == "CN-000001"
    assert traced(sales, order) == ("-1", "-12.00") and not sales.check()


def test_what_is_posted_is_credited_before_the_order_is_cancelled(sales: Shop) -> None:
    order = ordered(sales)
    invoice = from_order(sales, order)["invoice"]
    sales.mutate("invoicePost", id=invoice["id"])["invoice"]
    answer = sales.mutate("orderCancel", id=order.id, reason="not wanted")
    assert "INVOICING_ORDER_INVOICED" in answer.codes
    assert any("invoiceCredit" in (item["advice"] or "") for item in answer.payload["refusals"])
    sales.mutate("invoiceCredit", id=invoice["id"], reason="not wanted")["invoice"]
    assert sales.mutate("orderCancel", id=order.id, reason="not wanted").codes == []


def test_drafts_go_with_the_order(sales: Shop) -> None:
    order = ordered(sales)
    from_order(sales, order)["invoice"]
    sales.mutate("orderCancel", id=order.id, reason="not wanted")["order"]
    assert invoices(sales, order) == []


@pytest.mark.parametrize(("aftermath", "again"), [("REBILL", True), ("IGNORE", False)])
def test_what_was_credited_is_invoiced_anew_or_given_up(sales: Shop, aftermath: str, again: bool) -> None:
    """ORD-12."""
    order = ordered(sales)
    invoice = from_order(sales, order)["invoice"]
    sales.mutate("invoicePost", id=invoice["id"])["invoice"]
    sales.mutate("invoiceCredit", id=invoice["id"], reason="wrong", aftermath=aftermath)["invoice"]
    answer = from_order(sales, order)
    assert answer.refused() is not again and traced(sales, order)[1] == "0.00"
    assert not sales.check()


def test_a_draft_that_the_order_outgrew_is_not_posted(sales: Shop) -> None:
    order = ordered(sales, "4")
    draft = from_order(sales, order)["invoice"]
    change = {"reason": "fewer", "update": [{"position": 1, "quantity": "3"}]}
    sales.mutate("orderAmend", id=order.id, input=change)["order"]
    assert sales.mutate("invoicePost", id=draft["id"]).refused("INVOICING_TOO_MUCH")


@pytest.mark.parametrize("state", ["draft", "held"])
def test_only_agreed_orders_are_invoiced(sales: Shop, state: str) -> None:
    order = sales.orders.draft(customer="C-1", lines=[line("A1", "1")])
    if state == "held":
        sales.orders.confirm(order)["order"]
        sales.mutate("orderHold", id=order.id, reason="drawing missing")["order"]
    assert from_order(sales, order).refused("INVOICING_WRONG_STATE")


class TestDeposits:
    """BIL-6, ORD-6 (erpnext#50588, #43272)."""

    def test_the_final_invoice_deducts_it(self, sales: Shop) -> None:
        order = ordered(sales, "10", line("B1", "10"))  # 120.00 and 50.00
        taken = sales.mutate("invoiceDeposit", order={"id": order.id}, percent=Decimal(30))["invoice"]
        found = read(sales, taken["id"])
        assert (found["kind"], found["number"], found["total"]["amount"]) == ("DEPOSIT", "INV-000001", "51.00")
        assert [(item["taxCode"], item["gross"]["amount"]) for item in found["lines"]] == [
            ("STD", "36.00"),
            (None, "15.00"),
        ]
        final = from_order(sales, order)["invoice"]
        sales.mutate("invoicePost", id=final["id"])["invoice"]
        assert amounts(read(sales, final["id"])) == ("105.00", "14.00", "119.00")
        assert traced(sales, order) == ("20", "170.00"), "together they are the order"
        assert not sales.check()

    def test_invoices_of_parts_deduct_what_fits_and_the_last_one_all(self, sales: Shop) -> None:
        order = ordered(sales, "10")
        sales.mutate("invoiceDeposit", order={"id": order.id}, amount={"amount": "100", "currency": "EUR"})["invoice"]
        first = from_order(sales, order, lines=[{"position": 1, "quantity": "5"}])["invoice"]
        last = from_order(sales, order)["invoice"]
        assert [read(sales, item["id"])["total"]["amount"] for item in (first, last)] == ["0.00", "20.00"]

    def test_less_than_nothing_is_a_credit_note(self, sales: Shop) -> None:
        order = ordered(sales, "10")
        sales.mutate("invoiceDeposit", order={"id": order.id}, percent=Decimal(50))["invoice"]
        change = {"reason": "fewer", "update": [{"position": 1, "quantity": "2"}]}
        sales.mutate("orderAmend", id=order.id, input=change)["order"]
        final = read(sales, from_order(sales, order)["invoice"]["id"])
        assert (final["kind"], final["total"]["amount"]) == ("CREDIT_NOTE", "-36.00")

    def test_deposits_fit_the_order(self, sales: Shop) -> None:
        order = {"id": ordered(sales, "10").id}
        sales.mutate("invoiceDeposit", order=order, percent=Decimal(60))["invoice"]
        assert sales.mutate("invoiceDeposit", order=order, percent=Decimal(50)).refused("INVOICING_DEPOSIT_TOO_LARGE")
        assert sales.mutate("invoiceDeposit", order=order).failed("BAD_USER_INPUT")

    @pytest.mark.parametrize("approvable", [True, False])
    def test_an_order_waits_for_its_prepayment(self, sales: Shop, book: Book, approvable: bool) -> None:
        assert sales.set("invoicing.prepayment_approvable", str(approvable).lower()).done
        order = sales.orders.draft(customer="C-1", lines=[line("A1", "10")])
        given: dict[str, Any] = {"method": "MANUAL", "prepaymentPercent": Decimal(50)}
        sales.mutate("billingPolicySet", order={"id": order.id}, **given)["billingPolicy"]
        answer = sales.orders.confirm(order)
        assert answer.refused("INVOICING_PREPAYMENT_MISSING")
        assert (answer.payload["refusals"][0]["hold"] is not None) is approvable
        sales.mutate("invoiceDeposit", order={"id": order.id}, percent=Decimal(50))["invoice"]
        assert sales.orders.confirm(order).refused("INVOICING_PREPAYMENT_MISSING"), "asked for is not paid"
        book.paid[_deposit(sales)] = Decimal(60)
        assert sales.orders.confirm(order)["order"]["status"] == "CONFIRMED"


def _deposit(shop: Shop) -> UUID:
    with shop.reading() as ctx:
        return ctx.scalars(select(Invoice.id).where(Invoice.kind == InvoiceKind.DEPOSIT))[0]


def test_one_invoice_for_a_period(sales: Shop) -> None:
    """BIL-7."""
    orders = [ordered(sales, str(count)) for count in (1, 2, 3)]
    old = sales.orders.draft(customer="C-1", lines=[line("A1", "9", unitPrice=Decimal(1))], orderedOn="2025-12-01")
    sales.orders.confirm(old)["order"]
    period: dict[str, Any] = {"customer": {"code": "C-1"}, "since": "2026-01-01", "until": "2026-01-31"}
    [invoice] = sales.mutate("invoicesConsolidate", **period)["invoices"]
    assert sales.mutate("invoicesConsolidate", **period)["invoices"] == [invoice], "the same period, the same invoice"
    found = read(sales, invoice["id"])
    assert (amounts(found)[2], len(found["lines"])) == ("72.00", 3)
    sales.mutate("invoicePost", id=invoice["id"])["invoice"]
    assert [traced(sales, order) for order in orders] == [("1", "12.00"), ("2", "24.00"), ("3", "36.00")]
    assert not sales.check()


def test_invoicing_source_lets_shipments_be_invoiced_and_returns_drafted(
    app_with: Callable[..., Shop], installed_modules: ModuleCatalog
) -> None:
    """Beside inventory: one invoice for each shipment, of just what left."""
    need(installed_modules, "orders", "inventory")
    shop = app_with("orders", "inventory", "invoicing")
    assert shop.set("invoicing.method", "shipment").done
    shop.inventory.receive("A1", "12")
    order = shop.orders.confirmed(lines=[line("A1", "12", unitPrice=Decimal(10))])
    assert invoices(shop, order) == []
    shipment = _ship(shop, "10")
    [invoice] = invoices(shop, order)
    assert (invoice["number"], invoice["total"]["amount"]) == ("INV-000001", "100.00")
    _ship(shop, "2")
    assert [item["total"]["amount"] for item in invoices(shop, order)] == ["100.00", "20.00"]
    assert traced(shop, order) == ("12", "120.00")
    back = [{"position": 1, "quantity": "4"}]
    shop.mutate("stockReturn", shipment={"id": shipment}, reason="broken", lines=back)["shipment"]
    note = invoices(shop, order)[-1]
    assert (note["kind"], note["status"], note["total"]["amount"]) == ("CREDIT_NOTE", "DRAFT", "-40.00")
    assert read(shop, note["id"])["origin"]["number"] == "INV-000001"
    assert shop.mutate("invoicePost", id=note["id"])["invoice"]["number"] == "CN-000001"
    assert not shop.check()


def _ship(shop: Shop, quantity: str) -> str:
    [reservation] = shop.query("{ reservations { nodes { id } } }")["reservations"]["nodes"]
    lines = [{"reservation": {"id": reservation["id"]}, "quantity": quantity}]
    planned = shop.mutate("shipmentCreate", lines=lines)["shipment"]["id"]
    found: str = shop.mutate("shipmentShip", id=planned)["shipment"]["id"]
    return found
