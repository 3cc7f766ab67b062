"""Money that went out: a payment that the bank took back bounces, a refund is confirmed, the rest is kept (CAS-11)."""

from __future__ import annotations

from typing import Any

import pytest

from huikuan.testing.shop import Shop
from huikuan_customers.api import customer_ids
from huikuan_invoicing.testing import line as line_of
from huikuan_receivables.api import payer_records
from modules.receivables.tests.reading import account, payment_of, unapplied
from modules.receivables.tests.statements import Bank, open_of

IBAN = "DE89370400440532013000"


@pytest.fixture
def bank(shop: Shop) -> Bank:
    return Bank(shop)


def paid(shop: Shop, amount: str = "100", **more: Any) -> tuple[str, str]:
    """An invoice that was paid: its number, and the payment's id."""
    invoice = shop.invoicing.posted(total=amount, customer="C", **more)
    return str(invoice.number), shop.receivables.pay(amount, settle=[invoice])


def only(bank: Bank, line: str) -> dict[str, Any]:
    """The only match of a line."""
    [match] = bank.line(line)["matches"]
    return dict(match)


def status(shop: Shop, payment: str) -> str:
    return str(payment_of(shop, payment)["status"])


# --- the ladder ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "rule", "score"),
    [
        ({"remittance": "PAY-000001"}, "REFERENCE", 100),
        ({"remittance": "E2E-88-4711"}, "REFERENCE", 100),
        ({"text": "Return of pay 1, no funds"}, "NUMBER", 98),
        ({"text": "R-transaction AC04 E2E-88-4711"}, "NUMBER", 98),
    ],
)
def test_a_line_that_names_its_payment_lets_it_bounce(
    shop: Shop, bank: Bank, said: dict[str, str], rule: str, score: int
) -> None:
    invoice = shop.invoicing.posted(total="100", customer="C", paymentTerms=shop.customers.net(10))
    payment = shop.receivables.pay("130", settle=[invoice], reference="E2E-88-4711")
    shop.pass_time(days=20)
    line = bank.comes("-130.00", on="2026-01-20", **said)

    assert bank.run() == {"tried": 1, "posted": 1, "proposed": 0, "unmatched": 0, "changed": 0}

    match = only(bank, line)
    assert (match["kind"], match["status"], match["rule"], match["score"]) == ("RETURN", "POSTED", rule, score)
    assert (match["automatic"], match["customer"]["code"], match["payment"]["id"]) == (True, "C", payment)
    assert match["reason"].endswith("payment PAY-000001. The amount is the same.") or rule == "REFERENCE"
    assert match["bounce"] == {"kind": "BOUNCE", "on": "2026-01-20"}
    assert [part["item"]["invoice"]["number"] for part in match["parts"]] == [invoice.number]
    found = payment_of(shop, payment)
    assert (found["status"], found["allocations"], found["unapplied"]["amount"]) == ("BOUNCED", [], "0.00")
    [item] = shop.query(
        f'{{ invoice(number: "{invoice.number}") {{ receivableItems {{ open {{ amount }} daysOverdue }} }} }}'
    )["invoice"]["receivableItems"]
    assert item == {"open": {"amount": "100.00"}, "daysOverdue": 10}, "due when it was due"
    assert bank.line(line)["status"] == "POSTED"
    assert not shop.check()


def test_it_is_known_by_what_the_bank_and_the_payer_said_when_it_came(shop: Shop, bank: Bank) -> None:
    first, second = (str(shop.invoicing.posted(total="60", customer="C").number) for _ in range(2))
    bank.comes("60.00", first, reference="BK20260105-17", remittance=first)
    bank.comes("60.00", second, reference="BK20260105-18", remittance=second)
    assert bank.run()["posted"] == 2
    by_bank = bank.comes("-60.00", "returned BK20260105-17")
    by_payer = bank.comes("-60.00", remittance=second)
    assert bank.run()["posted"] == 2
    assert (only(bank, by_bank)["rule"], only(bank, by_payer)["rule"]) == ("NUMBER", "REFERENCE")
    assert (open_of(shop, first), open_of(shop, second)) == ("60.00", "60.00")
    assert not shop.check()


def test_money_that_came_and_went_in_one_statement_does_so_in_one_run(shop: Shop, bank: Bank) -> None:
    number = str(shop.invoicing.posted(total="60", customer="C").number)
    went = bank.comes("-60.00", "return of DD-2026-0001")
    came = bank.comes("60.00", number, reference="DD-2026-0001")
    assert bank.run() == {"tried": 2, "posted": 2, "proposed": 0, "unmatched": 0, "changed": 0}
    assert only(bank, came)["payment"]["status"] == "BOUNCED"
    assert only(bank, went)["kind"] == "RETURN"
    assert open_of(shop, number) == "60.00"
    assert not shop.check()


def test_the_same_account_without_a_reference_is_only_proposed(shop: Shop, bank: Bank) -> None:
    number = str(shop.invoicing.posted(total="60", customer="C").number)
    bank.comes("60.00", number, payer_account=IBAN)
    bank.run()
    line = bank.comes("-60.00", "no funds", payer_account="DE89 3704 0044 0532 0130 00")
    assert shop.set("receivables.match_score", "1").done
    assert bank.run()["proposed"] == 1, "not even where any score is enough"
    match = only(bank, line)
    assert (match["status"], match["rule"], match["score"]) == ("PROPOSED", "PAYER", 75)
    assert (bank.line(line)["status"], open_of(shop, number)) == ("PROPOSED", "0.00")
    confirmed = bank.confirm(match)["bankMatch"]
    assert (confirmed["status"], confirmed["automatic"], confirmed["payment"]["status"]) == ("POSTED", False, "BOUNCED")
    assert open_of(shop, number) == "60.00"
    assert shop.query("{ payerAliases { totalCount } }")["payerAliases"]["totalCount"] == 0, (
        "it may be the bank's account"
    )
    assert not shop.check()


def test_the_amount_alone_is_only_proposed_and_only_for_a_while(shop: Shop, bank: Bank) -> None:
    paid(shop, "60")
    line = bank.comes("-60.00", "no words")
    bank.run()
    assert (only(bank, line)["rule"], only(bank, line)["status"]) == ("AMOUNT", "PROPOSED")
    shop.pass_time(days=61)
    late = bank.comes("-60.00", "no words", on="2026-03-07")
    assert bank.run()["unmatched"] == 1
    assert bank.line(late)["matches"] == []


def test_digits_alone_and_the_banks_key_of_the_booking_are_only_hints(shop: Shop, bank: Bank) -> None:
    shop.receivables.pay("60", settle=[], reference="20260105")
    by_date = bank.comes("-60.00", "booked on 20260105")
    bank.run()
    assert (only(bank, by_date)["rule"], only(bank, by_date)["score"]) == ("NUMBER", 75)
    assert only(bank, by_date)["status"] == "PROPOSED"
    structured = bank.comes("-60.00", remittance="20260105")
    assert bank.run()["posted"] == 1
    assert only(bank, structured)["rule"] == "REFERENCE"
    shop.receivables.pay("70", settle=[], reference="KEY-0001")
    by_key = bank.comes("-70.00", reference="KEY-0001")
    bank.run()
    assert (only(bank, by_key)["status"], only(bank, by_key)["score"]) == ("PROPOSED", 75)
    assert not shop.check()


def test_a_tie_is_never_posted_and_says_why(shop: Shop, bank: Bank) -> None:
    payments = [shop.receivables.pay("60", settle=[]) for _ in range(2)]
    named, silent = bank.comes("-60.00", "PAY-000001 or PAY-000002"), bank.comes("-60.00", "no words")
    assert shop.set("receivables.match_score", "1").done
    assert bank.run() == {"tried": 2, "posted": 0, "proposed": 2, "unmatched": 0, "changed": 0}
    for line in (named, silent):
        matches = bank.line(line)["matches"]
        assert [(match["status"], match["score"]) for match in matches] == [("PROPOSED", 50)] * 2
        assert "2 of this amount are like it." in matches[0]["reason"]
    assert {status(shop, payment) for payment in payments} == {"SUCCEEDED"}
    assert not shop.check()


def test_another_amount_another_currency_or_an_earlier_day_is_nothing(shop: Shop, bank: Bank) -> None:
    payment = shop.receivables.pay("60", settle=[])
    lines = [
        bank.comes("-63.00", "PAY-000001 and a fee of 3.00"),
        bank.comes("-60.00", "PAY-000001", currency="USD"),
        bank.comes("-60.00", "PAY-000001", on="2026-01-04"),
    ]
    assert bank.run() == {"tried": 3, "posted": 0, "proposed": 0, "unmatched": 3, "changed": 0}
    for line in lines:
        found = bank.line(line)
        assert (found["status"], found["note"], found["matches"]) == ("IGNORED", "The money went out.", [])
    for line in lines[:2]:
        assert bank.choose(line, returned={"id": payment}).refused("RECEIVABLES_LINE_AMOUNT")
    assert bank.choose(lines[2], returned={"id": payment}).refused("RECEIVABLES_DATE_TOO_EARLY")
    assert status(shop, payment) == "SUCCEEDED"
    assert not shop.check()


def test_what_is_known_as_somebody_elses_counts_less(shop: Shop, bank: Bank) -> None:
    shop.customers.create("OTHER", bankAccounts=[{"number": IBAN}])
    shop.receivables.pay("60", settle=[])
    assert shop.set("receivables.match_score", "90").done
    line = bank.comes("-60.00", "PAY-000001", payer_account=IBAN)
    bank.run()
    match = only(bank, line)
    assert (match["status"], match["score"]) == ("PROPOSED", 83)
    assert match["reason"].endswith("Who got it is known as somebody else.")


def test_a_company_that_wants_nothing_posted_by_itself_gets_proposals(shop: Shop, bank: Bank) -> None:
    payment = shop.receivables.pay("60", settle=[])
    shop.set("receivables.match_by_itself", "false")
    line = bank.comes("-60.00", remittance="PAY-000001")
    shop.work()
    assert (bank.line(line)["status"], status(shop, payment)) == ("OPEN", "SUCCEEDED")
    shop.set("receivables.match_score", "101")
    assert bank.run()["proposed"] == 1
    assert (bank.line(line)["status"], status(shop, payment)) == ("PROPOSED", "SUCCEEDED")
    shop.set("receivables.match_by_itself", "true")
    shop.set("receivables.match_score", "80")
    shop.pass_time(days=2)
    shop.work()
    assert (bank.line(line)["status"], status(shop, payment)) == ("POSTED", "BOUNCED")


def test_a_return_ahead_waits_for_its_day(shop: Shop, bank: Bank) -> None:
    payment = shop.receivables.pay("60", settle=[])
    line = bank.comes("-60.00", "PAY-000001", on="2026-01-07")
    assert bank.run()["proposed"] == 1
    assert bank.confirm(only(bank, line)).refused("RECEIVABLES_DATE_AHEAD")
    shop.pass_time(days=2)
    assert bank.run(again=True)["posted"] == 1
    assert status(shop, payment) == "BOUNCED"


# --- bounced once -------------------------------------------------------------------------------


def test_what_bounced_by_hand_before_the_line_came_does_not_bounce_again(shop: Shop, bank: Bank) -> None:
    number, payment = paid(shop)
    shop.mutate("paymentBounce", id=payment, reason="the customer called")["payment"]
    line = bank.comes("-100.00", "PAY-000001")
    assert bank.run()["posted"] == 1
    match = only(bank, line)
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
    bank.undo(only(bank, first))
    assert bank.choose(second, returned={"id": payment})["bankMatch"]["status"] == "POSTED"
    assert not shop.check()


def test_the_same_statement_again_bounces_nothing_again(shop: Shop, bank: Bank) -> None:
    payment = shop.receivables.pay("60", settle=[], reference=None)
    assert shop.receivables.record("60", reference=None).refused("RECEIVABLES_DUPLICATE")
    file = "on,amount,text\n2026-01-05,-60.00,PAY-000001\n"
    assert (bank.send(file)["created"], bank.run()["posted"]) == (1, 1)
    assert (bank.send(file)["created"], bank.run()["tried"]) == (0, 0)
    assert status(shop, payment) == "BOUNCED"
    assert shop.receivables.record("60", reference=None).codes == [], "money that bounced may come again"
    [line] = bank.lines()
    bank.undo(line["matches"][0])
    assert status(shop, payment) == "SUCCEEDED"
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
    assert status(shop, payment) == "BOUNCED"
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
    bank.undo(only(bank, line))
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


# --- refunds ------------------------------------------------------------------------------------


def test_a_line_confirms_the_refund_that_was_recorded_once(shop: Shop, bank: Bank) -> None:
    payment = shop.receivables.pay("60", settle=[])
    refund = shop.mutate("paymentRefund", id=payment, reason="overpaid", amount="25", reference="OUT-2026-7")["refund"]
    line, again = bank.comes("-25.00", "Refund OUT-2026-7"), bank.comes("-25.00", "OUT-2026-7")
    assert bank.run() == {"tried": 2, "posted": 1, "proposed": 0, "unmatched": 1, "changed": 0}
    match = only(bank, line)
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
    assert [only(bank, line)["kind"] for line in (of_payment, of_credit)] == ["REFUND", "REFUND"]
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


# --- what people decide -------------------------------------------------------------------------


def test_fees_of_the_bank_are_kept_and_shown_and_are_nobodys_money(shop: Shop, bank: Bank) -> None:
    fee = bank.comes("-3.00", "account fee")
    assert bank.line(fee)["status"] == "OPEN"
    assert shop.query("{ bankSuspense { lines } }")["bankSuspense"] == [], "no money came in"
    assert bank.run()["unmatched"] == 1
    found = bank.line(fee)
    assert (found["status"], found["note"], found["amount"]["amount"]) == ("IGNORED", "The money went out.", "-3.00")
    assert bank.run()["tried"] == 0
    assert bank.run(again=True)["tried"] == 1, "for two weeks it is looked at again"
    ignored = bank.ignore(fee, note="fee")["bankLine"]
    assert (ignored["status"], ignored["note"]) == ("IGNORED", "fee")
    assert bank.run(again=True)["tried"] == 0, "somebody said that it is nothing"
    other = bank.comes("-4.00", "account fee")
    bank.run()
    shop.pass_time(days=15)
    assert bank.run(again=True)["tried"] == 0
    assert bank.line(other)["status"] == "IGNORED"


def test_a_line_that_somebody_ignored_comes_back(shop: Shop, bank: Bank) -> None:
    payment = shop.receivables.pay("60", settle=[])
    line = bank.comes("-60.00", "PAY-000001")
    bank.ignore(line, note="The money went out.")  # as all such lines were before they were matched
    assert bank.choose(line, returned={"id": payment}).refused("RECEIVABLES_LINE_IGNORED")
    assert bank.run()["tried"] == 0
    opened = bank.ignore(line, ignored=False)["bankLine"]
    assert (opened["status"], opened["note"]) == ("OPEN", None)
    assert bank.run()["posted"] == 1
    assert bank.ignore(line).refused("RECEIVABLES_LINE_SETTLED")
    assert status(shop, payment) == "BOUNCED"


def test_what_was_rejected_is_not_proposed_again(shop: Shop, bank: Bank) -> None:
    first = shop.receivables.pay("60", settle=[])
    line = bank.comes("-60.00", "no words")
    bank.run()
    assert bank.reject(only(bank, line))["bankMatch"]["status"] == "REJECTED"
    assert bank.line(line)["status"] == "OPEN"
    second = shop.receivables.pay("60", settle=[])
    bank.run(again=True)
    [proposal] = [match for match in bank.line(line)["matches"] if match["status"] == "PROPOSED"]
    assert proposal["payment"]["id"] == second != first
    bank.reject(proposal)
    assert bank.run(again=True)["unmatched"] == 1
    assert bank.line(line)["status"] == "IGNORED"
    assert not shop.check()


def test_somebody_chooses_and_says_what_fits(shop: Shop, bank: Bank) -> None:
    payment = shop.receivables.pay("60", settle=[])
    went, came = bank.comes("-60.00", "no words"), bank.comes("60.00", "no words")
    customer = {"code": "C"}
    assert bank.choose(went, customer=customer, allocations=[]).refused("RECEIVABLES_LINE_OUTGOING")
    assert bank.choose(came, returned={"id": payment}).refused("RECEIVABLES_LINE_INCOMING")
    assert bank.choose(went).failed("BAD_USER_INPUT")
    assert bank.choose(went, returned={"id": payment}, customer=customer).failed("BAD_USER_INPUT")
    recorded = shop.receivables.pay("60", settle=[], status="RECORDED")
    assert bank.choose(went, returned={"id": recorded}).refused("RECEIVABLES_WRONG_STATE")
    chosen = bank.choose(went, returned={"number": "PAY-000001"})["bankMatch"]
    assert (chosen["rule"], chosen["score"], chosen["payment"]["status"]) == ("HAND", 100, "BOUNCED")
    assert bank.choose(went, returned={"id": payment}).refused("RECEIVABLES_LINE_SETTLED")
    assert not shop.check()


# --- taking it back -----------------------------------------------------------------------------


def test_undo_brings_the_payment_back_and_it_may_bounce_again(shop: Shop, bank: Bank) -> None:
    shop.set("receivables.tolerance", "EUR 0.05")
    invoice = shop.invoicing.posted(total="100", customer="C")
    payment = shop.receivables.pay("99.96", settle=[invoice])
    before = account(shop)
    line = bank.comes("-99.96", "PAY-000001")
    bank.run()
    assert open_of(shop, invoice.number) == "100.00", "what was rounded off is open, too"
    for _ in range(2):
        shop.pass_time(days=1)
        [posted] = [match for match in bank.line(line)["matches"] if match["status"] == "POSTED"]
        undone = bank.undo(posted, reason="the bank erred")["bankMatch"]
        assert (undone["status"], undone["undoReason"]) == ("UNDONE", "the bank erred")
        found = payment_of(shop, payment)
        assert (found["status"], found["failureReason"], found["unapplied"]["amount"]) == ("SUCCEEDED", None, "0.00")
        assert account(shop) == before and open_of(shop, invoice.number) == "0.00"
        assert bank.line(line)["status"] == "OPEN"
        assert not shop.check()
        assert bank.run(again=True)["posted"] == 0, "what somebody took back is not posted by itself again"
        [proposal] = [match for match in bank.line(line)["matches"] if match["status"] == "PROPOSED"]
        assert bank.confirm(proposal)["bankMatch"]["payment"]["status"] == "BOUNCED"
        assert open_of(shop, invoice.number) == "100.00"
        assert not shop.check()
    assert bank.undo(posted).refused("RECEIVABLES_MATCH_ENDED")
    shown = shop.query('{ receivablesTimeline(customer: {code: "C"}, kinds: [PAYMENT]) { nodes { title } } }')
    titles = [entry["title"] for entry in shown["receivablesTimeline"]["nodes"]]
    assert (titles.count("Bounce"), titles.count("Bounce taken back")) == (3, 2)


def test_what_was_settled_otherwise_meanwhile_stays_so(shop: Shop, bank: Bank) -> None:
    first, second = (shop.invoicing.posted(total="50", customer="C") for _ in range(2))
    payment = shop.receivables.pay("110", settle=[first, second])
    line = bank.comes("-110.00", "PAY-000001")
    bank.run()
    shop.receivables.pay("20", settle=[first])
    bank.undo(only(bank, line))
    assert (open_of(shop, first.number), open_of(shop, second.number)) == ("30.00", "0.00")
    assert unapplied(shop, payment) == "60.00", "50.00 are no longer open of the first: all of it stays unapplied"
    assert not shop.check()


def test_undo_in_foreign_currencies(shop: Shop, bank: Bank) -> None:
    dollars = shop.invoicing.posted(total="100", customer="C", currency="USD", rate="0.9")
    euros = shop.invoicing.posted(total="50", customer="C")
    wanted = [{"invoice": {"id": dollars.id}}, {"invoice": {"id": euros.id}, "rate": "0.8"}]
    payment = shop.receivables.pay("162.50", currency="USD", rate="0.95", settle=wanted)
    before = account(shop)
    line = bank.comes("-162.50", "PAY-000001", currency="USD")
    assert bank.run()["posted"] == 1
    assert (open_of(shop, dollars.number), open_of(shop, euros.number)) == ("100.00", "50.00")
    assert not shop.check()
    bank.undo(only(bank, line))
    assert (open_of(shop, dollars.number), open_of(shop, euros.number)) == ("0.00", "0.00")
    assert (unapplied(shop, payment), account(shop)) == ("0.00", before)
    assert not shop.check()


def test_the_line_that_brought_a_payment_is_undone_only_while_it_is_here(shop: Shop, bank: Bank) -> None:
    number = str(shop.invoicing.posted(total="60", customer="C").number)
    came, went = bank.comes("60.00", number, reference="DD-2026-0001"), bank.comes("-60.00", "DD-2026-0001")
    bank.run()
    assert bank.undo(only(bank, came)).refused("RECEIVABLES_MATCH_ENDED")
    bank.undo(only(bank, went))
    assert bank.undo(only(bank, came))["bankMatch"]["payment"]["status"] == "VOIDED"
    assert open_of(shop, number) == "60.00"
    assert bank.choose(went, returned={"number": "PAY-000001"}).refused("RECEIVABLES_WRONG_STATE")
    assert not shop.check()


# --- who, and whose -----------------------------------------------------------------------------


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
    assert status(shop, payment) == "SUCCEEDED"
    assert clerk.mutate("bankMatchPost", line=line, returned={"id": payment})["bankMatch"]
    assert status(shop, payment) == "BOUNCED"
