"""`huikuan check` finds each kind of damage to the ledger, and names exactly that one (reliability: I4 to I6, I11)."""

from __future__ import annotations

import pytest

from huikuan.testing.corruption import Corrupt
from huikuan.testing.shop import Shop
from huikuan_invoicing.testing import line
from huikuan_receivables.invariants.invoices import INVOICES
from huikuan_receivables.invariants.ledger import LEDGER
from modules.receivables.tests.reading import payment_of
from modules.receivables.tests.statements import Bank

T = "UPDATE receivables_"
POSTED = "SELECT id FROM receivables_entry WHERE kind = 'INVOICE' ORDER BY id DESC LIMIT 1"
PAID = "SELECT id FROM receivables_payment WHERE unapplied > 0 ORDER BY id DESC LIMIT 1"

DAMAGE: dict[str, tuple[list[str], set[str]]] = {
    "receivables.ledger": ([f"{T}posting SET base_amount = base_amount + 100 WHERE account = 'CASH'"], set()),
    "receivables.copies": ([f"{T}posting SET due_on = '2030-01-01' WHERE account = 'RECEIVABLE'"], set()),
    "receivables.open": (
        [f"{T}item_balance SET base_open = base_open + 100 WHERE open > 0"],
        set(),
    ),
    "receivables.allocated": (
        [f"{T}item_balance SET open = open - 100, base_open = base_open - 100 WHERE open > 1000000"],
        {"receivables.open", "receivables.settled"},
    ),
    "receivables.between": (
        [f"{T}item_balance SET base_open = 100 WHERE open = 0 AND amount > 0"],
        {"receivables.open"},
    ),
    "receivables.payments": ([f"{T}payment SET unapplied = unapplied - 100 WHERE id = ({PAID})"], set()),
    "receivables.accounts": (
        [
            f"{T}allocation SET customer_id = (SELECT id FROM customers_customer WHERE code = 'OTHER') "
            "WHERE kind = 'PAYMENT'"
        ],
        set(),
    ),
    "receivables.reversals": (
        ["UPDATE receivables_refund SET \"on\" = '2020-01-01' WHERE reverses_id IS NOT NULL"],
        set(),
    ),
    "receivables.booked": (
        [f"{T}allocation SET entry_id = ({POSTED}) WHERE kind = 'DISCOUNT'"],
        set(),
    ),
    "receivables.entered": ([f"{T}payment SET status = 'FAILED' WHERE status = 'BOUNCED'"], set()),
    "receivables.entered twice": (
        [f"{T}entry SET kind = 'BOUNCE' WHERE kind = 'PAYMENT' AND reverses_id IS NOT NULL"],
        set(),
    ),
    "receivables.reversals of entries": (
        [f"{T}entry SET \"on\" = '2020-01-01' WHERE kind = 'PAYMENT' AND reverses_id IS NOT NULL"],
        {"receivables.copies"},
    ),
    "receivables.items": (
        ["UPDATE receivables_item SET amount = amount + 100 WHERE amount > 1000000"],
        {"receivables.copies"},
    ),
    "receivables.settled": (
        [
            f"{T}allocation SET invoice_id = (SELECT id FROM invoicing_invoice WHERE number = 'INV-000001') "
            "WHERE kind = 'DISCOUNT'"
        ],
        {"receivables.accounts"},
    ),
}


def fill(shop: Shop) -> None:
    """Some of everything that the ledger can hold."""
    shop.customers.create("OTHER")
    terms = shop.customers.terms("2-10", {"kind": "BALANCE", "days": 30, "discountPercent": "2", "discountDays": 10})
    shop.invoicing.posted(total="1000", customer="C")
    early = shop.invoicing.posted(total="100", customer="C", paymentTerms=terms)
    whole, again = (shop.invoicing.posted(total="50", customer="C") for _ in range(2))
    shop.receivables.pay("98", settle=[early])
    shop.receivables.pay("50", settle=[whole])
    undone = shop.receivables.pay("50", settle=[again])
    shop.mutate("allocationUndo", id=payment_of(shop, undone)["allocations"][0]["id"], reason="wrong")["allocation"]
    bounced = shop.receivables.pay("20", settle=[again])
    shop.mutate("paymentBounce", id=bounced, reason="no funds")["payment"]
    refund = shop.mutate("paymentRefund", id=undone, reason="not ours", amount="10")["refund"]["id"]
    shop.mutate("refundCancel", id=refund, reason="came back")["refund"]
    back = shop.receivables.pay("21", settle=[again], reference="DD-1000")
    bank = Bank(shop)
    went = bank.comes("-21.00", "DD-1000")
    bank.run()
    bank.undo(bank.line(went)["matches"][0])
    assert payment_of(shop, back)["status"] == "SUCCEEDED"
    shop.invoicing.credit(shop.invoicing.posted(lines=[line("10")], customer="C"))


@pytest.mark.parametrize("name", DAMAGE, ids=DAMAGE)
def test_damage_is_found(shop: Shop, corrupt: Corrupt, name: str) -> None:
    fill(shop)
    assert not shop.check()
    statements, also = DAMAGE[name]
    corrupt(shop, *statements)
    assert {found.name for found in shop.check()} == {name.split()[0]} | also


def test_every_invariant_has_its_damage() -> None:
    assert {found.name for found in (*LEDGER, *INVOICES)} == {name.split()[0] for name in DAMAGE}
