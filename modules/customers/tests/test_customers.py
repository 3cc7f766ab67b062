"""Customers: keys, duplicates, parts, archive, hold; through GraphQL on both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from huikuan.core.models import OutboxEvent
from huikuan.testing.shop import Shop
from huikuan_customers.api import account_holders, customer_ids, held, roles_of

AppWith = Callable[..., Shop]


@pytest.fixture
def shop(app_with: AppWith) -> Shop:
    return app_with("customers")


def events(shop: Shop, type: str) -> list[dict[str, str]]:
    """Payloads of the events of one type."""
    with shop.reading() as ctx:
        return list(ctx.scalars(select(OutboxEvent.payload).where(OutboxEvent.type == type)))


WRONG: list[dict[str, Any]] = [
    {"code": ""},
    {"name": "  "},
    {"currency": "XXX"},
    {"language": "English please"},
    {"discountPercent": "101"},
    {"contacts": [{"name": "A", "email": "nobody"}]},
    {"addresses": [{"line1": "1", "city": "X", "country": "Germany"}]},
    {"addresses": [{"line1": "1", "city": "X", "country": "DE", "preferred": True}] * 2},
    {"bankAccounts": [{"number": " - "}]},
]


class TestCreating:
    def test_a_customer_comes_with_all_its_parts(self, shop: Shop) -> None:
        shop.customers.create(
            "C-17",
            name="Ningbo Lamps Ltd",
            taxId="de 123-456",
            tags=["vip", "lamps", "vip"],
            contacts=[{"name": "Li Wei", "email": "li@lamps.example", "purpose": "BILLING"}],
            addresses=[{"line1": "1 Harbour Road", "city": "Ningbo", "country": "cn", "kind": "SHIPPING"}],
            bankAccounts=[{"number": "de89 3704 0044 0532 0130 00"}],
        )
        found = shop.query(
            """{ customer(code: "C-17") { name taxId currency language tags contacts { name email purpose }
                 addresses { kind country } bankAccounts { number } } }"""
        )
        assert found["customer"] == {
            "name": "Ningbo Lamps Ltd",
            "taxId": "DE123456",
            "currency": "EUR",
            "language": "en",
            "tags": ["lamps", "vip"],
            "contacts": [{"name": "Li Wei", "email": "li@lamps.example", "purpose": "BILLING"}],
            "addresses": [{"kind": "SHIPPING", "country": "CN"}],
            "bankAccounts": [{"number": "DE89370400440532013000"}],
        }

    def test_a_code_is_used_once(self, shop: Shop) -> None:
        shop.customers.create("C-1")
        again = shop.mutate("customerCreate", input={"code": " C-1 ", "name": "Somebody else"})
        assert again.refused("CUSTOMERS_CODE_TAKEN")

    def test_two_tenants_may_have_the_same_code(self, shop: Shop) -> None:
        shop.customers.create("C-1", taxId="DE1")
        other = shop.other_tenant("customers")
        other.customers.create("C-1", taxId="DE1", name="Theirs")
        assert shop.query('{ customer(code: "C-1") { name } }') == {"customer": {"name": "Customer C-1"}}

    def test_what_makes_no_sense_is_bad_input(self, shop: Shop) -> None:
        for wrong in WRONG:
            answer = shop.mutate("customerCreate", input={"code": "C-1", "name": "One", **wrong})
            assert answer.failed("BAD_USER_INPUT"), wrong
        assert shop.query("{ customers { totalCount } }")["customers"]["totalCount"] == 0

    def test_events_carry_no_personal_data(self, shop: Shop) -> None:
        shop.customers.create("C-1", taxId="DE1")
        [payload] = events(shop, "CUSTOMER_CREATED")
        assert list(payload) == ["customer_id"]

    def test_reading_needs_the_permission(self, shop: Shop) -> None:
        shop.customers.create("C-1")
        stranger = shop.acting_with("kernel.audit")
        assert stranger.execute('{ customer(code: "C-1") { name } }').get("errors")
        assert stranger.mutate("customerCreate", input={"code": "C-2", "name": "Two"}).failed("FORBIDDEN")


class TestChanging:
    def test_what_is_left_out_stays_and_null_empties(self, shop: Shop) -> None:
        customer = shop.customers.create("C-1", note="old", taxId="DE1", tags=["a", "b"])
        changed = shop.mutate("customerUpdate", id=customer.id, input={"note": None, "tags": ["b", "c"]})
        assert changed["customer"]["taxId"] == "DE1"
        assert changed["customer"]["note"] is None
        found = shop.query('{ customer(code: "C-1") { tags } }')["customer"]
        assert found["tags"] == ["b", "c"]

    def test_null_leaves_what_cannot_be_empty(self, shop: Shop) -> None:
        customer = shop.customers.create("C-1")
        changed = shop.mutate("customerUpdate", id=customer.id, input={"name": None, "note": "new"})["customer"]
        assert (changed["name"], changed["note"]) == ("Customer C-1", "new")

    def test_a_change_to_the_same_is_no_event(self, shop: Shop) -> None:
        customer = shop.customers.create("C-1", tags=["a"])
        shop.mutate("customerUpdate", id=customer.id, input={"name": "Customer C-1", "tags": ["a"]})
        assert not events(shop, "CUSTOMER_UPDATED")

    def test_contacts_addresses_and_accounts_come_and_go(self, shop: Shop) -> None:
        shop.customers.create("C-1")
        ref = {"code": "C-1"}
        contact = shop.mutate("contactAdd", customer=ref, input={"name": "Ann", "phone": "1"})["contact"]
        shop.mutate("contactUpdate", id=contact["id"], input={"email": "ann@x.example", "phone": None})
        address = {"line1": "Road 1", "city": "Bonn", "country": "DE", "kind": "BILLING", "preferred": True}
        first = shop.mutate("addressAdd", customer=ref, input=address)["address"]
        second = shop.mutate("addressAdd", customer=ref, input={**address, "line1": "Road 2"})["address"]
        account = shop.mutate("bankAccountAdd", customer=ref, input={"number": "123", "currency": "USD"})["bankAccount"]
        found = shop.query(PARTS)["customer"]
        assert found["contacts"] == [{"email": "ann@x.example", "phone": None}]
        assert [(item["line1"], item["preferred"]) for item in found["addresses"]] == [
            ("Road 1", False),
            ("Road 2", True),
        ]
        shop.mutate("addressUpdate", id=first["id"], input={"preferred": True})
        assert [item["preferred"] for item in shop.query(PARTS)["customer"]["addresses"]] == [True, False]
        for name, id in (
            ("contactRemove", contact["id"]),
            ("addressRemove", second["id"]),
            ("bankAccountRemove", account["id"]),
        ):
            assert shop.mutate(name, id=id)["customer"]["code"] == "C-1"
        found = shop.query(PARTS)["customer"]
        assert (found["contacts"], len(found["addresses"]), found["bankAccounts"]) == ([], 1, [])


PARTS = (
    """{ customer(code: "C-1") { contacts { email phone } addresses { line1 preferred } bankAccounts { number } } }"""
)


class TestDuplicates:
    def test_two_companies_cannot_share_a_tax_id(self, shop: Shop) -> None:
        shop.customers.create("C-1", taxId="DE 111")
        answer = shop.mutate("customerCreate", input={"code": "C-2", "name": "Two", "taxId": "de-111"})
        assert answer.refused("CUSTOMERS_TAX_ID_TAKEN")
        assert answer.payload["refusals"][0]["data"] == {"customer": "C-1"}

    def test_branches_share_their_parents_tax_id(self, shop: Shop) -> None:
        shop.customers.create("C-1", taxId="DE111")
        shop.customers.create("C-2", taxId="DE111", parent={"code": "C-1"})
        branch = shop.customers.create("C-3", taxId="DE111", parent={"code": "C-2"})
        assert shop.mutate("customerUpdate", id=branch.id, input={"parent": None}).refused("CUSTOMERS_TAX_ID_TAKEN")

    def test_an_archived_customer_is_named_too(self, shop: Shop) -> None:
        first = shop.customers.create("C-1", taxId="DE111")
        shop.mutate("customerArchive", id=first.id)
        answer = shop.mutate("customerCreate", input={"code": "C-2", "name": "Two", "taxId": "DE111"})
        assert answer.payload["refusals"][0]["advice"] == "Unarchive C-1."

    def test_a_shared_bank_account_is_a_warning(self, shop: Shop) -> None:
        shop.customers.create("C-1", bankAccounts=[{"number": "DE89 3704"}])
        answer = shop.mutate(
            "customerCreate", input={"code": "C-2", "name": "Two", "bankAccounts": [{"number": "DE893704"}]}
        )
        assert not answer.codes
        assert answer.warnings == ["CUSTOMERS_ACCOUNT_TAKEN"]
        with shop.reading() as ctx:
            both = list(customer_ids(ctx, ["C-1", "C-2"]).values())
            assert account_holders(ctx, ["DE893704", "DE00"]) == {"DE893704": sorted(both)}


class TestArchive:
    def test_an_archived_customer_stays_readable_and_cannot_be_named(self, shop: Shop) -> None:
        first = shop.customers.create("C-1")
        assert shop.mutate("customerArchive", id=first.id)["customer"]["archivedAt"]
        child = shop.mutate("customerCreate", input={"code": "C-2", "name": "Two", "parent": {"code": "C-1"}})
        assert child.refused("CUSTOMERS_ARCHIVED")
        assert shop.mutate("customerUnarchive", id=first.id)["customer"]["archivedAt"] is None
        shop.customers.create("C-2", parent={"code": "C-1"})


class TestHold:
    """CUS-8: no new order confirms."""

    def test_a_hold_has_a_reason_and_is_lifted(self, shop: Shop) -> None:
        customer = shop.customers.create("C-1")
        found = shop.mutate("customerHold", id=customer.id, reason="Insolvency filed")["customer"]
        assert (found["holdReason"], bool(found["heldAt"])) == ("Insolvency filed", True)
        assert shop.mutate("customerUnhold", id=customer.id)["customer"]["heldAt"] is None
        assert shop.mutate("customerUnhold", id=customer.id).refused("CUSTOMERS_NOT_HELD")

    def test_a_hold_without_a_reason_is_bad_input(self, shop: Shop) -> None:
        customer = shop.customers.create("C-1")
        assert shop.mutate("customerHold", id=customer.id, reason=" ").failed("BAD_USER_INPUT")

    def test_it_reaches_buyers_through_bill_to_and_commercial_parent(self, shop: Shop) -> None:
        top = shop.customers.create("TOP")
        shop.customers.create("BILL", parent={"code": "TOP"})
        shop.customers.create("BUYER", billTo={"code": "BILL"})
        shop.mutate("customerHold", id=top.id, reason="Unpaid")
        with shop.reading() as ctx:
            buyer = customer_ids(ctx, ["BUYER"])["BUYER"]
            assert [customer.code for customer in held(ctx, roles_of(ctx, buyer))] == ["TOP"]

    def test_holding_needs_its_own_permission(self, shop: Shop) -> None:
        customer = shop.customers.create("C-1")
        clerk = shop.acting_with("customers.read", "customers.edit")
        assert clerk.mutate("customerHold", id=customer.id, reason="x").failed("FORBIDDEN")


class TestLists:
    def test_customers_are_found_by_what_they_hold(self, shop: Shop) -> None:
        for number in range(3):
            shop.customers.create(f"C-{number}", note="a" if number else "b")
        found = shop.query('{ customers(filter: {code: {in: ["C-1", "C-2"]}}) { nodes { code } totalCount } }')
        assert found["customers"] == {"nodes": [{"code": "C-1"}, {"code": "C-2"}], "totalCount": 2}
