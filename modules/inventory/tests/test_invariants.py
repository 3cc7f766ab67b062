"""Each invariant notices exactly the row that breaks it, and nothing else does."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from huikuan.context import Context
from huikuan.db.errors import PostedImmutableError
from huikuan.ids import new_id
from huikuan.testing.shop import Shop
from huikuan_inventory.models import Reservation, ShipmentLine, StockItem, StockMove
from huikuan_inventory.snapshots import MoveKind, ReservationState
from modules.inventory.tests.reading import line, plan, ship_order


@pytest.fixture
def busy(store: Shop) -> Shop:
    """A tenant with goods, reserved and shipped."""
    store.inventory.receive("A1", "10")
    row = store.inventory.reserve("R", "A1", "6", minutes=0)["reservation"]["id"]
    planned = plan(store, (row, "2"))["shipment"]["id"]
    store.mutate("shipmentShip", id=planned)["shipment"]
    assert not store.check()
    return store


def _set(model: Any, **values: Any) -> Callable[[Context], None]:
    def corrupt(ctx: Context) -> None:
        assert ctx.execute(update(model).values(**values).execution_options(synchronize_session=False)) == 1

    return corrupt


def _add_move(ctx: Context) -> None:
    """A line of the ledger that no balance knows; its running balance fits."""
    last = ctx.scalars(select(StockMove).order_by(StockMove.sequence))[-1]
    ctx.add(
        StockMove(
            item_id=last.item_id,
            sequence=last.sequence + 1,
            kind=MoveKind.ADJUSTMENT,
            quantity=Decimal(1),
            balance=last.balance + 1,
            at=ctx.now,
            actor_id=new_id(),
        )
    )
    item = ctx.get(StockItem, last.item_id)
    item.moves += 1


def _wrong_balance(ctx: Context) -> None:
    """A line whose running balance does not fit, and one that makes the sum right again."""
    last = ctx.scalars(select(StockMove).order_by(StockMove.sequence))[-1]
    for step, (quantity, balance) in enumerate(((1, 5), (-1, 8)), start=1):
        ctx.add(
            StockMove(
                item_id=last.item_id,
                sequence=last.sequence + step,
                kind=MoveKind.ADJUSTMENT,
                quantity=Decimal(quantity),
                balance=Decimal(balance),
                at=ctx.now,
                actor_id=new_id(),
            )
        )
    ctx.get(StockItem, last.item_id).moves += 2


CORRUPTIONS = {
    "inventory.on-hand": _add_move,
    "inventory.ledger": _wrong_balance,
    "inventory.reserved": _set(StockItem, reserved=Decimal(3)),
    "inventory.states": _set(Reservation, state=ReservationState.RESERVED),
    "inventory.shipped": _set(ShipmentLine, returned=Decimal(1)),
}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corrupt_row_is_found_by_its_invariant_alone(busy: Shop, name: str) -> None:
    with busy.writing() as ctx:
        CORRUPTIONS[name](ctx)
    [found] = busy.check()
    assert (found.name, found.violations) == (name, 1)


def test_a_query_and_a_metric_tell_it_too(busy: Shop) -> None:
    with busy.writing() as ctx:
        CORRUPTIONS["inventory.reserved"](ctx)
        [item] = ctx.scalars(select(StockItem.id))
    sample = "huikuan_invariant_checks_total", {"invariant": "inventory.reserved", "outcome": "broken"}
    before = REGISTRY.get_sample_value(*sample) or 0
    found = busy.query("{ check { name violations first } }")["check"]
    assert [row for row in found if row["violations"]] == [
        {"name": "inventory.reserved", "violations": 1, "first": [str(item)]}
    ]
    assert REGISTRY.get_sample_value(*sample) == before + 1


def test_the_database_itself_refuses_more_reserved_than_is_there(busy: Shop) -> None:
    """I1 holds without any code of ours."""
    for model, values in (
        (StockItem, {"on_hand": Decimal(-1)}),
        (StockItem, {"reserved": Decimal(9)}),
        (StockItem, {"reserved": Decimal(-1)}),
        (Reservation, {"shipped": Decimal(3)}),
        (Reservation, {"returned": Decimal(3)}),
        (Reservation, {"cancelled": Decimal(-1)}),
    ):
        with pytest.raises(IntegrityError), busy.writing() as ctx:
            _set(model, **values)(ctx)
    assert not busy.check()


WITHOUT_CONSTRAINTS = {
    "inventory.bounds": (
        "UPDATE inventory_stock_item SET on_hand = 3000000",
        "UPDATE inventory_stock_move SET quantity = -7000000, balance = 3000000 WHERE sequence = 2",
    ),
    "inventory.not-more": ("UPDATE inventory_reservation SET cancelled = 3000000",),
}


@pytest.mark.parametrize("name", WITHOUT_CONSTRAINTS)
def test_where_the_database_lets_it_pass_the_check_does_not(busy: Shop, name: str) -> None:
    """SQLite can be told to ignore its own constraints; a repair by hand does the same."""
    if busy.dialect != "sqlite":
        pytest.skip("PostgreSQL has no switch for this")
    with busy.kernel.database.system() as session:
        file = session.get_bind().engine.url.database
    with closing(sqlite3.connect(str(file))) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for statement in WITHOUT_CONSTRAINTS[name]:
            connection.execute(statement)
    assert [found.name for found in busy.check()] == [name]


def test_a_line_of_the_ledger_never_changes(busy: Shop) -> None:
    with pytest.raises(PostedImmutableError), busy.writing() as ctx:
        ctx.scalars(select(StockMove))[0].quantity = Decimal(99)
        ctx.flush()
    with pytest.raises(PostedImmutableError), busy.writing() as ctx:
        ctx.execute(update(StockMove).values(quantity=Decimal(99)))


def test_rebuilding_makes_balances_what_the_ledger_says(busy: Shop) -> None:
    with busy.writing() as ctx:
        _set(StockItem, on_hand=Decimal(20), reserved=Decimal(1))(ctx)
    assert [found.name for found in busy.check()] == ["inventory.on-hand", "inventory.reserved"]
    select_ = "differences { onHandBefore onHand reservedBefore reserved }"
    for expected in (
        [{"onHandBefore": "20", "onHand": "8", "reservedBefore": "1", "reserved": "4"}],
        [],
    ):
        found = busy.mutate("stockRebuild", warehouse={"code": "MAIN"}, select=select_)["differences"]
        assert found == expected
    assert not busy.check()


def test_goods_held_for_an_order_that_ended_are_found(shop: Shop) -> None:
    shop.inventory.receive("A1", "10")
    order = shop.orders.confirmed(lines=[line("A1", "4")])
    with shop.writing() as ctx:
        row = ctx.scalars(select(Reservation))[0]
        row.subject_id = new_id()
    [found] = shop.check()
    assert (found.name, found.violations) == ("inventory.orders", 1)
    assert shop.orders.status(order) == "CONFIRMED"


def test_an_order_that_was_shipped_agrees_with_its_goods(shop: Shop) -> None:
    shop.inventory.receive("A1", "10")
    ship_order(shop, shop.orders.confirmed(lines=[line("A1", "4")]))
    assert not shop.check()
