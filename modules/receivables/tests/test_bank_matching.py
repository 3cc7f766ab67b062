"""From a line to its payment and back: posted only when it is certain, and undone by one call (CAS-3 to CAS-8)."""

from __future__ import annotations

from typing import Any

import pytest

from huikuan.testing.shop import Shop
from modules.receivables.tests.statements import Bank, open_of


@pytest.fixture
def bank(shop: Shop) -> Bank:
    return Bank(shop)


def posted(shop: Shop, total: str, customer: str, **more: Any) -> str:
    """The number of a posted invoice."""
    return str(shop.invoicing.posted(total=total, customer=customer, **more).number)


def only(bank: Bank, id: str) -> dict[str, Any]:
    """The only match of a line."""
    [match] = bank.line(id)["matches"]
    return dict(match)


def ledger(shop: Shop) -> dict[str, Any]:
    """Everything that an undone match must leave as it was."""
    return shop.query(
        "{ receivableItems { nodes { invoice { number paymentState open { amount } } open { amount } closedOn } } }"
    )


def test_a_line_that_names_an_invoice_is_posted_with_score_and_reason(shop: Shop, bank: Bank) -> None:
    shop.customers.create("C-1")
    number = posted(shop, "100", "C-1")
    line = bank.comes("100.00", f"Payment of {number}, thanks", payer_name="Somebody")
    assert bank.run() == {"tried": 1, "posted": 1, "proposed": 0, "unmatched": 0, "changed": 0}
    match = only(bank, line)
    assert (match["status"], match["rule"], match["score"], match["automatic"]) == ("POSTED", "NUMBER", 98, True)
    assert match["reason"] == f"The text names {number}. The amount is what is open."
    assert (match["customer"]["code"], match["payment"]["status"]) == ("C-1", "SUCCEEDED")
    assert match["payment"]["number"] == "PAY-000001"
    assert open_of(shop, number) == "0.00" and bank.line(line)["status"] == "POSTED"
    payment = shop.query('{ payment(number: "PAY-000001") { allocations { rule score reason amount { amount } } } }')
    [allocation] = payment["payment"]["allocations"]
    assert (allocation["rule"], allocation["score"], allocation["reason"]) == ("NUMBER", 98, match["reason"])
    assert bank.run()["tried"] == 0, "what is done is done"
    assert not shop.check()


def test_a_tie_is_never_posted_and_says_why(shop: Shop, bank: Bank) -> None:
    for code in ("C-1", "C-2"):
        shop.customers.create(code)
        posted(shop, "100", code)
    line = bank.comes("100.00", "thanks")
    assert bank.run()["proposed"] == 1
    matches = bank.line(line)["matches"]
    assert [match["status"] for match in matches] == ["PROPOSED", "PROPOSED"]
    assert "2 items have just this amount open" in matches[0]["reason"]
    assert shop.query("{ payments { totalCount } }")["payments"]["totalCount"] == 0
    assert shop.set("receivables.match_score", "1").done
    assert bank.run(again=True)["posted"] == 0, "not even where any score is enough"
    assert not shop.check()


def test_undo_restores_what_was_open_exactly(shop: Shop, bank: Bank) -> None:
    shop.set("receivables.tolerance", "EUR 0.05")
    shop.customers.create("C-1")
    first, second = posted(shop, "100", "C-1"), posted(shop, "50", "C-1")
    before = ledger(shop)
    line = bank.comes("149.97", f"{first} + {second}")
    bank.run()
    assert ledger(shop) != before and open_of(shop, second) == "0.00", "the difference is written off"
    match = only(bank, line)
    undone = bank.undo(match)["bankMatch"]
    assert (undone["status"], undone["undoReason"], undone["payment"]["status"]) == (
        "UNDONE",
        "wrong customer",
        "VOIDED",
    )
    assert ledger(shop) == before and bank.line(line)["status"] == "OPEN"
    assert bank.undo(match).refused("RECEIVABLES_MATCH_ENDED")
    assert not shop.check()
    assert bank.run(again=True)["posted"] == 0, "what somebody took back is not posted by itself again"
    found = [match for match in bank.line(line)["matches"] if match["status"] == "PROPOSED"]
    assert bank.confirm(found[0])["bankMatch"]["status"] == "POSTED"
    assert open_of(shop, first) == "0.00"
    assert not shop.check()


def test_a_short_payment_within_the_tolerance_is_written_off_beyond_it_disputed(shop: Shop, bank: Bank) -> None:
    shop.set("receivables.tolerance", "EUR 0.05")
    shop.customers.create("C-1")
    little, some, much = (posted(shop, "100", "C-1") for _ in range(3))
    lines = [bank.comes("99.96", little), bank.comes("90.00", some), bank.comes("30.00", much)]
    assert bank.run()["posted"] == 3
    found = [only(bank, line) for line in lines]
    assert [open_of(shop, number) for number in (little, some, much)] == ["0.00", "10.00", "70.00"]
    assert [match["dispute"] for match in found] == [
        None,
        {"state": "OPEN", "amount": {"amount": "10.00"}},
        None,
    ], "a payment in part is none"
    assert shop.query("{ disputes { nodes { reason } } }")["disputes"]["nodes"] == [{"reason": "SHORT_PAYMENT"}]
    assert bank.undo(found[1])["bankMatch"]["dispute"]["state"] == "WITHDRAWN"
    assert open_of(shop, some) == "100.00"
    assert not shop.check()


def test_what_is_too_much_stays_on_account_or_is_kept_if_it_is_little(shop: Shop, bank: Bank) -> None:
    shop.set("receivables.tolerance", "EUR 0.05")
    shop.customers.create("C-1")
    first, second = posted(shop, "100", "C-1"), posted(shop, "100", "C-1")
    more, little = bank.comes("130.00", first), bank.comes("100.05", second)
    assert bank.run()["posted"] == 2
    assert only(bank, more)["payment"]["unapplied"]["amount"] == "30.00"
    assert only(bank, little)["payment"]["unapplied"]["amount"] == "0.00"
    before = open_of(shop, second)
    bank.undo(only(bank, little))
    assert (before, open_of(shop, second)) == ("0.00", "100.00")
    assert not shop.check()


def test_one_line_pays_many_and_many_lines_pay_one(shop: Shop, bank: Bank) -> None:
    shop.customers.create("C-1")
    terms = shop.customers.terms("PARTS", {"kind": "EQUAL_PARTS", "parts": 2, "everyDays": 30})
    parts = posted(shop, "80", "C-1", paymentTerms=terms)
    numbers = [posted(shop, amount, "C-1") for amount in ("10", "20", "40")]
    lines = [
        bank.comes("70.00", " ".join(numbers)),
        bank.comes("40.00", parts),
        bank.comes("40.00", f"the rest of {parts}"),
    ]
    assert bank.run()["posted"] == 3
    assert [open_of(shop, number) for number in (*numbers, parts)] == ["0.00"] * 4
    assert len(only(bank, lines[0])["parts"]) == 3
    assert [part["item"]["sequence"] for line in lines[1:] for part in only(bank, line)["parts"]] == [1, 2]
    assert not shop.check()


def test_who_confirms_teaches_and_who_undoes_makes_forget(shop: Shop, bank: Bank) -> None:
    shop.customers.create("C-1")
    first, second = posted(shop, "100", "C-1"), posted(shop, "60", "C-1")
    payer = {"payer_account": "DE89 3704 0044", "payer_name": "Treuhand Nord"}
    line = bank.comes("100.00", "no words", **payer)
    assert bank.run()["proposed"] == 1, "the amount alone"
    match = only(bank, line)
    assert (match["rule"], match["score"]) == ("AMOUNT", 70)
    assert bank.confirm(match)["bankMatch"]["automatic"] is False
    aliases = shop.query("{ payerAliases { nodes { kind value customer { code } } } }")["payerAliases"]["nodes"]
    assert aliases == [
        {"kind": "ACCOUNT", "value": "DE8937040044", "customer": {"code": "C-1"}},
        {"kind": "NAME", "value": "treuhandnord", "customer": {"code": "C-1"}},
    ]
    next_line = bank.comes("60.00", "no words", **payer)
    assert bank.run()["posted"] == 1
    assert (only(bank, next_line)["rule"], only(bank, next_line)["score"]) == ("PAYER", 92)
    assert (open_of(shop, first), open_of(shop, second)) == ("0.00", "0.00")
    bank.undo(only(bank, line))
    assert shop.query("{ payerAliases { totalCount } }")["payerAliases"]["totalCount"] == 0
    assert not shop.check()


def test_accounts_and_names_of_customers_are_known(shop: Shop, bank: Bank) -> None:
    shop.customers.create("C-1", name="宁波海港贸易有限公司", bankAccounts=[{"number": "6222 0001"}])
    posted(shop, "100", "C-1"), posted(shop, "60", "C-1"), posted(shop, "25", "C-1")
    by_account = bank.comes("100.00", payer_account="6222-0001")
    by_name = bank.comes("85.00", payer_name="宁波海港贸易有限责任公司")
    bank.run()
    assert (only(bank, by_account)["rule"], only(bank, by_account)["score"]) == ("PAYER", 90)
    assert (only(bank, by_name)["rule"], only(bank, by_name)["status"]) == ("PAYER", "POSTED"), "all that was left"
    assert not shop.check()


def test_some_items_that_come_to_the_amount(shop: Shop, bank: Bank) -> None:
    shop.customers.create("C-1", bankAccounts=[{"number": "111"}])
    numbers = [posted(shop, amount, "C-1") for amount in ("11.01", "22.02", "44.04", "88.08")]
    line = bank.comes("55.05", payer_account="111")
    assert bank.run()["posted"] == 1
    assert (only(bank, line)["rule"], only(bank, line)["score"]) == ("SUBSET", 83)
    assert [open_of(shop, number) for number in numbers] == ["0.00", "22.02", "0.00", "88.08"]


def test_a_line_in_another_currency_waits_for_somebody(shop: Shop, bank: Bank) -> None:
    shop.customers.create("C-1")
    number = posted(shop, "100", "C-1")
    dollars = posted(shop, "50", "C-1", currency="USD", rate="0.9")
    line = bank.comes("110.00", number, currency="USD")
    same = bank.comes("50.00", dollars, currency="USD", rate="0.92")
    assert bank.run() == {"tried": 2, "posted": 1, "proposed": 1, "unmatched": 0, "changed": 0}
    assert only(bank, same)["status"] == "POSTED" and open_of(shop, dollars) == "0.00"
    match = only(bank, line)
    assert match["status"] == "PROPOSED" and "which is in EUR" in match["reason"]
    assert bank.confirm(match).refused("RECEIVABLES_RATE_MISSING")
    assert bank.confirm(match, rate="0.91")["bankMatch"]["status"] == "POSTED"
    assert open_of(shop, number) == "0.00"
    assert not shop.check()
    bank.undo(only(bank, line)), bank.undo(only(bank, same))
    assert (open_of(shop, number), open_of(shop, dollars)) == ("100.00", "50.00")
    assert not shop.check()


def test_a_line_that_no_book_holds_stops_no_others(shop: Shop, bank: Bank) -> None:
    shop.customers.create("C-1")
    euros, dollars = posted(shop, "100", "C-1"), posted(shop, "50000", "C-1", currency="USD", rate="0.9")
    large = bank.comes("50000.00", dollars, currency="USD", rate="999999999")
    plain = bank.comes("100.00", euros)
    assert bank.run() == {"tried": 2, "posted": 1, "proposed": 1, "unmatched": 0, "changed": 1}
    assert (only(bank, plain)["status"], only(bank, large)["status"]) == ("POSTED", "PROPOSED")
    answer = bank.confirm(only(bank, large))
    assert answer.failed("BAD_USER_INPUT") and "is the rate right?" in answer.errors[0]["message"]
    assert not shop.check()


def test_somebody_chooses_rejects_and_ignores(shop: Shop, bank: Bank) -> None:
    shop.customers.create("C-1")
    number = posted(shop, "100", "C-1")
    line, fee, other = bank.comes("40.00", "no words"), bank.comes("3.00", "interest"), bank.comes("100.00", "??")
    assert bank.run() == {"tried": 3, "posted": 0, "proposed": 1, "unmatched": 2, "changed": 0}
    wanted = [{"invoice": {"number": number}, "amount": "25"}]
    answer = shop.mutate(
        "bankMatchPost",
        line=line,
        customer={"code": "C-1"},
        allocations=wanted,
        note="by phone",
        select="bankMatch { rest }",
    )
    assert answer["bankMatch"]["rest"] == "15" and open_of(shop, number) == "75.00"
    again = shop.mutate("bankMatchPost", line=line, customer={"code": "C-1"}, allocations=[])
    assert again.refused("RECEIVABLES_LINE_SETTLED")
    assert shop.mutate("bankLineIgnore", id=line).refused("RECEIVABLES_LINE_SETTLED")
    ignored = shop.mutate("bankLineIgnore", id=fee, note="interest of the bank", select="bankLine { status note }")
    assert (ignored["bankLine"]["status"], ignored["bankLine"]["note"]) == ("IGNORED", "interest of the bank")
    post = shop.mutate("bankMatchPost", line=fee, customer={"code": "C-1"}, allocations=[])
    assert post.refused("RECEIVABLES_LINE_IGNORED")
    proposal = only(bank, other)
    rejected = shop.mutate("bankMatchReject", id=proposal["id"], select="bankMatch { status line { status } }")
    assert (rejected["bankMatch"]["status"], rejected["bankMatch"]["line"]["status"]) == ("REJECTED", "OPEN")
    assert bank.confirm(proposal).refused("RECEIVABLES_MATCH_ENDED")
    assert not shop.check()


def test_a_proposal_that_is_settled_meanwhile_is_not_posted(shop: Shop, bank: Bank) -> None:
    shop.customers.create("C-1")
    number = posted(shop, "100", "C-1")
    line = bank.comes("100.00", "no words")
    bank.run()
    money = {"amount": "60", "currency": "EUR"}
    shop.mutate("paymentRecord", input={"customer": {"code": "C-1"}, "amount": money, "reference": "cash"})
    assert bank.confirm(only(bank, line)).refused("RECEIVABLES_NOT_OPEN")
    assert open_of(shop, number) == "40.00" and bank.line(line)["status"] == "PROPOSED"
    assert not shop.check()


def test_new_lines_are_matched_by_themselves(shop: Shop, bank: Bank) -> None:
    shop.customers.create("C-1")
    line = bank.comes("100.00", "INV-000001")
    shop.work()
    assert bank.line(line)["status"] == "OPEN" and only_payments(shop) == 0
    number = posted(shop, "100", "C-1")
    shop.pass_time(hours=1)
    shop.work()
    assert open_of(shop, number) == "100.00", "what was tried is tried again a day later"
    shop.pass_time(days=1)
    shop.work()
    assert open_of(shop, number) == "0.00" and bank.line(line)["status"] == "POSTED"
    shop.set("receivables.match_by_itself", "false")
    second = posted(shop, "70", "C-1")
    bank.comes("70.00", second)
    shop.pass_time(days=2)
    shop.work()
    assert open_of(shop, second) == "70.00"


def only_payments(shop: Shop) -> int:
    return int(shop.query("{ payments { totalCount } }")["payments"]["totalCount"])


def test_how_often_rules_were_right_and_what_is_nobodys(shop: Shop, bank: Bank) -> None:
    shop.customers.create("C-1")
    numbers = [posted(shop, "10", "C-1") for _ in range(4)]
    lines = [bank.comes("10.00", number) for number in numbers]
    bank.run()
    bank.undo(only(bank, lines[0]))
    bank.comes("5.00", "nobody knows", on="2025-12-01")
    found = shop.query("{ bankMatchPrecision { rule posted undone confirmed rejected precision } }")
    assert found["bankMatchPrecision"] == [
        {"rule": "NUMBER", "posted": 4, "undone": 1, "confirmed": 0, "rejected": 0, "precision": "75"}
    ]
    waiting = shop.query("{ bankSuspense { fromDays toDays lines amount { amount } oldest } }")["bankSuspense"]
    assert [(row["fromDays"], row["lines"], row["amount"]["amount"]) for row in waiting] == [
        (0, 1, "10.00"),
        (31, 1, "5.00"),
    ]
    open_lines = bank.lines(", filter: {status: {eq: OPEN}}")
    assert len(open_lines) == 2


def test_payments_ahead_wait_for_their_day(shop: Shop, bank: Bank) -> None:
    shop.customers.create("C-1")
    number = posted(shop, "100", "C-1")
    line = bank.comes("100.00", number, on="2026-01-07")
    assert bank.run()["proposed"] == 1
    shop.pass_time(days=2)
    assert bank.run(again=True)["posted"] == 1
    assert bank.line(line)["status"] == "POSTED"


def test_money_that_was_recorded_already_is_not_posted_by_itself(shop: Shop, bank: Bank) -> None:
    shop.customers.create("C-1")
    first, second = posted(shop, "100", "C-1"), posted(shop, "100", "C-1")
    money = {"amount": "100", "currency": "EUR"}
    shop.mutate("paymentRecord", input={"customer": {"code": "C-1"}, "amount": money, "reference": "T-77"})
    assert (open_of(shop, first), open_of(shop, second)) == ("0.00", "100.00")
    line = bank.comes("100.00", second, reference="T-77")
    assert bank.run()["posted"] == 0
    assert bank.line(line)["status"] == "PROPOSED" and open_of(shop, second) == "100.00"
