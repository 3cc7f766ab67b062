"""Who has to wait gets no goods, and production is not asked for any (CON-7): the hook inventory_supply_waits."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import select

from huikuan.catalog import ModuleCatalog
from huikuan.testing.shop import Shop, need
from huikuan_inventory.api import supply_resume
from huikuan_inventory.models import Reservation
from modules.inventory.tests.gate.hooks import Book
from modules.inventory.tests.reading import demands, figures, line


@pytest.fixture
def shop(app_with: Callable[..., Shop], book: Book, gate_catalog: ModuleCatalog) -> Shop:
    """A tenant with inventory, orders and a gate that lets orders of five and more wait; three pieces are here."""
    need(gate_catalog, "orders")
    found = app_with("gate", "orders", catalog=gate_catalog)
    found.set("inventory.short_stock", "BACKORDER")
    found.inventory.receive("A1", "3")
    book.waits_from = Decimal(5)
    return found


def resume(shop: Shop) -> None:
    with shop.writing() as ctx:
        supply_resume(ctx, "Order", ctx.scalars(select(Reservation.subject_id).distinct()))


def test_nothing_is_set_aside_or_asked_for(shop: Shop) -> None:
    shop.orders.confirmed(lines=[line("A1", "5")])
    assert figures(shop) == [("5", "0", "0", "0", "DRAFT")] and demands(shop) == []
    shop.orders.confirmed(lines=[line("A1", "2")])
    shop.inventory.receive("A1", "1")
    assert [row[1] for row in figures(shop)] == ["0", "2"], "others get their goods"
    shop.mutate("backordersAllocate", warehouse={"code": "MAIN"})
    assert [row[1] for row in figures(shop)] == ["0", "2"]
    assert not shop.check()


def test_it_goes_on_when_nobody_lets_it_wait(shop: Shop, book: Book) -> None:
    order = shop.orders.confirmed(lines=[line("A1", "5")])
    resume(shop)
    assert [row[1] for row in figures(shop)] == ["0"], "asked too soon it changes nothing"
    book.waits_from = None
    for _ in range(2):
        resume(shop)
        assert figures(shop) == [("5", "3", "0", "0", "PARTIALLY_RESERVED")]
        assert [row["quantity"] for row in demands(shop)] == ["2"]
    assert shop.orders.status(order) == "CONFIRMED" and not shop.check()


def test_what_it_holds_already_stays(shop: Shop, book: Book) -> None:
    book.waits_from = None
    shop.orders.confirmed(lines=[line("A1", "5")])
    book.waits_from = Decimal(5)
    shop.inventory.receive("A1", "9")
    assert figures(shop)[0][1] == "3"
    assert [row["quantity"] for row in demands(shop)] == ["2"]
