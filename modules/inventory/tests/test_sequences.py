"""Whatever happens in whatever order: after each step every invariant holds, and the goods are where they should be."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from sqlalchemy import select

from huikuan.runner import CommandResult
from huikuan.testing.sequences import Machine, initialize, invariant, rule, run_sequences
from huikuan.testing.shop import Shop
from huikuan_inventory.models import Reservation, Shipment, ShipmentLine, StockItem
from huikuan_inventory.snapshots import ShipmentState
from huikuan_products.api import products_by_sku

Order = pytest.importorskip("huikuan_orders.models", reason="orders is not installed").Order

PRODUCTS = ("A", "B")
PLACE = {"warehouse": {"code": "MAIN"}}
skus = st.sampled_from(PRODUCTS)
amounts = st.integers(1, 5)
picks = st.integers(0, 1_000)
_tenants = count(1)


class Goods(Machine):
    """One tenant's warehouse. What commands refuse is no fault; what they leave behind may not be one."""

    shop: Shop
    modules: tuple[str, ...] = ("inventory", "orders")

    def __init__(self) -> None:
        self.tenant = self.shop.other_tenant(*self.modules, slug=f"sequence-{next(_tenants)}")
        self.on_hand = dict.fromkeys(PRODUCTS, Decimal(0))
        self.references = count(1)

    @initialize(short=st.sampled_from(["BLOCK", "BACKORDER"]), rest=st.sampled_from(["BACKORDER", "CANCEL"]))
    def open(self, short: str, rest: str) -> None:
        self.do("customer_create", input={"code": "C", "name": "Buyer", "currency": "EUR"})
        self.do("warehouse_create", code="MAIN", name="Main")
        for sku in PRODUCTS:
            self.do("product_create", sku=sku, name=sku)
        self.tenant.set("inventory.short_stock", short)
        self.tenant.set("inventory.remainder", rest)

    def teardown(self) -> None:
        self.tenant.suspend()

    def do(self, command: str, **arguments: Any) -> CommandResult:
        return self.tenant.run(command, **arguments)

    def one(self, model: Any, pick: int, *where: Any) -> UUID | None:
        """One of the rows that there are."""
        with self.tenant.reading() as ctx:
            ids = ctx.scalars(select(model.id).where(*where).order_by(model.id))
        return ids[pick % len(ids)] if ids else None

    @rule(weight=3, sku=skus, quantity=amounts)
    def receive(self, sku: str, quantity: int) -> None:
        assert self.do("stock_receive", **PLACE, product={"sku": sku}, quantity=Decimal(quantity)).done
        self.on_hand[sku] += quantity

    @rule(sku=skus, counted=st.integers(0, 8))
    def count(self, sku: str, counted: int) -> None:
        assert self.do("stock_count", **PLACE, product={"sku": sku}, counted=Decimal(counted)).done
        self.on_hand[sku] = Decimal(counted)

    @rule(weight=5, lines=st.lists(st.tuples(skus, amounts), min_size=1, max_size=3))
    def confirm(self, lines: list[tuple[str, int]]) -> None:
        given = [{"sku": sku, "quantity": Decimal(n), "unit_price": Decimal("3.33")} for sku, n in lines]
        order = self.do("order_create", input={"customer": {"code": "C"}, "lines": given, "currency": "EUR"})
        self.do("order_confirm", id=UUID(order.values["order"]))

    @rule(weight=2, pick=picks, quantity=st.integers(0, 6))
    def amend(self, pick: int, quantity: int) -> None:
        id = self.one(Order, pick)
        if id is not None:
            change: dict[str, Any] = {"update": [{"position": 1, "quantity": Decimal(quantity)}]}
            self.do("order_amend", id=id, input={"reason": "other", **(change if quantity else {"remove": [1]})})

    @rule(weight=2, pick=picks, what=st.sampled_from(["order_cancel", "order_close", "order_reopen"]))
    def end(self, pick: int, what: str) -> None:
        id = self.one(Order, pick)
        if id is not None:
            self.do(what, id=id, reason="so it goes")

    @rule(weight=5, pick=picks, quantity=st.none() | amounts)
    def plan(self, pick: int, quantity: int | None) -> None:
        id = self.one(Reservation, pick, Reservation.reserved > 0)
        if id is not None:
            wanted = None if quantity is None else Decimal(quantity)
            self.do("shipment_create", lines=[{"reservation": {"id": id}, "quantity": wanted}])

    @rule(weight=5, pick=picks)
    def ship(self, pick: int) -> None:
        id = self.one(Shipment, pick, Shipment.state == ShipmentState.PLANNED)
        if id is not None and self.do("shipment_ship", id=id).done:
            for sku, quantity, _ in self.lines(id):
                self.on_hand[sku] -= quantity

    @rule(pick=picks)
    def give_up(self, pick: int) -> None:
        id = self.one(Shipment, pick)
        if id is not None:
            self.do("shipment_cancel", id=id, reason="no lorry")

    @rule(weight=3, pick=picks, quantity=amounts)
    def come_back(self, pick: int, quantity: int) -> None:
        id = self.one(Shipment, pick, Shipment.state == ShipmentState.SHIPPED)
        if id is not None:
            sku, left, returned = self.lines(id)[0]
            line = {"position": 1, "quantity": Decimal(quantity)}
            result = self.do("stock_return", shipment={"id": id}, reason="broken", lines=[line])
            assert result.done is (quantity <= left - returned)
            self.on_hand[sku] += quantity if result.done else 0

    @rule(sku=skus, quantity=amounts, backorder=st.booleans(), minutes=st.sampled_from([0, 5]))
    def reserve(self, sku: str, quantity: int, backorder: bool, minutes: int) -> None:
        given = {**PLACE, "product": {"sku": sku}, "quantity": Decimal(quantity)}
        reference = f"R{next(self.references)}"
        self.do("stock_reserve", reference=reference, **given, backorder=backorder, minutes=minutes)

    @rule(pick=picks)
    def release(self, pick: int) -> None:
        id = self.one(Reservation, pick)
        if id is not None:
            self.do("stock_release", id=id)

    @rule()
    def hand_out(self) -> None:
        assert self.do("backorders_allocate", **PLACE).done

    def lines(self, shipment: UUID) -> list[tuple[str, Decimal, Decimal]]:
        """Product, quantity and what came back of each line."""
        skus = self.skus()
        with self.tenant.reading() as ctx:
            rows = ctx.scalars(
                select(ShipmentLine).where(ShipmentLine.shipment_id == shipment).order_by(ShipmentLine.position)
            )
            return [(skus[row.product_id], row.quantity, row.returned) for row in rows]

    def skus(self) -> dict[UUID, str]:
        with self.tenant.reading() as ctx:
            return {found.id: sku for sku, found in products_by_sku(ctx, PRODUCTS).items()}

    @invariant()
    def everything_holds(self) -> None:
        assert not self.tenant.check()
        skus = self.skus()
        with self.tenant.reading() as ctx:
            found = {skus[row.product_id]: row.on_hand for row in ctx.scalars(select(StockItem))}
        assert {sku: found.get(sku, Decimal(0)) for sku in PRODUCTS} == self.on_hand


def run(shop: Shop, sequences: int, steps: int, machine: type[Goods] = Goods) -> None:
    """So many sequences of so many steps, each in a tenant of its own."""
    machine = type("OfThisShop", (machine,), {"shop": shop})
    run_sequences(machine, sequences, steps)


def test_any_sequence_of_commands_keeps_the_books_true(app_with: Callable[..., Shop]) -> None:
    run(app_with(), 6, 15)
