"""However a return comes to be known, its payment bounces once, and as any other does (CAS-11)."""

from __future__ import annotations

import pytest

from huikuan.testing.shop import Shop
from huikuan_customers.api import customer_ids
from huikuan_receivables.api import payer_records
from modules.receivables.tests.reading import payment_of
from modules.receivables.tests.statements import Bank, only_match, open_of, paid, status_of


@pytest.fixture
def bank(shop: Shop) -> Bank:
    return Bank(shop)


def test_what_bounced_by_hand_before_the_line_came_does_not_bounce_again(shop: Shop, bank: Bank) -> None:
    number, payment = paid(shop)
    shop.mutate("paymentBounce", id=payment, reason="the customer called")["payment"]
    line = bank.comes("-100.00", "PAY-000001")
    assert bank.run()["posted"] == 1
    match = only_match(bank, line)
    assert (match["kind"], match["bounce"], match["parts"]) == ("RETURN", None, [])
    assert "It has bounced already." in match["reason"]
    found = payment_of(shop, payment)
    assert (found["status"], found["failureReason"]) == ("BOUNCED", "the customer called")
    assert not shop.check()
    undone = bank.undo(match)["bankMatch"]
    assert (undone["status"], undone["payment"]["status"]) == ("UNDONE", "BOUNCED"), "it bounced without the line"
    assert (bank.line(line)["status"], open_of(shop, number)) == ("OPEN", "100.00")
    assert not shop.check()


def test_two_lines_do_not_tell_of_the_same_return(shop: Shop, bank: Bank) -> None:
    payment = shop.receivables.pay("60", settle=[])
    first = bank.comes("-60.00", "PAY-000001")
    second = bank.comes("-60.00", "PAY-000001 once more")
    assert bank.run() == {"tried": 2, "posted": 1, "proposed": 0, "unmatched": 1, "changed": 0}
    assert bank.choose(second, returned={"id": payment}).refused("RECEIVABLES_LINE_TWICE")
    bank.undo(only_match(bank, first))
    assert bank.choose(second, returned={"id": payment})["bankMatch"]["status"] == "POSTED"
    assert not shop.check()


def test_the_same_statement_again_bounces_nothing_again(shop: Shop, bank: Bank) -> None:
    payment = shop.receivables.pay("60", settle=[], reference=None)
    assert shop.receivables.record("60", reference=None).refused("RECEIVABLES_DUPLICATE")
    file = "on,amount,text\n2026-01-05,-60.00,PAY-000001\n"
    assert (bank.send(file)["created"], bank.run()["posted"]) == (1, 1)
    assert (bank.send(file)["created"], bank.run()["tried"]) == (0, 0)
    assert status_of(shop, payment) == "BOUNCED"
    assert shop.receivables.record("60", reference=None).codes == [], "money that bounced may come again"
    [line] = bank.lines()
    bank.undo(line["matches"][0])
    assert status_of(shop, payment) == "SUCCEEDED"
    assert shop.receivables.record("60", reference=None).refused("RECEIVABLES_DUPLICATE")
    assert not shop.check()


def test_cash_is_not_taken_back_by_a_bank(shop: Shop, bank: Bank) -> None:
    shop.receivables.pay("60", settle=[], method="CASH")
    bank.comes("-60.00", "no words")
    assert bank.run()["unmatched"] == 1


def test_what_was_paid_back_does_not_bounce(shop: Shop, bank: Bank) -> None:
    payment = shop.receivables.pay("60", settle=[])
    refund = shop.mutate("paymentRefund", id=payment, reason="overpaid", amount="10")["refund"]["id"]
    line = bank.comes("-60.00", "PAY-000001")
    assert bank.run()["unmatched"] == 1
    assert bank.choose(line, returned={"id": payment}).refused("RECEIVABLES_REFUNDED")
    shop.mutate("refundCancel", id=refund, reason="stopped")["refund"]
    assert bank.run(again=True)["posted"] == 1
    assert status_of(shop, payment) == "BOUNCED"
    assert not shop.check()


def test_it_counts_for_the_payers_risk_and_is_told_like_any_bounce(shop: Shop, bank: Bank) -> None:
    paid(shop)
    line = bank.comes("-100.00", "PAY-000001")

    def bounced() -> list[int]:
        with shop.reading() as ctx:
            return [record.bounced for record in payer_records(ctx, customer_ids(ctx, ["C"]).values())]

    assert bounced() == [0]
    bank.run()
    assert bounced() == [1]
    bank.undo(only_match(bank, line))
    assert bounced() == [0], "it did not bounce after all"
    shop.work()
    wanted = "[PAYMENT_BOUNCED, PAYMENT_REINSTATED, BANK_LINE_MATCHED, BANK_MATCH_UNDONE, ALLOCATION_REVERSED]"
    told = [
        event["type"]
        for event in shop.query(f"{{ events(types: {wanted}) {{ nodes {{ type }} }} }}")["events"]["nodes"]
    ]
    assert told == [
        "ALLOCATION_REVERSED",
        "PAYMENT_BOUNCED",
        "BANK_LINE_MATCHED",
        "PAYMENT_REINSTATED",
        "BANK_MATCH_UNDONE",
    ]


def test_another_tenants_payments_are_not_seen(shop: Shop, bank: Bank) -> None:
    shop.receivables.pay("60", settle=[], reference="E2E-88-4711")
    other = shop.other_tenant("receivables", slug="other")
    theirs = Bank(other)
    line = theirs.comes("-60.00", remittance="E2E-88-4711")
    assert theirs.run()["unmatched"] == 1
    assert theirs.line(line)["matches"] == []


def test_the_bank_alone_may_let_a_payment_bounce_but_not_by_hand(shop: Shop, bank: Bank) -> None:
    payment = shop.receivables.pay("60", settle=[])
    line = bank.comes("-60.00", "no words")
    clerk, other = shop.acting_with("receivables.bank"), shop.acting_with("receivables.read", "receivables.pay")
    assert other.mutate("bankMatchPost", line=line, returned={"id": payment}).failed("FORBIDDEN")
    assert status_of(shop, payment) == "SUCCEEDED"
    assert clerk.mutate("bankMatchPost", line=line, returned={"id": payment})["bankMatch"]
    assert status_of(shop, payment) == "BOUNCED"
