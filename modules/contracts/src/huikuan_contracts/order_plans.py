"""The collection plan of an order that belongs to no contract (CON-3): a contract that is nothing but its plan.

It binds when the order is confirmed, comes to the order at most, and ends with it; afterwards it changes by amendments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import delete

from huikuan.context import Context
from huikuan.errors import Refusal
from huikuan.money import Money
from huikuan_contracts.amounts import Part, shares
from huikuan_contracts.errors import PLAN_SUM, SIGNED
from huikuan_contracts.events import ContractCancelled, ContractChanged, ContractCreated, ContractSigned
from huikuan_contracts.inputs import ContractInstalmentInput
from huikuan_contracts.models import Contract, ContractInstalment
from huikuan_contracts.planning import check_sum, instalment_rows, over_whole, redate
from huikuan_contracts.snapshots import BilledBy, InstalmentTrigger
from huikuan_contracts.views import instalments_of, whole_of

__all__ = ["PlannedOrder", "bind", "cancel", "misfit", "plan_of", "require_same", "set_parts", "write_head"]

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class PlannedOrder:
    """What a plan needs to know of its order."""

    id: UUID
    number: str | None
    customer_id: UUID
    total: Money


def plan_of(ctx: Context, order_id: UUID) -> Contract | None:
    """The plan of an order, if it has one of its own."""
    return ctx.find(Contract, order_id=order_id)


def write_head(
    ctx: Context, order: PlannedOrder, found: Contract | None, owner_id: UUID | None, input_hash: str
) -> Contract:
    """The row on which the plan of an order hangs: a new one, or the one that is there, written anew."""
    plan = found or Contract(order_id=order.id, reference=f"order:{order.id}", billed_by=BilledBy.ORDERS)
    plan.title = f"Order {order.number}"
    plan.customer_id, plan.currency = order.customer_id, order.total.currency
    plan.owner_id, plan.input_hash = owner_id, input_hash
    if found is not None:
        ctx.emit(ContractChanged(contract_id=plan.id))
        return plan
    ctx.add(plan)
    prefix = ctx.setting("contracts.number_prefix")
    ctx.number("contracts", plan, format=lambda value: f"{prefix}{value:06d}")
    ctx.flush()
    ctx.emit(ContractCreated(contract_id=plan.id, customer_id=plan.customer_id, amount=order.total))
    return plan


def set_parts(ctx: Context, plan: Contract, parts: Sequence[ContractInstalmentInput]) -> None:
    """Write the instalments of a plan that does not bind yet; those it had are replaced."""
    rows = instalment_rows(ctx, plan, parts, whole=whole_of(plan))
    check_sum(ctx, plan, (row.amount for row in rows))
    ctx.execute(delete(ContractInstalment).where(ContractInstalment.contract_id == plan.id))
    ctx.add_all(rows)


def require_same(ctx: Context, plan: Contract, order_number: str | None, input_hash: str) -> None:
    """Refuse other content for a plan that binds; the same again changes nothing."""
    if plan.input_hash != input_hash:
        ctx.refuse(
            Refusal(
                SIGNED,
                f"Plan {plan.number} of order {order_number} binds since {plan.signed_on}.",
                advice="Change it by contractAmend.",
                contract=plan.id,
            )
        )


def misfit(ctx: Context, plan: Contract, total: Money) -> Refusal | None:
    """Why the plan does not fit an order of this total: before it binds by its formulas, later by its amounts."""
    parts = instalments_of(ctx, plan.id)
    amounts = [part.amount for part in parts] if plan.signed_on is not None else _amounts(parts, total)
    if all(amount.amount > ZERO for amount in amounts):
        return over_whole(plan, total, amounts)
    return Refusal(
        PLAN_SUM,
        f"Nothing of {total} is left for one of the instalments.",
        advice="Set the plan anew by contractOrderPlan.",
    )


def bind(ctx: Context, plan: Contract, total: Money) -> None:
    """The order is confirmed: amounts are what the formulas say of its total, days are counted from today."""
    parts = instalments_of(ctx, plan.id)
    for part, amount in zip(parts, _amounts(parts, total), strict=True):
        part.amount = amount
        if part.trigger is InstalmentTrigger.DATE and part.planned_on is None:
            part.planned_on = part.original_on = ctx.today + timedelta(days=part.days)
    plan.signed_on = ctx.today
    redate(plan, parts)
    ctx.emit(ContractSigned(contract_id=plan.id, customer_id=plan.customer_id, signed_on=plan.signed_on, amount=total))


def cancel(ctx: Context, plan: Contract) -> None:
    """The order was cancelled or expired: nothing is expected any more."""
    if plan.cancelled_on is None:
        plan.cancelled_on, plan.cancel_reason = ctx.today, "its order ended"
        ctx.emit(
            ContractCancelled(contract_id=plan.id, customer_id=plan.customer_id, was_signed=plan.signed_on is not None)
        )


def _amounts(parts: Sequence[ContractInstalment], total: Money) -> list[Money]:
    return shares(total, [_formula(part) for part in parts])


def _formula(part: ContractInstalment) -> Part:
    fixed = part.percent is None and not part.shared
    return Part(amount=part.amount.amount if fixed else None, percent=part.percent)
