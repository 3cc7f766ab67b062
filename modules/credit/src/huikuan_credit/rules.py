"""Which rules hold at a checkpoint: those of the customer's class, else those for everybody, else the built-in ones."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from huikuan.codec import decode
from huikuan.context import Context
from huikuan_credit.judging import DEFAULTS
from huikuan_credit.models import RiskClass, RuleSet
from huikuan_credit.snapshots import Checkpoint, RuleInput, RuleKind, RuleLevel

__all__ = ["anything_checked", "rules_for", "rules_of"]


def stored_rules(ctx: Context, checkpoint: Checkpoint) -> Sequence[RuleSet]:
    """What was said about a checkpoint, for everybody and for classes. One statement, once in a unit of work."""
    key = "credit.rules", checkpoint
    if key not in ctx.memory:
        statement = select(RuleSet).where(RuleSet.checkpoint == checkpoint, RuleSet.retired_at.is_(None))
        ctx.memory[key] = ctx.scalars(statement)
    found: Sequence[RuleSet] = ctx.memory[key]
    return found


def anything_checked(ctx: Context, checkpoint: Checkpoint) -> bool:
    """Whether anything is looked at there, for anybody."""
    return bool(DEFAULTS[checkpoint] or stored_rules(ctx, checkpoint))


def rules_for(ctx: Context, checkpoint: Checkpoint, class_id: UUID | None) -> tuple[int, tuple[RuleInput, ...]]:
    """The rules that hold for customers of a class at a checkpoint, and their version."""
    stored = stored_rules(ctx, checkpoint)
    risk = None if class_id is None else ctx.get(RiskClass, class_id)
    of_class = risk if risk is not None and risk.active else None
    version, items = _chosen(checkpoint, stored, of_class)
    if of_class is not None and of_class.prepayment_percent and checkpoint is Checkpoint.CONFIRM:
        percent = of_class.prepayment_percent
        items = (*items, RuleInput(kind=RuleKind.PREPAYMENT, level=RuleLevel.APPROVE, threshold=percent))
    asked = any(item.kind is RuleKind.TERMS for item in items)
    if of_class is not None and of_class.payment_terms and checkpoint is Checkpoint.CONFIRM and not asked:
        items = (*items, RuleInput(kind=RuleKind.TERMS, level=RuleLevel.APPROVE, threshold=None))
    return version, items


def _chosen(
    checkpoint: Checkpoint, stored: Sequence[RuleSet], of_class: RiskClass | None
) -> tuple[int, tuple[RuleInput, ...]]:
    by_class = {row.class_id: row for row in stored}
    row = (by_class.get(of_class.id) if of_class is not None else None) or by_class.get(None)
    return (0, DEFAULTS[checkpoint]) if row is None else (row.version, rules_of(row))


def rules_of(row: RuleSet) -> tuple[RuleInput, ...]:
    """The rules of a stored version."""
    found: tuple[RuleInput, ...] = decode(tuple[RuleInput, ...], row.items)
    return found
