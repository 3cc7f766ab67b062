"""Where open items stand in dunning: their last step, what keeps reminders away, and what their level stops."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan.ids import new_id
from huikuan_receivables.judging import pauses
from huikuan_receivables.models import (
    CollectionAccount,
    Dispute,
    DunningLevel,
    DunningLine,
    DunningStep,
    ItemBalance,
    PaymentPromise,
)
from huikuan_receivables.policies import Policy
from huikuan_receivables.reminding import Standing
from huikuan_receivables.snapshots import Block, BlockKind, DisputeState, OpenItem, PromiseState, StepKind

__all__ = ["LastStep", "Situation", "blocks", "last_steps", "situation", "step"]

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LastStep:
    """Where an open item stands."""

    id: UUID
    item_id: UUID
    sequence: int
    customer_id: UUID
    policy_id: UUID
    level_id: UUID | None
    level: int
    on: date


@dataclass(frozen=True, slots=True)
class Situation:
    """What dunning needs to know of the open items of some customers, or of all."""

    steps: dict[UUID, LastStep] = field(default_factory=dict)
    disputed: frozenset[UUID] = frozenset()
    promises: dict[UUID, PaymentPromise] = field(default_factory=dict)
    frozen: frozenset[UUID] = frozenset()

    def standing(self, item_id: UUID) -> Standing:
        """How far an item was reminded, and whether a broken promise pushes it on."""
        last = self.steps.get(item_id)
        level, on = (last.level, last.on) if last is not None else (0, None)
        promise = self.promises.get(item_id)
        pushed = None
        if promise is not None and promise.state is PromiseState.BROKEN and (on is None or on <= promise.until):
            pushed = promise.until + ONE_DAY
        return Standing(level, on, pushed)

    def promised(self, item_id: UUID, on: date) -> bool:
        """Whether a promise still keeps reminders away."""
        promise = self.promises.get(item_id)
        return promise is not None and pauses(promise.state, on, promise.until)

    def elsewhere(self, item_id: UUID, policy: Policy) -> bool:
        """Whether an item was reminded under another policy than the one that is in force now."""
        last = self.steps.get(item_id)
        return last is not None and last.level > 0 and last.policy_id != policy.id


def situation(ctx: Context, customer_ids: Collection[UUID] | None = None) -> Situation:
    """The situation of these customers' open items, or of all; four statements."""
    disputes = select(Dispute.item_id).where(Dispute.state == DisputeState.OPEN)
    same = (PaymentPromise.item_id == ItemBalance.item_id) & (PaymentPromise.tenant_id == ItemBalance.tenant_id)
    promises = select(PaymentPromise).join(ItemBalance, same).where(PaymentPromise.standing, ItemBalance.open > 0)
    frozen = select(CollectionAccount.customer_id).where(CollectionAccount.frozen_reason.is_not(None))
    if customer_ids is not None:
        disputes = disputes.where(Dispute.customer_id.in_(customer_ids))
        promises = promises.where(PaymentPromise.customer_id.in_(customer_ids))
        frozen = frozen.where(CollectionAccount.customer_id.in_(customer_ids))
    return Situation(
        steps=last_steps(ctx, customer_ids),
        disputed=frozenset(ctx.scalars(disputes)),
        promises={row.item_id: row for row in ctx.scalars(promises)},
        frozen=frozenset(ctx.scalars(frozen)),
    )


def last_steps(ctx: Context, customer_ids: Collection[UUID] | None = None) -> dict[UUID, LastStep]:
    """The last step of each open item of these customers, or of all."""
    same = (DunningStep.item_id == ItemBalance.item_id) & (DunningStep.tenant_id == ItemBalance.tenant_id)
    statement = select(
        DunningStep.id,
        DunningStep.item_id,
        DunningStep.sequence,
        DunningStep.customer_id,
        DunningStep.policy_id,
        DunningStep.level_id,
        DunningStep.level,
        DunningStep.on,
    ).join(ItemBalance, same)
    if customer_ids is not None:
        statement = statement.where(DunningStep.customer_id.in_(customer_ids))
    rows = ctx.rows(statement.where(ItemBalance.open > 0).order_by(DunningStep.sequence))
    return {row.item_id: LastStep(*row) for row in rows}


def step(
    ctx: Context,
    item: OpenItem,
    last: LastStep | None,
    *,
    policy_id: UUID,
    level: DunningLevel | None,
    on: date,
    line: DunningLine | None = None,
    reason: str | None = None,
) -> DunningStep:
    """Put an item at a level: because a run reminded, or because a person decided so."""
    return ctx.add(
        DunningStep(
            id=new_id(),
            item_id=item.item_id,
            sequence=last.sequence + 1 if last is not None else 1,
            customer_id=item.customer_id,
            kind=StepKind.REMINDED if line is not None else StepKind.PLACED,
            policy_id=policy_id,
            level_id=level.id if level is not None else None,
            level=level.position if level is not None else 0,
            on=on,
            line_id=line.id if line is not None else None,
            reason=reason,
            at=ctx.now,
            actor_id=ctx.actor.id,
        )
    )


def blocks(ctx: Context, customer_ids: Collection[UUID]) -> dict[UUID, list[Block]]:
    """What the dunning levels of open items stop, by customer; customers that nothing is stopped for are left out.

    It follows the ledger: what is paid stops nothing, what was taken back stops again. Nor does what is disputed.
    """
    if not customer_ids:
        return {}
    steps = last_steps(ctx, customer_ids)
    if not any(row.level_id is not None for row in steps.values()):
        return {}
    disputed = set(
        ctx.scalars(
            select(Dispute.item_id).where(Dispute.customer_id.in_(customer_ids), Dispute.state == DisputeState.OPEN)
        )
    )
    wanted = [row for id, row in steps.items() if row.level_id is not None and id not in disputed]
    levels = {
        level.id: level
        for level in ctx.scalars(select(DunningLevel).where(DunningLevel.id.in_({row.level_id for row in wanted})))
    }
    found: dict[UUID, list[Block]] = {}
    for row in wanted:
        assert row.level_id is not None
        level = levels[row.level_id]
        for kind, stops in ((BlockKind.ORDERS, level.blocks_orders), (BlockKind.SHIPPING, level.blocks_shipping)):
            if stops:
                block = Block(row.customer_id, kind, row.item_id, level.position, level.name)
                found.setdefault(row.customer_id, []).append(block)
    return found
