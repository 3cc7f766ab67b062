"""Parents, roles and what cascades: customer, group, company."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

import pytest

from huikuan import Context
from huikuan.catalog import InstalledModule, ModuleCatalog
from huikuan.testing.shop import Shop
from huikuan_customers.api import cascade, customer_ids, roles_of, tops
from huikuan_customers.family import MAX_LEVELS
from huikuan_customers.snapshots import CascadeLevel
from modules.customers.tests import ledger
from modules.customers.tests.ledger import hooks

AppWith = Callable[..., Shop]


@pytest.fixture
def shop(app_with: AppWith) -> Shop:
    return app_with("customers")


def ids(ctx: Context, *codes: str) -> list[UUID]:
    found = customer_ids(ctx, codes)
    return [found[code] for code in codes]


class TestRoles:
    """CUS-2: buyer, bill-to, payer, ship-to, and the commercial parent of the bill-to."""

    def test_alone_a_customer_is_everything_itself(self, shop: Shop) -> None:
        shop.customers.create("C-1")
        assert roles(shop, "C-1") == {"billTo": "C-1", "payer": "C-1", "shipTo": "C-1", "commercial": "C-1"}

    def test_each_role_may_be_another_customer(self, shop: Shop) -> None:
        shop.customers.create("HOLDING")
        shop.customers.create("BILL", parent={"code": "HOLDING"})
        shop.customers.create("PAY")
        shop.customers.create("WAREHOUSE")
        shop.customers.create("BUYER", billTo={"code": "BILL"}, payer={"code": "PAY"}, shipTo={"code": "WAREHOUSE"})
        assert roles(shop, "BUYER") == {
            "billTo": "BILL",
            "payer": "PAY",
            "shipTo": "WAREHOUSE",
            "commercial": "HOLDING",
        }

    def test_the_bill_to_names_the_payer_if_the_buyer_does_not(self, shop: Shop) -> None:
        shop.customers.create("FACTOR")
        shop.customers.create("BILL", payer={"code": "FACTOR"})
        shop.customers.create("BUYER", billTo={"code": "BILL"})
        assert roles(shop, "BUYER")["payer"] == "FACTOR"

    def test_the_buyers_own_parent_does_not_matter_where_another_is_billed(self, shop: Shop) -> None:
        shop.customers.create("HOLDING")
        shop.customers.create("BILL")
        shop.customers.create("BUYER", parent={"code": "HOLDING"}, billTo={"code": "BILL"})
        assert roles(shop, "BUYER")["commercial"] == "BILL"

    def test_other_modules_ask_within_their_transaction(self, shop: Shop) -> None:
        shop.customers.create("TOP")
        shop.customers.create("MID", parent={"code": "TOP"})
        shop.customers.create("LOW", parent={"code": "MID"})
        with shop.reading() as ctx:
            top, mid, low = ids(ctx, "TOP", "MID", "LOW")
            assert roles_of(ctx, low).commercial == top
            assert tops(ctx, [top, mid, low]) == dict.fromkeys([top, mid, low], top)


def roles(shop: Shop, code: str) -> dict[str, str]:
    document = """query($code: String!) { customer(code: $code) { roles {
        billTo { code } payer { code } shipTo { code } commercial { code } } } }"""
    found = shop.query(document, code=code)["customer"]["roles"]
    return {name: customer["code"] for name, customer in found.items()}


class TestFamily:
    def test_nobody_stands_above_itself(self, shop: Shop) -> None:
        top = shop.customers.create("TOP")
        shop.customers.create("MID", parent={"code": "TOP"})
        shop.customers.create("LOW", parent={"code": "MID"})
        for code in ("TOP", "MID", "LOW"):
            answer = shop.mutate("customerUpdate", id=top.id, input={"parent": {"code": code}})
            assert answer.refused("CUSTOMERS_FAMILY_CYCLE")
        assert not shop.check()

    def test_families_are_shallow(self, shop: Shop) -> None:
        head = shop.customers.create("L-1")
        for level in range(2, MAX_LEVELS + 1):
            shop.customers.create(f"L-{level}", parent={"code": f"L-{level - 1}"})
        last = {"code": f"L-{MAX_LEVELS}"}
        too_deep = shop.mutate("customerCreate", input={"code": "L-9", "name": "Nine", "parent": last})
        assert too_deep.refused("CUSTOMERS_FAMILY_TOO_DEEP")
        shop.customers.create("ABOVE")
        moved = shop.mutate("customerUpdate", id=head.id, input={"parent": {"code": "ABOVE"}})
        assert moved.refused("CUSTOMERS_FAMILY_TOO_DEEP")

    def test_a_circle_that_got_in_is_found_by_check(self, shop: Shop) -> None:
        shop.customers.create("A")
        shop.customers.create("B", parent={"code": "A"})
        with shop.writing() as ctx:
            a, b = ids(ctx, "A", "B")
            put_above(ctx, a, b)
        assert [broken.name for broken in shop.check()] == ["customers.family"]
        with shop.reading() as ctx:
            assert roles_of(ctx, b).commercial in (a, b)

    def test_children_are_listed(self, shop: Shop) -> None:
        shop.customers.create("TOP")
        for number in range(3):
            shop.customers.create(f"C-{number}", parent={"code": "TOP"})
        found = shop.query('{ customer(code: "TOP") { children(first: 2) { nodes { code } totalCount } } }')
        assert found["customer"]["children"] == {"nodes": [{"code": "C-0"}, {"code": "C-1"}], "totalCount": 3}


def put_above(ctx: Context, customer: UUID, parent: UUID) -> None:
    ctx.get(ctx.composition.nodes["Customer"].model, customer).parent_id = parent


def set_setting(shop: Shop, name: str, value: str) -> None:
    assert shop.kernel.run(shop.scope, "setting_set", {"key": name, "value": value}, key=name).done


def refusals(shop: Shop, name: str, value: str) -> list[str]:
    return [found.code for found in shop.set(name, value).refusals]


class TestCascade:
    """CUS-5: customer, then group, then company; 0 and unset are different values."""

    def test_the_nearest_level_that_is_set_wins(self, shop: Shop) -> None:
        shop.customers.net(30)
        shop.customers.net(60)
        shop.customers.net(90)
        set_setting(shop, "customers.payment_terms", "N90")
        shop.customers.group("RETAIL", paymentTerms={"code": "N60"})
        shop.customers.create("OWN", group={"code": "RETAIL"}, paymentTerms={"code": "N30"})
        shop.customers.create("GROUP", group={"code": "RETAIL"})
        shop.customers.create("ALONE")
        in_force = {
            node["code"]: node["paymentTermsInForce"]["code"]
            for node in shop.query("{ customers { nodes { code paymentTermsInForce { code } } } }")["customers"][
                "nodes"
            ]
        }
        assert in_force == {"OWN": "N30", "GROUP": "N60", "ALONE": "N90"}

    @pytest.mark.parametrize(
        ("name", "value"), [("payment_terms", "N91"), ("payment_terms", "n90"), ("language", "german")]
    )
    def test_the_company_has_only_what_there_is(self, shop: Shop, name: str, value: str) -> None:
        shop.customers.net(90)
        assert refusals(shop, f"customers.{name}", value) == ["SETTING_INVALID"]

    def test_archived_terms_are_no_company_s(self, shop: Shop) -> None:
        shop.customers.net(90)
        terms = shop.query('{ paymentTerms(code: "N90") { id } }')["paymentTerms"]
        assert shop.mutate("paymentTermsArchive", id=terms["id"])["paymentTerms"]["archivedAt"]
        assert refusals(shop, "customers.payment_terms", "N90") == ["SETTING_INVALID"]
        set_setting(shop, "customers.payment_terms", "")

    def test_zero_is_a_value_and_unset_is_not(self, shop: Shop) -> None:
        set_setting(shop, "customers.discount_percent", "3")
        shop.customers.group("RETAIL", discountPercent="5")
        zero = shop.customers.create("ZERO", group={"code": "RETAIL"}, discountPercent="0")
        shop.customers.create("UNSET", group={"code": "RETAIL"})
        shop.customers.create("ALONE")
        with shop.reading() as ctx:
            found = [cascade(ctx, id, "discount_percent") for id in ids(ctx, "ZERO", "UNSET", "ALONE")]
        assert [(item.value, item.level) for item in found] == [
            (Decimal(0), CascadeLevel.CUSTOMER),
            (Decimal(5), CascadeLevel.GROUP),
            (Decimal(3), CascadeLevel.COMPANY),
        ]
        shop.mutate("customerUpdate", id=zero.id, input={"discountPercent": None})
        found_now = shop.query('{ customer(code: "ZERO") { discountPercentInForce } }')["customer"]
        assert Decimal(found_now["discountPercentInForce"]) == 5

    def test_a_group_changes_its_defaults(self, shop: Shop) -> None:
        shop.customers.group("RETAIL", discountPercent="5")
        shop.customers.create("C-1", group={"code": "RETAIL"})
        group = shop.query('{ customerGroup(code: "RETAIL") { id } }')["customerGroup"]
        shop.mutate("customerGroupUpdate", id=group["id"], input={"discountPercent": None, "name": "Shops"})
        found = shop.query(
            '{ customer(code: "C-1") { discountPercentInForce group { name customers { totalCount } } } }'
        )
        assert found["customer"] == {
            "discountPercentInForce": "0",
            "group": {"name": "Shops", "customers": {"totalCount": 1}},
        }
        assert shop.mutate("customerGroupCreate", code="RETAIL", name="x").refused("CUSTOMERS_CODE_TAKEN")


LEDGER = InstalledModule(ledger.module, "0.1.0", ledger.__name__, {"hooks": hooks})


@pytest.fixture(scope="module")
def ledger_catalog(installed_modules: ModuleCatalog) -> ModuleCatalog:
    """The installed modules and a ledger."""
    return ModuleCatalog([*installed_modules, LEDGER])


class TestHooks:
    def test_customers_overdue_adds_what_children_have(self, app_with: AppWith, ledger_catalog: ModuleCatalog) -> None:
        """CUS-6: count and amount, by currency."""
        shop = app_with("ledger", catalog=ledger_catalog)
        shop.customers.create("TOP")
        shop.customers.create("EURO", parent={"code": "TOP"})
        shop.customers.create("YUAN", parent={"code": "EURO"}, currency="CNY")
        document = (
            '{ customer(code: "TOP") { overdue { count amount { amount currency } ownCount ownAmount { amount } } } }'
        )
        assert shop.query(document)["customer"]["overdue"] == [
            {
                "count": 2,
                "amount": {"amount": "10.00", "currency": "CNY"},
                "ownCount": 0,
                "ownAmount": {"amount": "0.00"},
            },
            {
                "count": 4,
                "amount": {"amount": "20.00", "currency": "EUR"},
                "ownCount": 2,
                "ownAmount": {"amount": "10.00"},
            },
        ]

    def test_customers_before_archive_keeps_who_owes_something(
        self, app_with: AppWith, ledger_catalog: ModuleCatalog
    ) -> None:
        shop = app_with("ledger", catalog=ledger_catalog)
        open_ = shop.customers.create("OPEN-1")
        done = shop.customers.create("DONE-1")
        assert shop.mutate("customerArchive", id=open_.id).refused("CUSTOMERS_IN_USE")
        assert shop.mutate("customerArchive", id=done.id)["customer"]["archivedAt"]
