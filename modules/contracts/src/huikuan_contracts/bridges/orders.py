"""Orders are called off from contracts; what they use up is counted whenever they change."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from huikuan import BadInput, Context, Id, Invariant, Ref, Refusal, command, hookimpl, subscribe
from huikuan.codec import digest
from huikuan.core.types import User
from huikuan.db import LockKey
from huikuan.graphql import batch, extend
from huikuan.money import Money, quantize
from huikuan_contracts.calling_off import count, counted, end, free, open_call_off, require_lock
from huikuan_contracts.commands.advances import advance_parts
from huikuan_contracts.commands.signing import checked
from huikuan_contracts.consuming import Use, agreed_prices, not_active, obstacles, require_active
from huikuan_contracts.errors import CALL_OFF_TAKEN
from huikuan_contracts.inputs import ContractCallOffInput, ContractCallOffLineInput, ContractInstalmentInput
from huikuan_contracts.models import CallOff, Contract, ContractAdvanceTerm
from huikuan_contracts.order_plans import PlannedOrder, bind, misfit, plan_of, require_same, set_parts, write_head
from huikuan_contracts.queries import call_off_of, planned_sums
from huikuan_contracts.snapshots import CallOffState
from huikuan_contracts.types import Contract as ContractType
from huikuan_contracts.types import ContractCallOff
from huikuan_contracts.views import contract_lock, locked, require_agreement
from huikuan_orders.api import (
    OrderCreateInput,
    OrderLineInput,
    fulfilled,
    order_by_id,
    order_create,
    order_lock,
    orders_by_id,
)
from huikuan_orders.events import OrderCancelled, OrderExpired
from huikuan_orders.snapshots import OrderKind, OrderSnapshot, OrderStatus
from huikuan_orders.types import Order

ORDER = "Order"
ZERO = Decimal(0)
PAGE = 500


def use_of(order: OrderSnapshot) -> Use:
    """What an order uses up, all of it."""
    quantities: dict[str, Decimal] = {}
    for line in order.lines:
        if line.quantity:
            name = line.sku or line.description
            quantities[name] = quantities.get(name, ZERO) + line.quantity
    return Use(customer_id=order.customer_id, amount=order.total, quantities=quantities)


def use_of_closed(ctx: Context, order: OrderSnapshot) -> Use:
    """What an order uses up that ended early: what was shipped or invoiced of it."""
    done = fulfilled(ctx, order.id)
    quantities: dict[str, Decimal] = {}
    amount = ZERO
    for line in order.lines:
        part = min(done.get(line.id, ZERO), line.quantity, key=abs)
        if not part:
            continue
        name = line.sku or line.description
        quantities[name] = quantities.get(name, ZERO) + part
        whole = part == line.quantity
        amount += line.gross.amount if whole else quantize(line.gross.amount * part / line.quantity, order.currency)
    return Use(
        customer_id=order.customer_id,
        amount=Money(min(amount, order.total.amount), order.currency),
        quantities=quantities,
    )


# --- what orders ask ----------------------------------------------------------------------------


@hookimpl
def orders_confirm_locks(ctx: Context, order: OrderSnapshot) -> list[LockKey]:
    """The contract that it is called off from."""
    call_off = call_off_of(ctx, ORDER, order.id)
    return [contract_lock(call_off.contract_id)] if call_off is not None else []


@hookimpl
def orders_before_confirm(ctx: Context, order: OrderSnapshot) -> list[Refusal]:
    """Whether the contract is in force, and the order as it is now fits what is left of it."""
    call_off = counted(ctx, ORDER, order.id)
    if call_off is None:
        return []
    contract = ctx.get(Contract, call_off.contract_id)
    refusal = not_active(ctx, contract) if contract.order_id is None else misfit(ctx, contract, order.total)
    return [*([refusal] if refusal is not None else []), *obstacles(ctx, contract, use_of(order), call_off)]


@hookimpl
def orders_before_change(ctx: Context, after: OrderSnapshot) -> list[Refusal]:
    """Whether the order as it would be fits what is left of its contract; a smaller one always does."""
    call_off = counted(ctx, ORDER, after.id)
    if call_off is None:
        return []
    contract = ctx.get(Contract, call_off.contract_id)
    refusal = misfit(ctx, contract, after.total) if contract.order_id is not None else None
    return [*([refusal] if refusal is not None else []), *obstacles(ctx, contract, use_of(after), call_off)]


@hookimpl
def orders_after_confirm(ctx: Context, order: OrderSnapshot) -> None:
    """Count it as it was confirmed; a plan of its own binds from now on."""
    count(ctx, ORDER, order.id, use_of(order))
    plan = plan_of(ctx, order.id)
    if plan is not None and plan.signed_on is None:
        bind(ctx, plan, order.total)


@hookimpl
def orders_after_change(ctx: Context, after: OrderSnapshot) -> None:
    """Count it as it is now."""
    count(ctx, ORDER, after.id, use_of(after))


@hookimpl
def orders_after_reopen(ctx: Context, order: OrderSnapshot) -> None:
    """Count all of it again."""
    count(ctx, ORDER, order.id, use_of(order))


@hookimpl
def orders_after_close(ctx: Context, order: OrderSnapshot) -> None:
    """Count what was fulfilled of it; of an order that is done, all."""
    count(ctx, ORDER, order.id, use_of(order) if order.status is OrderStatus.DONE else use_of_closed(ctx, order))


@hookimpl
def orders_after_cancel(ctx: Context, order: OrderSnapshot) -> None:
    """It counts no more."""
    call_off = counted(ctx, ORDER, order.id)
    if call_off is not None:
        end(ctx, ctx.get(Contract, call_off.contract_id), call_off)


@subscribe(OrderCancelled)
def free_cancelled(ctx: Context, event: OrderCancelled) -> None:
    """A draft that was cancelled counts no more; confirmed orders were freed at once."""
    free(ctx, ORDER, event.order_id)


@subscribe(OrderExpired)
def free_expired(ctx: Context, event: OrderExpired) -> None:
    """An offer that expired counts no more."""
    free(ctx, ORDER, event.order_id)


# --- commands -----------------------------------------------------------------------------------


@command(permission="contracts.call_off", idempotency="natural")
def contract_call_off(ctx: Context, id: Id[Contract], input: ContractCallOffInput) -> CallOff:
    """Write an order at the contract's prices and count it against the contract; over an amount or cap it is refused.

    The order is a draft, confirmed by orderConfirm; until it is cancelled or expires it uses up the contract.
    """
    reference = checked(input.reference, "reference")
    contract = locked(ctx, id)
    require_agreement(ctx, contract)
    before = ctx.find(CallOff, contract_id=contract.id, reference=reference)
    if before is not None:
        if before.input_hash != digest(input):
            ctx.refuse(Refusal(CALL_OFF_TAKEN, f"The call-off {reference!r} had other content.", field="reference"))
        return before
    require_active(ctx, contract)
    order = order_create(
        ctx,
        input=OrderCreateInput(
            customer=Ref(contract.customer_id),
            lines=_priced(ctx, contract, input.lines),
            reference=f"call-off:{contract.id}:{reference}",
            currency=contract.currency,
            ordered_on=input.ordered_on,
            promised_on=input.promised_on,
            notes=input.notes,
        ),
    )
    ctx.flush()
    use = use_of(order_by_id(ctx, order.id))
    return open_call_off(ctx, contract, use, (ORDER, order.id), reference, digest(input))


@command(permission="contracts.call_off", idempotency="natural")
def contract_order_attach(ctx: Context, id: Id[Contract], order: Ref[Order]) -> CallOff:
    """Count an order that was written without the contract: a draft, an offer or a confirmed one. Once only."""
    ctx.lock([contract_lock(id), order_lock(order.id)])
    contract, found = ctx.get(Contract, id), order_by_id(ctx, order.id)
    require_agreement(ctx, contract)
    before = call_off_of(ctx, ORDER, found.id)
    if before is not None:
        if before.contract_id != contract.id:
            ctx.refuse(Refusal(CALL_OFF_TAKEN, f"Order {found.number} counts for another contract.", field="order"))
        return before
    require_active(ctx, contract)
    if found.status in (OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.DONE) or found.closed:
        raise BadInput(f"Order {found.number} is over.", field="order")
    return open_call_off(ctx, contract, use_of(found), (ORDER, found.id), f"order:{found.id}")


@command(permission="contracts.call_off", idempotency="natural")
def contract_order_plan(
    ctx: Context,
    order: Ref[Order],
    instalments: list[ContractInstalmentInput] | None = None,
    advance: Ref[ContractAdvanceTerm] | None = None,
    owner: Ref[User] | None = None,
) -> Contract:
    """Plan when the money of an order comes in that belongs to no contract: deposits of a term, then these instalments.

    It may be set anew until the order is confirmed; then amounts are what the formulas say of its total, and it changes
    by contractAmend. Days are counted from the confirmation where no day is planned. Deposits raise invoices of their
    own, which invoices of the order deduct.
    """
    found = plan_of(ctx, order.id)
    ctx.lock([*([contract_lock(found.id)] if found is not None else []), order_lock(order.id)])
    snapshot = order_by_id(ctx, order.id)
    found = plan_of(ctx, order.id)
    if found is not None:
        require_lock(ctx, found.id)
    term = ctx.get(ContractAdvanceTerm, advance.id) if advance is not None else None
    parts = [*(advance_parts(ctx, term, snapshot.currency) if term is not None else ()), *(instalments or ())]
    wanted = digest([parts, owner])
    if found is not None and found.signed_on is not None:
        require_same(ctx, found, snapshot.number, wanted)
        return found
    _require_plannable(ctx, snapshot)
    known = PlannedOrder(id=snapshot.id, number=snapshot.number, customer_id=snapshot.customer_id, total=snapshot.total)
    plan = write_head(ctx, known, found, owner.id if owner is not None else None, wanted)
    if call_off_of(ctx, ORDER, snapshot.id) is None:
        open_call_off(ctx, plan, use_of(snapshot), (ORDER, snapshot.id), f"order:{snapshot.id}")
    else:
        count(ctx, ORDER, snapshot.id, use_of(snapshot))
    set_parts(ctx, plan, parts)
    ctx.flush()
    if snapshot.binding:
        bind(ctx, plan, snapshot.total)
    return plan


def _require_plannable(ctx: Context, order: OrderSnapshot) -> None:
    ended = order.status in (OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.DONE) or order.closed
    if ended or order.kind is OrderKind.RETURN:
        raise BadInput(f"No money is expected of order {order.number} any more.", field="order")
    call_off = call_off_of(ctx, ORDER, order.id)
    if call_off is not None and ctx.get(Contract, call_off.contract_id).order_id is None:
        ctx.refuse(
            Refusal(
                CALL_OFF_TAKEN,
                f"Order {order.number} counts for a contract, whose plan is its plan.",
                field="order",
                advice="Change the contract's plan.",
            )
        )


def _priced(ctx: Context, contract: Contract, lines: Sequence[ContractCallOffLineInput]) -> list[OrderLineInput]:
    return [
        OrderLineInput(quantity=line.quantity, sku=line.sku, description=line.description, unit_price=price)
        for line, price in zip(lines, agreed_prices(ctx, contract, lines), strict=True)
    ]


# --- what must be true, and what is shown -------------------------------------------------------


@hookimpl
def kernel_invariants() -> list[Invariant]:
    """What call-offs of orders must keep."""
    return [
        Invariant("contracts.call-offs", "An open call-off comes to what its order comes to.", _differing),
        Invariant(
            "contracts.order-plans", "The plan of an order binds with it, and comes to its total at most.", _unbound
        ),
    ]


def _unbound(ctx: Context) -> Sequence[UUID]:
    plans = ctx.scalars(select(Contract).where(Contract.order_id.is_not(None)).order_by(Contract.id))
    broken = []
    for start in range(0, len(plans), PAGE):
        page = plans[start : start + PAGE]
        orders = orders_by_id(ctx, [plan.order_id for plan in page if plan.order_id is not None])
        sums = planned_sums(ctx, [plan.id for plan in page])
        for plan in page:
            order = orders.get(plan.order_id) if plan.order_id is not None else None
            if order is None or _misplanned(plan, order, sums.get(plan.id, ZERO)):
                broken.append(plan.id)
    return broken


def _misplanned(plan: Contract, order: OrderSnapshot, planned: Decimal) -> bool:
    """Of orders that ended nothing is expected; their plan is cancelled a moment after a draft was."""
    if order.status in (OrderStatus.CANCELLED, OrderStatus.EXPIRED):
        return False
    agreed = order.status in (OrderStatus.CONFIRMED, OrderStatus.DONE)
    over = order.binding and planned > order.total.amount
    return over or plan.cancelled_on is not None or (plan.signed_on is not None) is not agreed


def _differing(ctx: Context) -> Sequence[UUID]:
    """Confirmed orders count as they are, orders that ended do not; drafts may change until they are confirmed."""
    rows = ctx.scalars(
        select(CallOff)
        .where(CallOff.source_type == ORDER, CallOff.status == CallOffState.OPEN)
        .order_by(CallOff.source_id)
    )
    broken = []
    for start in range(0, len(rows), PAGE):
        page = rows[start : start + PAGE]
        orders = orders_by_id(ctx, [row.source_id for row in page])
        for row in page:
            order = orders.get(row.source_id)
            if order is None or (order.binding and order.total != row.amount):
                broken.append(row.id)
    return broken


@extend(ContractCallOff)
class CallOffOrder:
    """What orders add to a call-off."""

    @batch(requires=["source_type", "source_id"], permission="orders.read")
    def order(ctx: Context, call_offs: Sequence[Any]) -> list[Ref[Order] | None]:
        """Its order."""
        return [Ref(it.source_id) if it.source_type == ORDER else None for it in call_offs]


@extend(ContractType)
class PlannedContract:
    """What orders add to a contract."""

    @batch(requires=["order_id"], permission="orders.read")
    def plan_of(ctx: Context, contracts: Sequence[Any]) -> list[Ref[Order] | None]:
        """The order whose plan it is, if it is that and no agreement of its own."""
        return [Ref(it.order_id) if it.order_id is not None else None for it in contracts]


@extend(Order)
class OrderContract:
    """What contracts add to an order."""

    @batch(requires=["id"], permission="contracts.read")
    def contract(ctx: Context, orders: Sequence[Any]) -> list[Ref[Contract] | None]:
        """The contract that it uses up, or that is its plan."""
        rows = ctx.rows(
            select(CallOff.source_id, CallOff.contract_id).where(
                CallOff.source_type == ORDER, CallOff.source_id.in_([order.id for order in orders])
            )
        )
        found = {row.source_id: row.contract_id for row in rows}
        return [Ref(found[order.id]) if order.id in found else None for order in orders]
