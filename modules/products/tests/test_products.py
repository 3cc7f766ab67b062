"""Rules of products, prices and tax rates, through GraphQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from huikuan.db import Quantity
from huikuan.testing.shop import Shop
from huikuan_products.api import price_of, products_by_sku
from huikuan_products.snapshots import ProductKind

PRICES = """query($sku: String!, $on: Date, $quantity: Decimal) {
  product(sku: $sku) { sku prices { unitPrice validFrom validTo minQuantity }
    listPrice(currency: "EUR", quantity: $quantity, on: $on) } }"""


def list_price(shop: Shop, sku: str, on: date | None = None, quantity: str = "1") -> str | None:
    found = shop.query(PRICES, sku=sku, on=on.isoformat() if on else None, quantity=quantity)
    price: str | None = found["product"]["listPrice"]
    return price


def test_a_product_is_created_once(app_with: Callable[..., Shop]) -> None:
    shop = app_with("products")
    first = shop.mutate("productCreate", sku="A1", name="Lamp")["product"]
    assert first["sku"] == "A1" and first["unit"] == "piece" and first["kind"] == "GOODS" and first["active"]
    assert shop.mutate("productCreate", sku="A1", name="Lamp")["product"]["id"] == first["id"]
    assert shop.mutate("productCreate", sku="A1", name="Other lamp").refused("PRODUCTS_SKU_TAKEN")


def test_empty_and_long_texts_are_bad_input(app_with: Callable[..., Shop]) -> None:
    shop = app_with("products")
    assert shop.mutate("productCreate", sku=" ", name="Lamp").failed("BAD_USER_INPUT")
    assert shop.mutate("productCreate", sku="A" * 65, name="Lamp").failed("BAD_USER_INPUT")
    assert shop.query("{ products { totalCount } }")["products"]["totalCount"] == 0


def test_a_change_leaves_what_is_left_out(app_with: Callable[..., Shop]) -> None:
    shop = app_with("products")
    product = shop.products.create("A1", unit="box")
    changed = shop.mutate("productUpdate", id=product.id, kind="SERVICE")["product"]
    assert (changed["unit"], changed["kind"]) == ("box", "SERVICE")


def test_a_newer_price_ends_the_older_one(app_with: Callable[..., Shop]) -> None:
    shop = app_with("products")
    today = shop.clock.now().date()
    shop.products.create("A1", price="10.00")
    shop.mutate(
        "priceSet", product={"sku": "A1"}, currency="EUR", unitPrice="12.345678", validFrom=today + timedelta(days=10)
    )
    assert list_price(shop, "A1") == "10"
    assert list_price(shop, "A1", today + timedelta(days=9)) == "10"
    assert Decimal(list_price(shop, "A1", today + timedelta(days=10)) or 0) == Decimal("12.345678")
    assert list_price(shop, "A1", today - timedelta(days=1)) is None
    assert not shop.check()


def test_a_price_does_not_cut_into_a_later_one(app_with: Callable[..., Shop]) -> None:
    shop = app_with("products")
    today = shop.clock.now().date()
    shop.products.create("A1")
    later: dict[str, Any] = {"product": {"sku": "A1"}, "currency": "EUR", "unitPrice": "9"}
    shop.mutate("priceSet", **later, validFrom=today + timedelta(days=30))
    assert shop.mutate("priceSet", **later, validFrom=today).refused("PRODUCTS_PRICE_OVERLAP")
    assert not shop.mutate("priceSet", **later, validFrom=today, validTo=today + timedelta(days=29)).codes


def test_the_highest_least_quantity_wins(app_with: Callable[..., Shop]) -> None:
    shop = app_with("products")
    shop.products.create("A1", price="10")
    shop.mutate("priceSet", product={"sku": "A1"}, currency="EUR", unitPrice="8", minQuantity="100")
    assert list_price(shop, "A1", quantity="99") == "10"
    assert list_price(shop, "A1", quantity="100") == "8"


def test_a_used_tax_rate_stays(app_with: Callable[..., Shop]) -> None:
    shop = app_with("products")
    rate = shop.mutate("taxRateCreate", code="STD", name="Standard", percent="19")["taxRate"]
    shop.products.create("A1", taxRate={"code": "STD"})
    assert shop.mutate("taxRateUpdate", id=rate["id"], active=False).refused("PRODUCTS_TAX_RATE_IN_USE")
    assert shop.mutate("taxRateCreate", code="STD", name="Standard", percent="20").refused("PRODUCTS_TAX_RATE_TAKEN")


def test_the_default_tax_rate_is_one_in_use(app_with: Callable[..., Shop]) -> None:
    shop = app_with("products")
    rate = shop.mutate("taxRateCreate", code="STD", name="Standard", percent="19")["taxRate"]
    setting = "products.default_tax_rate"
    for mistyped in ("STDD", "std", "STD "):
        assert [found.code for found in shop.set(setting, mistyped).refusals] == ["SETTING_INVALID"]
    assert shop.set(setting, "STD").done
    assert shop.mutate("taxRateUpdate", id=rate["id"], active=False).refused("PRODUCTS_TAX_RATE_IN_USE")
    assert shop.set(setting, "").done
    assert shop.mutate("taxRateUpdate", id=rate["id"], active=False)["taxRate"]["active"] is False
    assert shop.set(setting, "STD").refusals


def test_other_modules_read_many_in_one_statement(app_with: Callable[..., Shop]) -> None:
    shop = app_with("products")
    for number in range(5):
        shop.products.create(f"S{number}", price=str(number + 1))
    with shop.reading() as ctx:
        found = products_by_sku(ctx, [f"S{number}" for number in range(9)])
        assert sorted(found) == ["S0", "S1", "S2", "S3", "S4"]
        assert found["S0"].kind is ProductKind.GOODS
        prices = price_of(ctx, {item.id: Decimal(1) for item in found.values()}, "EUR", ctx.today)
        assert {price.unit_price for price in prices.values()} == {Decimal(n) for n in range(1, 6)}


def test_another_tenant_has_its_own_skus(app_with: Callable[..., Shop]) -> None:
    shop = app_with("products")
    other = shop.other_tenant("products")
    mine = shop.products.create("A1")
    other.products.create("A1", name="Theirs")
    assert other.query("query($id: ID!) { product(id: $id) { sku } }", id=mine.id) == {"product": None}
    assert other.query('{ product(sku: "A1") { name } }')["product"]["name"] == "Theirs"


@given(st.decimals(min_value=0, max_value=10**9, places=6))
def test_unit_prices_keep_six_digits(price: Decimal) -> None:
    dialect = SQLiteDialect()
    stored = Quantity().process_bind_param(price, dialect)
    assert Quantity().process_result_value(stored, dialect) == price
