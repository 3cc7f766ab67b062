"""A payment that the bank took back: its line is known by what it names, else proposed (CAS-11)."""

from __future__ import annotations

import pytest

from huikuan.testing.shop import Shop
from modules.receivables.tests.reading import payment_of
from modules.receivables.tests.statements import Bank, only_match, open_of, paid, status_of

IBAN = "DE89370400440532013000"


@pytest.fixture
def bank(shop: Shop) -> Bank:
    return Bank(shop)


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

    match = only_match(bank, line)
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
    assert (only_match(bank, by_bank)["rule"], only_match(bank, by_payer)["rule"]) == ("NUMBER", "REFERENCE")
    assert (open_of(shop, first), open_of(shop, second)) == ("60.00", "60.00")
    assert not shop.check()


def test_money_that_came_and_went_in_one_statement_does_so_in_one_run(shop: Shop, bank: Bank) -> None:
    number = str(shop.invoicing.posted(total="60", customer="C").number)
    went = bank.comes("-60.00", "return of DD-2026-0001")
    came = bank.comes("60.00", number, reference="DD-2026-0001")
    assert bank.run() == {"tried": 2, "posted": 2, "proposed": 0, "unmatched": 0, "changed": 0}
    assert only_match(bank, came)["payment"]["status"] == "BOUNCED"
    assert only_match(bank, went)["kind"] == "RETURN"
    assert open_of(shop, number) == "60.00"
    assert not shop.check()


def test_the_same_account_without_a_reference_is_only_proposed(shop: Shop, bank: Bank) -> None:
    number = str(shop.invoicing.posted(total="60", customer="C").number)
    bank.comes("60.00", number, payer_account=IBAN)
    bank.run()
    line = bank.comes("-60.00", "no funds", payer_account="DE89 3704 0044 0532 0130 00")
    assert shop.set("receivables.match_score", "1").done
    assert bank.run()["proposed"] == 1, "not even where any score is enough"
    match = only_match(bank, line)
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
    assert (only_match(bank, line)["rule"], only_match(bank, line)["status"]) == ("AMOUNT", "PROPOSED")
    shop.pass_time(days=61)
    late = bank.comes("-60.00", "no words", on="2026-03-07")
    assert bank.run()["unmatched"] == 1
    assert bank.line(late)["matches"] == []


def test_digits_alone_and_the_banks_key_of_the_booking_are_only_hints(shop: Shop, bank: Bank) -> None:
    shop.receivables.pay("60", settle=[], reference="20260105")
    by_date = bank.comes("-60.00", "booked on 20260105")
    bank.run()
    assert (only_match(bank, by_date)["rule"], only_match(bank, by_date)["score"]) == ("NUMBER", 75)
    assert only_match(bank, by_date)["status"] == "PROPOSED"
    structured = bank.comes("-60.00", remittance="20260105")
    assert bank.run()["posted"] == 1
    assert only_match(bank, structured)["rule"] == "REFERENCE"
    shop.receivables.pay("70", settle=[], reference="KEY-0001")
    by_key = bank.comes("-70.00", reference="KEY-0001")
    bank.run()
    assert (only_match(bank, by_key)["status"], only_match(bank, by_key)["score"]) == ("PROPOSED", 75)
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
    assert {status_of(shop, payment) for payment in payments} == {"SUCCEEDED"}
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
    assert status_of(shop, payment) == "SUCCEEDED"
    assert not shop.check()


def test_what_is_known_as_somebody_elses_counts_less(shop: Shop, bank: Bank) -> None:
    shop.customers.create("OTHER", bankAccounts=[{"number": IBAN}])
    shop.receivables.pay("60", settle=[])
    assert shop.set("receivables.match_score", "90").done
    line = bank.comes("-60.00", "PAY-000001", payer_account=IBAN)
    bank.run()
    match = only_match(bank, line)
    assert (match["status"], match["score"]) == ("PROPOSED", 83)
    assert match["reason"].endswith("Who got it is known as somebody else.")


def test_a_company_that_wants_nothing_posted_by_itself_gets_proposals(shop: Shop, bank: Bank) -> None:
    payment = shop.receivables.pay("60", settle=[])
    shop.set("receivables.match_by_itself", "false")
    line = bank.comes("-60.00", remittance="PAY-000001")
    shop.work()
    assert (bank.line(line)["status"], status_of(shop, payment)) == ("OPEN", "SUCCEEDED")
    shop.set("receivables.match_score", "101")
    assert bank.run()["proposed"] == 1
    assert (bank.line(line)["status"], status_of(shop, payment)) == ("PROPOSED", "SUCCEEDED")
    shop.set("receivables.match_by_itself", "true")
    shop.set("receivables.match_score", "80")
    shop.pass_time(days=2)
    shop.work()
    assert (bank.line(line)["status"], status_of(shop, payment)) == ("POSTED", "BOUNCED")


def test_a_return_ahead_waits_for_its_day(shop: Shop, bank: Bank) -> None:
    payment = shop.receivables.pay("60", settle=[])
    line = bank.comes("-60.00", "PAY-000001", on="2026-01-07")
    assert bank.run()["proposed"] == 1
    assert bank.confirm(only_match(bank, line)).refused("RECEIVABLES_DATE_AHEAD")
    shop.pass_time(days=2)
    assert bank.run(again=True)["posted"] == 1
    assert status_of(shop, payment) == "BOUNCED"
