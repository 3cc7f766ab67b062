"""Money paid for an order beforehand settles that order's invoices, when they come, and nothing else."""

from __future__ import annotations

from typing import Any

from huikuan.testing.shop import Shop
from modules.receivables.tests.reading import account, open_of, payment_of, settled, unapplied

TRACE = "query($id: ID!) { order(id: $id) { trace { name amount { amount } } advances { reference } } }"


def advance(shop: Shop, order: Any, amount: str, **more: Any) -> str:
    given = {"order": {"id": order.id}, "amount": {"amount": amount, "currency": "EUR"}, "reference": "adv-1", **more}
    found: str = shop.mutate("paymentAdvance", **given)["payment"]["id"]
    return found


def invoiced(shop: Shop, order: Any) -> Any:
    draft = shop.mutate("invoiceFromOrder", order={"id": order.id})["invoice"]["id"]
    return shop.mutate("invoicePost", id=draft)["invoice"]["id"]


def trace(shop: Shop, order: Any) -> tuple[str | None, str | None]:
    """What is paid of an order, and what is overdue."""
    parts = shop.query(TRACE, id=order.id)["order"]["trace"]
    found = {part["name"]: part["amount"]["amount"] for part in parts if part["amount"] is not None}
    return found.get("paid"), found.get("overdue")


def test_an_advance_waits_for_its_orders_invoice(trade: Shop) -> None:
    other = trade.invoicing.posted(total="100", customer="C")
    order = trade.orders.confirmed(total="100", customer="C")

    payment = advance(trade, order, "130")
    assert (open_of(trade, other), unapplied(trade, payment)) == (["100.00"], "130.00")
    assert trace(trade, order) == ("130.00", None)

    invoice = invoiced(trade, order)

    assert open_of(trade, invoice, other) == ["0.00", "100.00"]
    assert settled(trade, payment) == [("PAYMENT", "100.00", "paid for its order beforehand")]
    assert trace(trade, order) == ("130.00", None)
    assert trade.check() == []

    trade.mutate("paymentAutoApply", id=payment)["payment"]
    assert open_of(trade, other) == ["100.00"]
    trade.mutate("paymentAutoApply", id=payment, beyondOrder=True)["payment"]
    assert open_of(trade, other) == ["70.00"]
    assert trade.check() == []


def test_an_advance_that_comes_late_settles_what_is_posted(trade: Shop) -> None:
    order = trade.orders.confirmed(total="100", customer="C")
    invoice = invoiced(trade, order)

    first, again = (advance(trade, order, "60") for _ in range(2))

    assert first == again
    assert open_of(trade, invoice) == ["40.00"]


def test_a_paid_deposit_is_an_advance_that_the_last_invoice_deducts(trade: Shop) -> None:
    order = trade.orders.confirmed(total="100", customer="C")
    deposit = trade.mutate("invoiceDeposit", order={"id": order.id}, percent="30")["invoice"]["id"]
    payment = advance(trade, order, "30")

    final = invoiced(trade, order)

    assert open_of(trade, deposit, final) == ["0.00", "70.00"]
    assert payment_of(trade, payment)["unapplied"]["amount"] == "0.00"
    assert trace(trade, order) == ("30.00", None)


def test_what_is_overdue_of_an_order_is_told(trade: Shop) -> None:
    order = trade.orders.confirmed(total="100", customer="C")
    invoiced(trade, order)
    trade.pass_time(days=1)

    assert trace(trade, order) == (None, "100.00")


def test_the_advance_of_a_cancelled_order_is_money_like_any_other(trade: Shop) -> None:
    order = trade.orders.confirmed(total="100", customer="C")
    payment = advance(trade, order, "60")
    invoice = trade.invoicing.posted(total="100", customer="C")

    trade.mutate("orderCancel", id=order.id, reason="gone")["order"]
    trade.mutate("paymentAutoApply", id=payment)["payment"]

    assert open_of(trade, invoice) == ["40.00"]


def test_an_advance_for_an_order_invoiced_with_others_settles_its_part(trade: Shop) -> None:
    trade.orders.confirmed(total="100", customer="C")
    payment = advance(trade, trade.orders.confirmed(total="50", customer="C"), "80")

    [draft] = trade.mutate("invoicesConsolidate", customer={"code": "C"}, since="2026-01-01", until="2026-01-31")[
        "invoices"
    ]
    trade.mutate("invoicePost", id=draft["id"])["invoice"]

    assert open_of(trade, draft["id"]) == ["100.00"]
    assert unapplied(trade, payment) == "30.00"
    assert account(trade)["open"] == "100.00"
    assert trade.check() == []
