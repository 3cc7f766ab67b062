"""Money that is not needed goes back, and comes back when it does not arrive."""

from __future__ import annotations

from huikuan.testing.shop import Shop
from modules.receivables.tests.reading import account, ledger, payment_of, unapplied


def test_what_is_unapplied_is_paid_back_and_no_more(shop: Shop) -> None:
    shop.invoicing.posted(total="100", customer="C")
    payment = shop.receivables.pay("130")

    assert shop.mutate("paymentRefund", id=payment, reason="?", amount="30.01").refused("RECEIVABLES_NOT_UNAPPLIED")
    assert shop.mutate("paymentRefund", id=payment, reason=" ").failed("BAD_USER_INPUT")
    shop.mutate("paymentRefund", id=payment, reason="overpaid", amount="10", reference="out-1")["refund"]
    assert shop.mutate("paymentRefund", id=payment, reason="x", reference="out-1").refused(
        "RECEIVABLES_REFERENCE_TAKEN"
    )
    shop.mutate("paymentRefund", id=payment, reason="overpaid")["refund"]

    assert [it["amount"]["amount"] for it in payment_of(shop, payment)["refunds"]] == ["10.00", "20.00"]
    assert shop.mutate("paymentRefund", id=payment, reason="?").refused("RECEIVABLES_NOT_UNAPPLIED")
    assert ledger(shop) == {"CASH": 100, "SALES": -100}
    assert shop.check() == []


def test_a_refund_that_failed_is_there_again_once(shop: Shop) -> None:
    payment = shop.receivables.pay("30")
    refund = shop.mutate("paymentRefund", id=payment, reason="overpaid")["refund"]["id"]

    mirror = shop.mutate("refundCancel", id=refund, reason="account closed")["refund"]["id"]

    assert unapplied(shop, payment) == "30.00"
    assert shop.mutate("refundCancel", id=refund, reason="x").refused("RECEIVABLES_ALLOCATION_ENDED")
    assert shop.mutate("refundCancel", id=mirror, reason="x").refused("RECEIVABLES_WRONG_STATE")
    assert shop.check() == []


def test_a_payment_that_was_paid_back_does_not_bounce(shop: Shop) -> None:
    payment = shop.receivables.pay("30")
    refund = shop.mutate("paymentRefund", id=payment, reason="overpaid", amount="10")["refund"]["id"]

    answer = shop.mutate("paymentBounce", id=payment, reason="no funds")
    assert answer.refused("RECEIVABLES_REFUNDED")

    shop.mutate("refundCancel", id=refund, reason="stopped")["refund"]
    shop.mutate("paymentBounce", id=payment, reason="no funds")["payment"]
    assert account(shop)["unapplied"] == "0.00"
    assert shop.check() == []


def test_a_customer_whose_account_is_not_even_stays(shop: Shop) -> None:
    shop.receivables.pay("30")
    customer = shop.query('{ customer(code: "C") { id } }')["customer"]["id"]

    assert shop.mutate("customerArchive", id=customer).refused("RECEIVABLES_OPEN_ACCOUNT")

    [payment] = shop.query("{ payments { nodes { id } } }")["payments"]["nodes"]
    shop.mutate("paymentRefund", id=payment["id"], reason="closing")["refund"]
    shop.mutate("customerArchive", id=customer)["customer"]
