"""What call-offs use up of a contract: counted under the contract's lock, never over its caps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan.errors import BadInput, Refusal
from huikuan.money import Money
from huikuan_contracts.errors import CANCELLED, ITEM_UNKNOWN, NOT_ACTIVE, NOT_SIGNED, ORDER_OTHER, OVER_CAP
from huikuan_contracts.events import ContractCalledOff, ContractCallOffEnded
from huikuan_contracts.inputs import ContractCallOffLineInput
from huikuan_contracts.models import CallOff, CallOffLine, Contract, ContractItem
from huikuan_contracts.snapshots import CallOffState, ContractStatus
from huikuan_contracts.views import items_of, status_today

__all__ = ["Use", "agreed_prices", "consume", "not_active", "obstacles", "open_use", "release", "require_active"]

ZERO = Decimal(0)
MAX_LINES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What an order uses up: its amount, and quantities by article."""

    customer_id: UUID
    amount: Money
    quantities: Mapping[str, Decimal] = field(default_factory=dict)


def require_active(ctx: Context, contract: Contract) -> None:
    """Refuse what only a contract in force allows."""
    refusal = not_active(ctx, contract)
    if refusal is not None:
        ctx.refuse(refusal)


def not_active(ctx: Context, contract: Contract) -> Refusal | None:
    """Why the contract is not in force today."""
    status = status_today(ctx, contract)
    if status is ContractStatus.ACTIVE:
        return None
    code = {ContractStatus.UNSIGNED: NOT_SIGNED, ContractStatus.CANCELLED: CANCELLED}.get(status, NOT_ACTIVE)
    return Refusal(
        code,
        f"Contract {contract.number} is {status.name}.",
        advice="Sign it, or extend it by an amendment.",
        contract=contract.id,
    )


def obstacles(ctx: Context, contract: Contract, use: Use, call_off: CallOff | None = None) -> list[Refusal]:
    """What stands against this use, given what ``call_off`` uses up already. The contract is locked."""
    if use.customer_id != contract.customer_id or use.amount.currency != contract.currency:
        return [
            Refusal(
                ORDER_OTHER,
                f"Contract {contract.number} is with another customer, or not in {use.amount.currency}.",
                advice="Order without the contract.",
                contract=contract.id,
            )
        ]
    counted = call_off is not None and call_off.status is CallOffState.OPEN
    held = call_off.amount.amount if counted and call_off is not None else ZERO
    found = _over_amount(contract, use, held)
    items = {item.sku: item for item in items_of(ctx, contract.id)}
    mine = _lines(ctx, call_off) if counted and call_off is not None else {}
    for sku, quantity in use.quantities.items() if items else ():
        item = items.get(sku)
        if item is None:
            found.append(_unknown(contract, sku))
        elif item.cap is not None:
            left = item.cap - item.consumed + (mine[item.id].quantity if item.id in mine else ZERO)
            if quantity > left:
                found.append(_over(contract, f"Of {sku} {left.normalize():f} are left", left=left, needed=quantity))
    return found


def _over_amount(contract: Contract, use: Use, held: Decimal) -> list[Refusal]:
    if contract.amount is None:
        return []
    left = Money(contract.amount.amount - contract.consumed + held, contract.currency)
    if use.amount <= left:
        return []
    return [_over(contract, f"{left} are left", left=left, needed=use.amount)]


def _over(contract: Contract, what: str, **data: Any) -> Refusal:
    return Refusal(
        OVER_CAP,
        f"{what} of contract {contract.number}, {data['needed']} would be used.",
        advice="Call off less, or raise the cap by an amendment.",
        contract=contract.id,
        **data,
    )


def _unknown(contract: Contract, sku: str) -> Refusal:
    return Refusal(
        ITEM_UNKNOWN,
        f"Contract {contract.number} has no item {sku!r}.",
        advice="Order it without the contract, or add the item by an amendment.",
        contract=contract.id,
    )


def agreed_prices(ctx: Context, contract: Contract, lines: Sequence[ContractCallOffLineInput]) -> list[Decimal | None]:
    """The price of each line to be called off: the contract's, else that of the caller; refuses what it has not."""
    if not 1 <= len(lines) <= MAX_LINES:
        raise BadInput(f"Give 1 to {MAX_LINES} lines.", field="input.lines")
    items = {item.sku: item for item in items_of(ctx, contract.id)}
    found = []
    for index, line in enumerate(lines):
        where = f"input.lines.{index}"
        if not line.quantity.is_finite() or line.quantity <= ZERO:
            raise BadInput("A quantity is more than nothing.", field=f"{where}.quantity")
        item = items.get(line.sku or "")
        if items and item is None:
            ctx.refuse(_unknown(contract, line.sku or line.description or ""))
        agreed = item.unit_price if item is not None else None
        if agreed is not None and line.unit_price not in (None, agreed):
            raise BadInput("The contract's own price counts; leave this one out.", field=f"{where}.unitPrice")
        found.append(agreed if agreed is not None else line.unit_price)
    return found


def consume(ctx: Context, contract: Contract, call_off: CallOff, use: Use) -> None:
    """Make a call-off use up exactly this; obstacles were asked before. The contract is locked."""
    counted = call_off.status is CallOffState.OPEN
    items = {item.id: item for item in items_of(ctx, contract.id)}
    wanted = {item.id: use.quantities.get(item.sku, ZERO) for item in items.values()}
    before = call_off.amount.amount if counted else ZERO
    unchanged = counted and before == use.amount.amount
    contract.consumed += use.amount.amount - before
    call_off.amount, call_off.status = use.amount, CallOffState.OPEN
    unchanged = _set_lines(ctx, call_off, items, wanted, counted) and unchanged
    if not unchanged:
        _tell(ctx, contract, call_off)


def open_use(ctx: Context, contract: Contract, call_off: CallOff, use: Use) -> None:
    """Store a new call-off and count it."""
    ctx.add(call_off)
    ctx.flush()
    contract.consumed += use.amount.amount
    items = {item.id: item for item in items_of(ctx, contract.id)}
    wanted = {item.id: use.quantities.get(item.sku, ZERO) for item in items.values()}
    _set_lines(ctx, call_off, items, wanted, counted=True)
    _tell(ctx, contract, call_off)


def _set_lines(
    ctx: Context, call_off: CallOff, items: Mapping[UUID, ContractItem], wanted: Mapping[UUID, Decimal], counted: bool
) -> bool:
    """Make the lines those wanted; whether nothing changed."""
    mine = _lines(ctx, call_off)
    same = True
    for id, item in items.items():
        row = mine.get(id)
        before = row.quantity if row is not None and counted else ZERO
        if wanted[id] == before and (row is None or row.quantity == before):
            continue
        same = False
        item.consumed += wanted[id] - before
        if row is None:
            ctx.add(CallOffLine(call_off_id=call_off.id, item_id=id, quantity=wanted[id]))
        else:
            row.quantity = wanted[id]
    return same


def release(ctx: Context, contract: Contract, call_off: CallOff) -> None:
    """Give back what an ended order used up; once. The contract is locked."""
    if call_off.status is CallOffState.ENDED:
        return
    call_off.status = CallOffState.ENDED
    contract.consumed -= call_off.amount.amount
    lines = _lines(ctx, call_off)
    for item in items_of(ctx, contract.id):
        if item.id in lines:
            item.consumed -= lines[item.id].quantity
    consumed = Money(contract.consumed, contract.currency)
    ctx.emit(ContractCallOffEnded(contract_id=contract.id, source_id=call_off.source_id, consumed=consumed))


def _tell(ctx: Context, contract: Contract, call_off: CallOff) -> None:
    consumed = Money(contract.consumed, contract.currency)
    ctx.emit(
        ContractCalledOff(
            contract_id=contract.id, source_id=call_off.source_id, amount=call_off.amount, consumed=consumed
        )
    )


def _lines(ctx: Context, call_off: CallOff) -> dict[UUID, CallOffLine]:
    rows = ctx.scalars(select(CallOffLine).where(CallOffLine.call_off_id == call_off.id))
    return {row.item_id: row for row in rows}
