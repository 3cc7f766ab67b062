"""An order of many lines: its balances change together, by few statements, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, select

from huikuan.errors import Refused
from huikuan.testing.shop import Shop
from huikuan_inventory.ledger import reserve_units
from huikuan_inventory.models import StockItem
from modules.inventory.tests.reading import line, ship_order

MANY = 70
"""More than one statement takes."""


@contextmanager
def statements(shop: Shop) -> Iterator[list[str]]:
    """What is sent to the database meanwhile."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(statement)

    engine = shop.kernel.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_many_balances_change_by_few_statements(shop: Shop) -> None:
    shop.inventory.warehouse()
    skus = [f"P{number}" for number in range(MANY)]
    for number, sku in enumerate(skus, start=1):
        assert shop.run("product_create", sku=sku, name=sku).done
        received: dict[str, Any] = {"warehouse": {"code": "MAIN"}, "product": {"sku": sku}, "quantity": Decimal(number)}
        assert shop.run("stock_receive", **received).done
    lines = [line(sku, str(number), unitPrice=Decimal(1)) for number, sku in enumerate(skus, start=1)]
    order = shop.orders.draft(lines=lines)
    with statements(shop) as seen:
        shop.orders.confirm(order)["order"]
    assert _touching(seen) == 2 and len(seen) < MANY
    with statements(shop) as seen:
        ship_order(shop, order)
    assert _touching(seen) == 2
    with shop.reading() as ctx:
        found = {(item.on_hand, item.reserved, item.moves) for item in ctx.scalars(select(StockItem))}
    assert found == {(Decimal(0), Decimal(0), 2)}
    assert not shop.check()


def _touching(seen: list[str]) -> int:
    return sum(statement.startswith("UPDATE inventory_stock_item") for statement in seen)


def test_one_that_has_too_little_stops_the_others(store: Shop) -> None:
    store.inventory.receive("A1", "10")
    store.inventory.receive("B1", "3")
    with pytest.raises(Refused, match="Only 3 are available"), store.writing() as ctx:
        items = ctx.scalars(select(StockItem).order_by(StockItem.on_hand))
        reserve_units(ctx, [(item, Decimal(5)) for item in items])
    assert [store.inventory.stock(sku)["reserved"] for sku in ("A1", "B1")] == ["0", "0"]
