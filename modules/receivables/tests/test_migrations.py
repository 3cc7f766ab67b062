"""What stood in the tables before a migration is there afterwards, and new rules hold for it too."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from huikuan.testing.corruption import Corrupt
from huikuan.testing.migrated import MigratedFrom
from huikuan.testing.shop import Shop
from modules.receivables.tests.statements import Bank, open_of

FEE = {"code": "FEE", "name": "Fee", "textPattern": "fee", "automatic": True, "cause": "OTHER", "atMost": "5"}


def test_matches_from_before_the_rules_of_the_company(
    shop: Shop, migrated_from: MigratedFrom, corrupt: Corrupt
) -> None:
    bank = Bank(shop)
    paid, owed = (str(shop.invoicing.posted(total=total, customer="C").number) for total in ("100", "40"))
    line = bank.comes("100.00", f"Payment of {paid}")
    assert bank.run()["posted"] == 1
    before = bank.line(line)
    later = migrated_from(shop, receivables="0003")
    bank.shop = later
    assert bank.line(line) == before
    asked = "{ bankLines { nodes { matches { bankRule { id } parts { givenUp } } } } }"
    matches = [match for node in later.query(asked)["bankLines"]["nodes"] for match in node["matches"]]
    assert {"bankRule": None, "parts": [{"givenUp": "0"}]} in matches
    short = bank.comes("37.50", f"{owed} less fee")
    later.mutate("bankRuleCreate", input={**FEE, "deducts": "FIXED", "deduction": "2.50"})["bankRule"]
    assert bank.run()["posted"] == 1
    assert [match["rule"] for match in bank.line(short)["matches"] if match["status"] == "POSTED"] == ["RULE"]
    assert open_of(later, owed) == "0.00"
    [match] = before["matches"]
    assert bank.undo(match)["bankMatch"]["status"] == "UNDONE"
    assert not later.check()
    with pytest.raises(IntegrityError):
        corrupt(later, "UPDATE receivables_bank_match_part SET given_up = -1")
    with pytest.raises(IntegrityError):
        corrupt(later, "UPDATE receivables_bank_match SET rule = 'GUESS'")


def test_the_ledger_from_before_everything_else(shop: Shop, migrated_from: MigratedFrom) -> None:
    shop.receivables.example()
    items, payments = "nodes { id invoice { number } open { amount } closedOn }", "nodes { id number }"
    query = f"{{ receivableItems {{ {items} }} payments {{ {payments} }} }}"
    before = shop.query(query)
    later = migrated_from(shop, receivables="0001")
    assert later.query(query) == before
    later.dunning.example()
    assert not later.check()
