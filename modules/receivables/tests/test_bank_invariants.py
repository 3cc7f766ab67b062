"""`huikuan check` finds each kind of damage to statements and matches."""

from __future__ import annotations

import pytest

from huikuan.testing.corruption import Corrupt
from huikuan.testing.shop import Shop
from huikuan_receivables.invariants.bank import BANK
from modules.receivables.tests.statements import Bank

M = "UPDATE receivables_bank_match SET"
RETURNED = "kind = 'RETURN' AND status = 'POSTED'"

DAMAGE = {
    "receivables.bank-posted": [["UPDATE receivables_bank_line SET status = 'OPEN' WHERE status = 'POSTED'"]],
    "receivables.bank-proposed": [["UPDATE receivables_bank_line SET status = 'PROPOSED' WHERE status = 'OPEN'"]],
    "receivables.bank-payments": [
        ["UPDATE receivables_bank_line SET amount_amount = amount_amount + 1 WHERE amount_amount > 0"]
    ],
    "receivables.bank-given-up": [["UPDATE receivables_bank_match_part SET given_up = 0 WHERE given_up > 0"]],
    "receivables.bank-parts": [
        ["UPDATE receivables_bank_match_part SET amount = amount * 2 WHERE allocation_id IS NULL"]
    ],
    "receivables.bank-returns": [
        ["UPDATE receivables_bank_line SET amount_amount = amount_amount - 1 WHERE text = 'DD-1000'"],
        [
            f"{M} payment_id = (SELECT id FROM receivables_payment WHERE reference = 'DD-1002') "
            f"WHERE {RETURNED} AND bounce_id IS NULL"
        ],
        [
            f"{M} bounce_id = (SELECT bounce_id FROM receivables_bank_match WHERE status = 'UNDONE') "
            f"WHERE {RETURNED} AND bounce_id IS NOT NULL"
        ],
        [
            f"{M} bounce_id = (SELECT id FROM receivables_entry WHERE kind = 'INVOICE' LIMIT 1) "
            f"WHERE {RETURNED} AND bounce_id IS NOT NULL"
        ],
    ],
    "receivables.bank-refunds": [
        ["UPDATE receivables_bank_line SET amount_amount = amount_amount - 1 WHERE text = 'OUT-1000'"],
        [
            f"{M} refund_id = (SELECT id FROM receivables_refund WHERE reverses_id IS NOT NULL) "
            "WHERE refund_id IS NOT NULL"
        ],
    ],
    "receivables.bank-reopened": [
        ["UPDATE receivables_bank_match_part SET amount = amount - 1 WHERE allocation_id IS NOT NULL"],
        ["UPDATE receivables_bank_match_part SET allocation_id = NULL WHERE allocation_id IS NOT NULL"],
    ],
}
"""By invariant, damages that each it alone finds."""


def fill(shop: Shop) -> None:
    """Some of everything that becomes of lines."""
    bank = Bank(shop)
    shop.customers.create("C-1")
    number = shop.invoicing.posted(total="100", customer="C-1").number
    bank.comes("100.00", number)
    bank.comes("3.00", "nobody knows")
    charges = {"deducts": "FIXED", "deduction": "2", "atMost": "2", "cause": "OTHER", "automatic": True}
    given = {"code": "FEE", "name": "Charges", "textPattern": "fee", **charges}
    shop.mutate("bankRuleCreate", input=given)
    bank.comes("48.00", f"{shop.invoicing.posted(total='50', customer='C-1').number} fee")
    invoice = shop.invoicing.posted(total="30", customer="C-1")
    _, by_hand, _, _ = (
        shop.receivables.pay("30", customer="C-1", settle=settles, reference=f"DD-100{place}")
        for place, settles in enumerate(([invoice], [], [], []))
    )
    shop.mutate("paymentBounce", id=by_hand, reason="no funds")["payment"]
    returned = [bank.comes("-30.00", text) for text in ("DD-1000", "DD-1001", "DD-1003")]
    over = shop.receivables.pay("9", customer="C-1", settle=[])
    failed = shop.mutate("paymentRefund", id=over, reason="overpaid", amount="4")["refund"]["id"]
    shop.mutate("refundCancel", id=failed, reason="account closed")["refund"]
    shop.mutate("paymentRefund", id=over, reason="overpaid", amount="4", reference="OUT-1000")["refund"]
    bank.comes("-4.00", "OUT-1000")
    bank.run()
    [match] = bank.line(returned[2])["matches"]
    bank.undo(match)
    assert [bank.line(line)["status"] for line in returned] == ["POSTED", "POSTED", "OPEN"]


@pytest.mark.parametrize(
    ("name", "statements"),
    [(name, statements) for name, damages in DAMAGE.items() for statements in damages],
)
def test_damage_is_found(shop: Shop, corrupt: Corrupt, name: str, statements: list[str]) -> None:
    fill(shop)
    assert not shop.check()
    corrupt(shop, *statements)
    assert {found.name for found in shop.check()} == {name}


def test_every_invariant_has_its_damage() -> None:
    assert {found.name for found in BANK} == set(DAMAGE)
