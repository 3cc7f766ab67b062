"""`huikuan check` finds each kind of damage, and names exactly that one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from huikuan.catalog import ModuleCatalog
from huikuan.testing.corruption import Corrupt
from huikuan.testing.shop import Shop, need
from huikuan_contracts.invariants import INVARIANTS
from huikuan_contracts.testing import part

HEAD = "UPDATE contracts_contract SET"
PART = "UPDATE contracts_contract_instalment SET"

DAMAGE = {
    "contracts.signed": [f"{HEAD} signed_on = '2025-01-01'"],
    "contracts.terms": [f"{HEAD} title = 'forged'"],
    "contracts.plans": [f"{PART} amount_amount = amount_amount * 9 WHERE sequence = 1"],
    "contracts.due": [f"{PART} due_on = '2030-01-01' WHERE sequence = 2"],
    "contracts.consumed": [f"{HEAD} consumed = 10000"],
    "contracts.items": ["UPDATE contracts_contract_item SET consumed = 1000000"],
    "contracts.caps": [f"{HEAD} consumed = amount_amount + 1"],
    "contracts.documents": ["UPDATE contracts_contract_document SET size = size + 1"],
}
ALSO = {  # terms that change are no longer what was signed; what is over the cap was not called off either
    "contracts.plans": {"contracts.terms"},
    "contracts.caps": {"contracts.consumed"},
}


@pytest.mark.parametrize("name", DAMAGE, ids=DAMAGE)
def test_damage_is_found(shop: Shop, corrupt: Corrupt, name: str) -> None:
    shop.contracts.example()
    shop.contracts.frame("500", A="10")
    assert not shop.check()
    for statement in DAMAGE[name]:
        corrupt(shop, statement)
    assert {found.name for found in shop.check()} == {name} | ALSO.get(name, set())


def test_a_version_that_is_missing_is_found(shop: Shop, corrupt: Corrupt) -> None:
    shop.contracts.example()
    corrupt(shop, "DELETE FROM contracts_contract_amendment")
    assert {found.name for found in shop.check()} == {"contracts.terms"}


def test_content_that_is_missing_is_found(shop: Shop, corrupt: Corrupt) -> None:
    shop.contracts.example()
    corrupt(shop, "DELETE FROM contracts_contract_content")
    assert {found.name for found in shop.check()} == {"contracts.documents"}


def test_every_invariant_has_its_damage() -> None:
    assert {found.name for found in INVARIANTS} == set(DAMAGE)


def test_call_offs_that_differ_from_their_orders_are_found(
    app_with: Callable[..., Shop], installed_modules: ModuleCatalog, corrupt: Corrupt
) -> None:
    need(installed_modules, "orders")
    shop = app_with("contracts", "orders")
    frame = shop.contracts.frame()
    line = {"description": "Work", "quantity": "1", "unitPrice": "100"}
    called = shop.mutate("contractCallOff", id=frame.id, input={"reference": "1", "lines": [line]})
    [order] = shop.query("{ orders { nodes { id } } }")["orders"]["nodes"]
    assert called["callOff"] and shop.mutate("orderConfirm", id=order["id"])["order"]
    assert not shop.check()
    corrupt(shop, "UPDATE contracts_call_off SET amount_amount = amount_amount - 10000")
    corrupt(shop, f"{HEAD} consumed = consumed - 10000")
    assert {found.name for found in shop.check()} == {"contracts.call-offs"}


def test_an_invoice_of_something_else_is_found(
    app_with: Callable[..., Shop], installed_modules: ModuleCatalog, corrupt: Corrupt
) -> None:
    need(installed_modules, "invoicing")
    shop = app_with("contracts", "invoicing")
    shop.contracts.signed(instalments=[part("All", "2026-01-05")])
    shop.work()
    other = shop.invoicing.posted(total="10")
    assert not shop.check()
    corrupt(shop, f"{PART} invoice_id = (SELECT id FROM invoicing_invoice WHERE number = '{other.number}')")
    assert {found.name for found in shop.check()} == {"contracts.invoices"}
