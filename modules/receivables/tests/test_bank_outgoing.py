"""Money that went out: what people decide, and how it is taken back (CAS-11)."""

from __future__ import annotations

import pytest

from huikuan.testing.shop import Shop
from modules.receivables.tests.reading import account, payment_of, unapplied
from modules.receivables.tests.statements import Bank, only_match, open_of, status_of


@pytest.fixture
def bank(shop: Shop) -> Bank:
    return Bank(shop)


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
    assert status_of(shop, payment) == "BOUNCED"


def test_what_was_rejected_is_not_proposed_again(shop: Shop, bank: Bank) -> None:
    first = shop.receivables.pay("60", settle=[])
    line = bank.comes("-60.00", "no words")
    bank.run()
    assert bank.reject(only_match(bank, line))["bankMatch"]["status"] == "REJECTED"
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
    bank.undo(only_match(bank, line))
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
    bank.undo(only_match(bank, line))
    assert (open_of(shop, dollars.number), open_of(shop, euros.number)) == ("0.00", "0.00")
    assert (unapplied(shop, payment), account(shop)) == ("0.00", before)
    assert not shop.check()


def test_the_line_that_brought_a_payment_is_undone_only_while_it_is_here(shop: Shop, bank: Bank) -> None:
    number = str(shop.invoicing.posted(total="60", customer="C").number)
    came, went = bank.comes("60.00", number, reference="DD-2026-0001"), bank.comes("-60.00", "DD-2026-0001")
    bank.run()
    assert bank.undo(only_match(bank, came)).refused("RECEIVABLES_MATCH_ENDED")
    bank.undo(only_match(bank, went))
    assert bank.undo(only_match(bank, came))["bankMatch"]["payment"]["status"] == "VOIDED"
    assert open_of(shop, number) == "60.00"
    assert bank.choose(went, returned={"number": "PAY-000001"}).refused("RECEIVABLES_WRONG_STATE")
    assert not shop.check()
