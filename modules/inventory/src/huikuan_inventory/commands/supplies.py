"""Goods that are expected: announced, moved to another day, received, given up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from huikuan import UNSET, BadInput, Context, Id, Ref, Refusal, Unset, command
from huikuan_inventory.commands.stock import arrived
from huikuan_inventory.errors import REFERENCE_TAKEN, WRONG_STATE
from huikuan_inventory.events import SupplyCancelled, SupplyChanged, SupplyExpected, SupplyReceived
from huikuan_inventory.ledger import Movement, item_at, item_lock, move, positive, require_goods, stock_locks, usable
from huikuan_inventory.models import StockItem, Supply, Warehouse
from huikuan_inventory.snapshots import MoveKind, SupplyState
from huikuan_inventory.texts import plain
from huikuan_products.types import Product

__all__ = ["expect", "supply_cancel", "supply_change", "supply_expect", "supply_receive"]


@command(permission="inventory.supply", idempotency="natural")
def supply_expect(
    ctx: Context, reference: str, warehouse: Ref[Warehouse], product: Ref[Product], quantity: Decimal, eta: date
) -> Supply:
    """Announce goods; promises rest on them from now on. The same reference again gives what is there."""
    positive(quantity)
    if not reference.strip():
        raise BadInput("A reference is not empty.", field="reference")
    require_goods(ctx, product.id)
    ctx.lock(stock_locks(ctx, [(warehouse.id, product.id)]))
    found = ctx.find(Supply, reference=reference)
    if found is not None:
        if (found.warehouse_id, found.product_id) != (warehouse.id, product.id):
            ctx.refuse(Refusal(REFERENCE_TAKEN, f"Supply {reference!r} is of other goods.", field="reference"))
        return found
    usable(ctx, warehouse.id)
    return expect(ctx, item_at(ctx, warehouse.id, product.id), reference, quantity, eta)


@command(permission="inventory.supply", idempotency="natural")
def supply_change(ctx: Context, id: Id[Supply], eta: date | Unset = UNSET, quantity: Decimal | Unset = UNSET) -> Supply:
    """Move expected goods to another day, or announce another quantity in all."""
    supply = _expected(ctx, id)
    if not isinstance(eta, Unset):
        supply.eta = eta
    if not isinstance(quantity, Unset):
        if quantity <= supply.received or quantity <= 0:
            raise BadInput(f"More than the {plain(supply.received)} that came; else cancel it.", field="quantity")
        supply.quantity = quantity
    ctx.emit(SupplyChanged(supply_id=supply.id, quantity=supply.quantity, eta=supply.eta))
    return supply


@command(permission="inventory.move", idempotency="key")
def supply_receive(ctx: Context, id: Id[Supply], quantity: Decimal | None = None) -> Supply:
    """Expected goods came, some or all; who waits for them gets them at once, by the rule of backordersAllocate."""
    supply = _expected(ctx, id)
    left = supply.quantity - supply.received
    came = left if quantity is None else positive(quantity)
    if came > left:
        raise BadInput(f"Only {plain(left)} are still expected; receive the rest by stockReceive.", field="quantity")
    supply.received += came
    if came == left:
        supply.state = SupplyState.RECEIVED
    item = ctx.get(StockItem, supply.item_id)
    move(ctx, [Movement(item=item, kind=MoveKind.RECEIPT, quantity=came, reference=supply.reference)])
    ctx.emit(SupplyReceived(supply_id=supply.id, quantity=came))
    arrived(ctx, [item])
    return supply


@command(permission="inventory.supply", idempotency="natural")
def supply_cancel(ctx: Context, id: Id[Supply]) -> Supply:
    """What has not come will not come; promises no longer rest on it."""
    supply = _locked(ctx, id)
    if supply.state is SupplyState.EXPECTED:
        supply.state = SupplyState.CANCELLED
        ctx.emit(SupplyCancelled(supply_id=supply.id))
    return supply


def expect(ctx: Context, item: StockItem, reference: str, quantity: Decimal, eta: date) -> Supply:
    """A new supply; the item is locked."""
    supply = ctx.add(
        Supply(
            item_id=item.id,
            warehouse_id=item.warehouse_id,
            product_id=item.product_id,
            reference=reference,
            quantity=quantity,
            received=Decimal(0),
            eta=eta,
            state=SupplyState.EXPECTED,
        )
    )
    ctx.emit(SupplyExpected(supply_id=supply.id, product_id=item.product_id, quantity=quantity, eta=eta))
    return supply


def _locked(ctx: Context, id: UUID) -> Supply:
    ctx.lock([item_lock(ctx.get(Supply, id).item_id)])
    return ctx.get(Supply, id)


def _expected(ctx: Context, id: UUID) -> Supply:
    supply = _locked(ctx, id)
    if supply.state is not SupplyState.EXPECTED:
        ctx.refuse(Refusal(WRONG_STATE, f"Supply {supply.reference} is {supply.state.name}.", state=supply.state.name))
    return supply
