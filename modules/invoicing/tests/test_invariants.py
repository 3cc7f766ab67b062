"""`huikuan check` finds each kind of damage, and names exactly that one (reliability: I5 to I10)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from huikuan.testing.corruption import Corrupt
from huikuan.testing.shop import Shop
from huikuan_invoicing.content import content_hash
from huikuan_invoicing.invariants import INVARIANTS
from huikuan_invoicing.models import Invoice, InvoiceInstalment, InvoiceLine, InvoiceTax
from huikuan_invoicing.testing import line

LAST = "(SELECT max(sequence) FROM invoicing_invoice WHERE series = 'INV-')"
FIRST = "SELECT id FROM invoicing_invoice WHERE number = 'INV-000001'"
NOTE = "SELECT id FROM invoicing_invoice WHERE kind = 'CREDIT_NOTE'"
LINE = "UPDATE invoicing_invoice_line SET"
HEAD = "UPDATE invoicing_invoice SET"

DAMAGE = {
    "invoicing.hash": [f"{HEAD} notes = 'forged' WHERE number = 'INV-000001'"],
    "invoicing.numbers": [f"{HEAD} sequence = 9 WHERE sequence = {LAST}"],
    "invoicing.dates": [f"{HEAD} issued_on = '2025-01-01' WHERE sequence = {LAST} AND series = 'INV-'"],
    "invoicing.total-of-lines": [f"{LINE} net = net + 1 WHERE invoice_id IN ({FIRST}) AND tax_code IS NULL"],
    "invoicing.taxes": ["UPDATE invoicing_invoice_tax SET base = base + 1"],
    "invoicing.instalments": ["UPDATE invoicing_invoice_instalment SET amount = amount + 1"],
    "invoicing.signs": [f"{HEAD} kind = 'INVOICE' WHERE id IN ({NOTE})"],
    "invoicing.plans": [
        "UPDATE invoicing_billing_milestone SET amount_amount = amount_amount + 10000 WHERE sequence = 1"
    ],
    "invoicing.credits": [
        f"{HEAD} total_amount = total_amount * 9, tax_amount = tax_amount * 9, net_amount = net_amount * 9 "
        f"WHERE id IN ({NOTE})",
        f"{LINE} gross = gross * 9, tax = tax * 9, net = net * 9 WHERE invoice_id IN ({NOTE})",
        f"UPDATE invoicing_invoice_tax SET base = base * 9, tax = tax * 9 WHERE invoice_id IN ({NOTE})",
        f"UPDATE invoicing_invoice_instalment SET amount = amount * 9 WHERE invoice_id IN ({NOTE})",
    ],
}
ALSO = {"invoicing.credits": {"invoicing.open"}}
"""Of what is credited too much, less than nothing is open."""


def forge(shop: Shop, corrupt: Corrupt) -> None:
    """Give every posted document the hash of what it says now."""
    with shop.reading() as ctx:
        for invoice in ctx.scalars(select(Invoice).where(Invoice.content_hash.is_not(None))):
            lines = ctx.scalars(select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id))
            taxes = ctx.scalars(select(InvoiceTax).where(InvoiceTax.invoice_id == invoice.id))
            parts = ctx.scalars(select(InvoiceInstalment).where(InvoiceInstalment.invoice_id == invoice.id))
            hashed = content_hash(invoice, lines, taxes, parts)
            corrupt(shop, f"{HEAD} content_hash = '{hashed}' WHERE number = '{invoice.number}'")


@pytest.mark.parametrize("name", DAMAGE, ids=DAMAGE)
def test_damage_is_found(shop: Shop, corrupt: Corrupt, name: str) -> None:
    """A forger who leaves the hash is found by it; one who forges that too is found by the other line."""
    shop.invoicing.example()
    taxed = shop.invoicing.posted(lines=[line("10", taxCode="STD", taxPercent=Decimal(20))])
    shop.invoicing.credit(taxed)
    assert not shop.check()
    for statement in DAMAGE[name]:
        corrupt(shop, statement)
    if name == "invoicing.plans":
        assert {found.name for found in shop.check()} == {name}, "a plan is no posted document"
        return
    assert "invoicing.hash" in {found.name for found in shop.check()}
    if name != "invoicing.hash":
        forge(shop, corrupt)
        assert {found.name for found in shop.check()} == {name} | ALSO.get(name, set())


def test_what_is_open_is_never_less_than_nothing(shop: Shop, corrupt: Corrupt) -> None:
    """I5: a credit note whose sum is moved to another invoice leaves that one with less than nothing."""
    small, large = shop.invoicing.posted(total="1"), shop.invoicing.posted(total="100")
    shop.invoicing.credit(large)
    corrupt(
        shop,
        f"{HEAD} origin_id = (SELECT id FROM invoicing_invoice WHERE number = '{small.number}') "
        "WHERE kind = 'CREDIT_NOTE'",
    )
    forge(shop, corrupt)
    assert {found.name for found in shop.check()} == {"invoicing.open", "invoicing.credits"}


def test_every_invariant_has_its_damage() -> None:
    assert {found.name for found in INVARIANTS} == set(DAMAGE) | {"invoicing.open"}
