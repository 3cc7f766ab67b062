"""Warehouses."""

from __future__ import annotations

from huikuan import UNSET, BadInput, Context, Id, Refusal, Unset, command
from huikuan_inventory.errors import WAREHOUSE_TAKEN
from huikuan_inventory.events import WarehouseChanged, WarehouseCreated
from huikuan_inventory.models import Warehouse
from huikuan_inventory.snapshots import ReservationMethod

__all__ = ["warehouse_change", "warehouse_create"]


@command(permission="inventory.manage", idempotency="natural")
def warehouse_create(
    ctx: Context,
    code: str,
    name: str,
    main: bool | None = None,
    method: ReservationMethod = ReservationMethod.CONFIRM,
    backorders: bool = True,
) -> Warehouse:
    """Add a warehouse. The main one serves orders; left out, the first warehouse becomes it.

    Sending the same one again gives the one that is there.
    """
    code = code.strip()
    if not code or not name.strip():
        raise BadInput("A warehouse has a code and a name.", field="code")
    found = ctx.find(Warehouse, code=code)
    if found is not None:
        if (found.name, found.method, found.backorders) != (name, method, backorders):
            ctx.refuse(Refusal(WAREHOUSE_TAKEN, f"There is a warehouse {code!r} already.", field="code"))
        return found
    current = ctx.find(Warehouse, main=True)
    chosen = current is None if main is None else main
    if chosen:
        _step_down(ctx, current)
    warehouse = ctx.add(Warehouse(code=code, name=name, active=True, main=chosen, method=method, backorders=backorders))
    ctx.emit(WarehouseCreated(warehouse_id=warehouse.id))
    return warehouse


@command(permission="inventory.manage", idempotency="natural")
def warehouse_change(
    ctx: Context,
    id: Id[Warehouse],
    name: str | Unset = UNSET,
    active: bool | Unset = UNSET,
    main: bool | Unset = UNSET,
    method: ReservationMethod | Unset = UNSET,
    backorders: bool | Unset = UNSET,
) -> Warehouse:
    """Change a warehouse; what is left out stays. What is reserved in it stays reserved."""
    warehouse = ctx.get(Warehouse, id)
    if not isinstance(main, Unset) and main is not warehouse.main:
        if main:
            _step_down(ctx, ctx.find(Warehouse, main=True))
        warehouse.main = main
    if not isinstance(name, Unset):
        warehouse.name = name
    if not isinstance(active, Unset):
        warehouse.active = active
    if not isinstance(method, Unset):
        warehouse.method = method
    if not isinstance(backorders, Unset):
        warehouse.backorders = backorders
    ctx.emit(WarehouseChanged(warehouse_id=warehouse.id))
    return warehouse


def _step_down(ctx: Context, current: Warehouse | None) -> None:
    """One warehouse at most is the main one, at every statement."""
    if current is not None:
        current.main = False
        ctx.flush()
