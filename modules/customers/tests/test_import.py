"""Customers from a CSV file, and customers that another import brings along."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from huikuan.importing import ImportSummary
from huikuan.importing_commands import import_file
from huikuan.testing.shop import Shop
from huikuan_customers.api import CustomerInput, customer_ids, ensure_customers

HEADER = "Code,Customer name,VAT id,group,payment_terms,parent,tags,street,city,country,email,IBAN"
ROWS = [
    'C-1,Ningbo Lamps,DE 1,RETAIL,N30,,"vip, lamps",Road 1,Ningbo,CN,li@lamps.example,DE89 3704',
    "C-2,Branch,DE 1,,,C-1,,,,,,",
    "C-3,Thief,DE 1,,,,,,,,,",
    "C-4,,,,,,,,,,,",
    "C-5,Lost,,NOWHERE,,,,,,,,",
    "C-6,Half,,,,,,Road 1,,,,",
]


@pytest.fixture
def shop(app_with: Callable[..., Shop]) -> Shop:
    shop = app_with("customers")
    shop.customers.net(30)
    shop.customers.group("RETAIL")
    return shop


def load(shop: Shop, folder: Path, *rows: str, header: str = HEADER, dry_run: bool = False) -> ImportSummary:
    path = folder / "customers.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    importer, _ = shop.scope.composition.importers["customers"]
    return import_file(shop.kernel, shop.scope, importer, path, dry_run=dry_run)


def test_good_rows_are_written_and_bad_ones_named(shop: Shop, tmp_path: Path) -> None:
    summary = load(shop, tmp_path, *ROWS)
    assert (summary.units.created, summary.units.failed) == (2, 4)
    assert summary.errors == {
        "CUSTOMERS_TAX_ID_TAKEN": 1,
        "CUSTOMERS_NAME_MISSING": 1,
        "CUSTOMERS_UNKNOWN_REFERENCE": 1,
        "BAD_USER_INPUT": 1,
    }
    found = shop.query(
        """{ customer(code: "C-1") { name taxId tags group { code } paymentTerms { code } addresses { city }
             contacts { email } bankAccounts { number } children { nodes { code } } } }"""
    )
    assert found["customer"] == {
        "name": "Ningbo Lamps",
        "taxId": "DE1",
        "tags": ["lamps", "vip"],
        "group": {"code": "RETAIL"},
        "paymentTerms": {"code": "N30"},
        "addresses": [{"city": "Ningbo"}],
        "contacts": [{"email": "li@lamps.example"}],
        "bankAccounts": [{"number": "DE893704"}],
        "children": {"nodes": [{"code": "C-2"}]},
    }


def test_the_same_file_again_changes_nothing(shop: Shop, tmp_path: Path) -> None:
    load(shop, tmp_path, *ROWS[:2])
    summary = load(shop, tmp_path, *ROWS[:2])
    assert (summary.units.unchanged, summary.units.created, summary.units.updated) == (2, 0, 0)


def test_what_a_file_does_not_name_stays(shop: Shop, tmp_path: Path) -> None:
    load(shop, tmp_path, *ROWS[:2])
    summary = load(shop, tmp_path, "C-1,new@lamps.example,DE99", header="code,email,iban")
    assert summary.units.updated == 1
    found = shop.query('{ customer(code: "C-1") { name contacts { email } bankAccounts { number } } }')["customer"]
    assert found["name"] == "Ningbo Lamps"
    assert [contact["email"] for contact in found["contacts"]] == ["li@lamps.example", "new@lamps.example"]
    assert [account["number"] for account in found["bankAccounts"]] == ["DE893704", "DE99"]


def test_a_dry_run_says_the_same_and_writes_nothing(shop: Shop, tmp_path: Path) -> None:
    summary = load(shop, tmp_path, *ROWS, dry_run=True)
    assert (summary.units.created, summary.units.failed) == (2, 4)
    assert shop.query("{ customers { totalCount } }")["customers"]["totalCount"] == 0


def test_other_imports_bring_customers_along(shop: Shop) -> None:
    shop.customers.create("C-1", name="Mine")
    with shop.writing() as ctx:
        wanted = [CustomerInput(code="C-1", name="Theirs"), CustomerInput(code="C-2", name="New", currency="GBP")]
        made = ensure_customers(ctx, [*wanted, wanted[1]])
    with shop.reading() as ctx:
        assert customer_ids(ctx, ["C-1", "C-2", "C-3"]) == made
    nodes = shop.query("{ customers { nodes { name currency } } }")["customers"]["nodes"]
    assert nodes == [{"name": "Mine", "currency": "EUR"}, {"name": "New", "currency": "GBP"}]
