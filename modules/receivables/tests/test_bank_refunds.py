"""A line by which something was paid back confirms one refund (CAS-7)."""

from __future__ import annotations

import pytest

from huikuan.testing.shop import Shop
from huikuan_invoicing.testing import line as line_of
from modules.receivables.tests.reading import unapplied
from modules.receivables.tests.statements import Bank, only_match


@pytest.fixture
def bank(shop: Shop) -> Bank:
    return Bank(shop)


def test_a_line_confirms_the_refund_that_was_recorded_once(shop: Shop, bank: Bank) -> None:
    payment = shop.receivables.pay("60", settle=[])
    refund = shop.mutate("paymentRefund", id=payment, reason="overpaid", amount="25", reference="OUT-2026-7")["refund"]
    line, again = bank.comes("-25.00", "Refund OUT-2026-7"), bank.comes("-25.00", "OUT-2026-7")
    assert bank.run() == {"tried": 2, "posted": 1, "proposed": 0, "unmatched": 1, "changed": 0}
    match = only_match(bank, line)
    assert (match["kind"], match["rule"], match["refund"]["id"]) == ("REFUND", "NUMBER", refund["id"])
    assert (match["payment"], match["bounce"], match["customer"]["code"]) == (None, None, "C")
    assert unapplied(shop, payment) == "35.00", "it was paid back when it was recorded"
    assert bank.choose(again, refund=refund["id"]).refused("RECEIVABLES_LINE_TWICE")
    assert not shop.check()
    bank.undo(match)
    assert (bank.line(line)["status"], unapplied(shop, payment)) == ("OPEN", "35.00")
    assert bank.choose(again, refund=refund["id"], note="that one")["bankMatch"]["reason"] == "that one"
    assert not shop.check()


def test_a_refund_is_known_by_the_payment_or_credit_note_that_it_is_of(shop: Shop, bank: Bank) -> None:
    payment = shop.receivables.pay("60", settle=[])
    shop.mutate("paymentRefund", id=payment, reason="overpaid", amount="25")["refund"]
    free = shop.invoicing.posted(lines=[line_of("40", quantity="-1")], customer="C")
    shop.mutate("receivableCreditRefund", creditNote={"id": free.id}, reason="paid back")["refunds"]
    of_payment, of_credit = bank.comes("-25.00", "back: PAY-000001"), bank.comes("-40.00", f"for {free.number}")
    assert bank.run()["posted"] == 2
    assert [only_match(bank, line)["kind"] for line in (of_payment, of_credit)] == ["REFUND", "REFUND"]
    assert not shop.check()


def test_a_refund_that_is_recorded_after_the_bank_did_it_is_found_then(shop: Shop, bank: Bank) -> None:
    payment = shop.receivables.pay("60", settle=[])
    line = bank.comes("-25.00", "OUT-2026-7")
    shop.work()
    assert (bank.line(line)["status"], bank.line(line)["note"]) == ("IGNORED", "The money went out.")
    shop.mutate("paymentRefund", id=payment, reason="overpaid", amount="25", reference="OUT-2026-7")["refund"]
    shop.pass_time(days=2)
    shop.work()
    assert (bank.line(line)["status"], bank.line(line)["note"]) == ("POSTED", None)


def test_only_a_refund_in_force_is_confirmed(shop: Shop, bank: Bank) -> None:
    payment = shop.receivables.pay("60", settle=[])
    refund = shop.mutate("paymentRefund", id=payment, reason="overpaid", amount="25", reference="OUT-7")["refund"]["id"]
    mirror = shop.mutate("refundCancel", id=refund, reason="account closed")["refund"]["id"]
    line = bank.comes("-25.00", "OUT-7")
    assert bank.run()["unmatched"] == 1
    assert bank.choose(line, refund=refund).refused("RECEIVABLES_ALLOCATION_ENDED")
    assert bank.choose(line, refund=mirror).refused("RECEIVABLES_WRONG_STATE")
    other = shop.mutate("paymentRefund", id=payment, reason="overpaid", amount="26")["refund"]["id"]
    assert bank.choose(line, refund=other).refused("RECEIVABLES_LINE_AMOUNT")
