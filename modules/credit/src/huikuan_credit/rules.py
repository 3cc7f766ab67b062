"""Which rules hold at a checkpoint: those of the customer's class, else those for everybody, else the built-in ones."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from huikuan.codec import decode
from huikuan.context import Context
from huikuan_credit.judging import DEFAULTS
from huikuan_credit.models import Account, RiskClass, RuleSet
from huikuan_credit.snapshots import Checkpoint, RuleInput, RuleKind, RuleLevel

__all__ = ["rules_for", "rules_of", "stored_rules"]


def stored_rules(ctx: Context, checkpoint: Checkpoint) -> Sequence[RuleSet]:
    """What was said about a checkpoint, for everybody and for classes. One statement."""
    return ctx.scalars(select(RuleSet).where(RuleSet.checkpoint == checkpoint, RuleSet.retired_at.is_(None)))


def rules_for(
    ctx: Context, checkpoint: Checkpoint, stored: Sequence[RuleSet], account: Account | None
) -> tuple[int, tuple[RuleInput, ...]]:
    """The rules that hold for an account at a checkpoint, and their version."""
    risk = None if account is None or account.class_id is None else ctx.get(RiskClass, account.class_id)
    of_class = risk if risk is not None and risk.active else None
    version, items = _chosen(checkpoint, stored, of_class)
    if of_class is not None and of_class.prepayment_percent and checkpoint is Checkpoint.CONFIRM:
        percent = of_class.prepayment_percent
        items = (*items, RuleInput(kind=RuleKind.PREPAYMENT, level=RuleLevel.APPROVE, threshold=percent))
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
