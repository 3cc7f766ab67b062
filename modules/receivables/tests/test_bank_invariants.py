"""`huikuan check` finds each kind of damage to statements and matches."""

from __future__ import annotations

import pytest

from huikuan.testing.corruption import Corrupt
from huikuan.testing.shop import Shop
from huikuan_receivables.invariants.bank import BANK
from modules.receivables.tests.statements import Bank

DAMAGE = {
    "receivables.bank-posted": ["UPDATE receivables_bank_line SET status = 'OPEN' WHERE status = 'POSTED'"],
    "receivables.bank-proposed": ["UPDATE receivables_bank_line SET status = 'PROPOSED' WHERE status = 'OPEN'"],
    "receivables.bank-payments": ["UPDATE receivables_bank_line SET amount_amount = amount_amount + 1"],
    "receivables.bank-given-up": ["UPDATE receivables_bank_match_part SET given_up = 0 WHERE given_up > 0"],
    "receivables.bank-parts": ["UPDATE receivables_bank_match_part SET amount = amount * 2"],
}


@pytest.mark.parametrize("name", DAMAGE, ids=DAMAGE)
def test_damage_is_found(shop: Shop, corrupt: Corrupt, name: str) -> None:
    bank = Bank(shop)
    shop.customers.create("C-1")
    number = shop.invoicing.posted(total="100", customer="C-1").number
    bank.comes("100.00", number)
    bank.comes("3.00", "nobody knows")
    charges = {"deducts": "FIXED", "deduction": "2", "atMost": "2", "cause": "OTHER", "automatic": True}
    given = {"code": "FEE", "name": "Charges", "textPattern": "fee", **charges}
    shop.mutate("bankRuleCreate", input=given)
    bank.comes("48.00", f"{shop.invoicing.posted(total='50', customer='C-1').number} fee")
    bank.run()
    assert not shop.check()
    for statement in DAMAGE[name]:
        corrupt(shop, statement)
    assert {found.name for found in shop.check()} == {name}


def test_every_invariant_has_its_damage() -> None:
    assert {found.name for found in BANK} == set(DAMAGE)
