"""Rules of the company for its bank (CAS-4): all conditions hold, the first decides, by itself or by button."""

from __future__ import annotations

from typing import Any

import pytest

from huikuan.testing.shop import Answer, Shop
from huikuan_receivables.matching import PatternError, pattern_of
from modules.receivables.tests.statements import Bank, open_of

RULE = "bankRule { id code sequence offAt }"


@pytest.fixture
def bank(shop: Shop) -> Bank:
    shop.customers.create("C-1")
    return Bank(shop)


def invoiced(shop: Shop, total: str = "100", customer: str = "C-1") -> str:
    return str(shop.invoicing.posted(total=total, customer=customer).number)


def rule(shop: Shop, code: str, **given: Any) -> Answer:
    return shop.mutate("bankRuleCreate", input={"code": code, "name": f"Rule {code}", **given}, select=RULE)


def fee(shop: Shop, code: str = "FEE", **given: Any) -> Answer:
    usual = {"textPattern": "fee", "automatic": True, "cause": "OTHER", "atMost": "5"}
    return rule(shop, code, **{**usual, "deducts": "FIXED", "deduction": "2.50", **given})


def only(bank: Bank, id: str) -> dict[str, Any]:
    [match] = bank.line(id)["matches"]
    return dict(match)


DEDUCTIONS = {
    "fixed": ({}, "97.50"),
    "of the line": ({"deducts": "PERCENT_OF_LINE", "deduction": "2"}, "98.04"),
    "of the balance": ({"deducts": "PERCENT_OF_BALANCE", "deduction": "100"}, "96.00"),
    "text": ({"deducts": "TEXT", "deduction": None, "deductionPattern": r"fee (\d+[.,]\d\d)"}, "96.50"),
}


@pytest.mark.parametrize(("given", "amount"), DEDUCTIONS.values(), ids=DEDUCTIONS)
def test_what_was_kept_back_is_given_up_and_comes_back(
    shop: Shop, bank: Bank, given: dict[str, Any], amount: str
) -> None:
    number = invoiced(shop)
    fee(shop, **given)
    line = bank.comes(amount, f"{number} less fee 3,50")
    assert bank.run()["posted"] == 1
    match = only(bank, line)
    assert (match["rule"], match["automatic"]) == ("RULE", True) and match["reason"].startswith("Rule FEE: ")
    assert "kept back" in match["reason"] and match["dispute"] is None
    assert open_of(shop, number) == "0.00"
    assert not shop.check()
    assert bank.undo(match)["bankMatch"]["status"] == "UNDONE"
    assert open_of(shop, number) == "100.00"
    assert not shop.check()


def test_by_button_somebody_has_to_say_yes(shop: Shop, bank: Bank) -> None:
    number = invoiced(shop)
    fee(shop, automatic=False)
    line = bank.comes("97.50", f"{number} less fee")
    assert bank.run()["proposed"] == 1 and open_of(shop, number) == "100.00"
    assert bank.confirm(only(bank, line))["bankMatch"]["status"] == "POSTED"
    assert open_of(shop, number) == "0.00"
    assert not shop.check()


def test_more_than_the_bound_is_not_given_up_nor_what_fits_without(shop: Shop, bank: Bank) -> None:
    first, second = invoiced(shop), invoiced(shop)
    fee(shop, deducts="PERCENT_OF_LINE", deduction="10")
    lines = [bank.comes("90.91", f"{first} fee"), bank.comes("100.00", f"{second} fee")]
    bank.run()
    assert [only(bank, line)["rule"] for line in lines] == ["NUMBER", "NUMBER"]
    assert (open_of(shop, first), open_of(shop, second)) == ("9.09", "0.00")


def test_a_line_that_fits_with_and_without_is_a_tie(shop: Shop, bank: Bank) -> None:
    invoiced(shop, "100"), invoiced(shop, "97.50")
    rule(shop, "OTHER", textPattern="nothing like it", customer={"code": "C-1"})
    fee(shop, customer={"code": "C-1"})
    line = bank.comes("97.50", "fee")
    assert bank.run()["posted"] == 0
    assert sorted(match["rule"] for match in bank.line(line)["matches"]) == ["PAYER", "RULE"]


def test_all_conditions_hold_and_the_first_in_order_wins(shop: Shop, bank: Bank) -> None:
    shop.customers.create("C-2")
    first = rule(shop, "A", payerPattern="pay", amountFrom="10", automatic=True, customer={"code": "C-1"})
    second = rule(shop, "B", payerPattern="pay", automatic=True, customer={"code": "C-2"})
    numbers = [invoiced(shop, "30", "C-1"), invoiced(shop, "30", "C-2"), invoiced(shop, "5", "C-2")]
    small, large = (bank.comes(amount, payer_name="PayHouse") for amount in ("5.00", "30.00"))
    assert bank.run()["posted"] == 2
    assert (only(bank, small)["customer"], only(bank, large)["customer"]) == ({"code": "C-2"}, {"code": "C-1"})
    bank.undo(only(bank, large))
    shop.mutate("bankRulesOrder", rules=[{"code": "B"}], select="bankRules { code }")
    other = bank.comes("30.00", "again", payer_name="PayHouse")
    assert bank.run()["posted"] == 1 and only(bank, other)["customer"] == {"code": "C-2"}
    shop.mutate("bankRuleSwitch", id=second["bankRule"]["id"], on=False)
    shop.mutate("bankRuleSwitch", id=first["bankRule"]["id"], on=False)
    last = bank.comes("30.00", "last", payer_name="PayHouse")
    assert bank.run()["posted"] == 0 and only(bank, last)["rule"] == "AMOUNT"
    assert [open_of(shop, number) for number in numbers] == ["30.00", "0.00", "0.00"]
    assert not shop.check()


@pytest.mark.parametrize(("settles", "left"), [("OLDEST", "40.00"), ("NOTHING", "100.00")])
def test_money_of_a_payer_settles_what_is_due_first_or_nothing(shop: Shop, bank: Bank, settles: str, left: str) -> None:
    number = invoiced(shop)
    rule(shop, "P", payerAccount="DE 1", automatic=True, customer={"code": "C-1"}, settles=settles)
    line = bank.comes("60.00", payer_account="DE1")
    assert bank.run()["posted"] == 1 and only(bank, line)["rule"] == "RULE"
    assert open_of(shop, number) == left
    assert not shop.check()


def test_a_rule_is_its_content(shop: Shop, bank: Bank) -> None:
    made = fee(shop)["bankRule"]
    assert fee(shop)["bankRule"] == made
    assert fee(shop, deduction="3").refused("RECEIVABLES_BANK_RULE_TAKEN")
    for wrong in ({"textPattern": None}, {"textPattern": "(a+)+"}, {"atMost": None}, {"cause": "TOLERANCE"}):
        assert fee(shop, "X", **wrong).errors


@pytest.mark.parametrize("pattern", ["(a+)+", r"(a)\1", "(?=a)", ".*.*.*.*", "a{1,99}", "a?" * 5, "(", ""])
def test_patterns_that_could_search_for_ever_are_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        pattern_of(pattern)
