"""Setting what is checked where."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from sqlalchemy import func, select

from huikuan import BadInput, Context, Ref, command
from huikuan.codec import encode
from huikuan_credit.events import CreditRulesChanged
from huikuan_credit.models import RuleSet
from huikuan_credit.rechecking import ease
from huikuan_credit.snapshots import Checkpoint, RuleInput, RuleKind, RuleLevel
from huikuan_credit.types import CreditClass

__all__ = ["CreditRuleInput", "credit_rules_set"]

BOUNDLESS = (RuleKind.LIMIT_USED, RuleKind.LIMIT_EXPIRED, RuleKind.TERMS)


@dataclass(frozen=True, kw_only=True)
class CreditRuleInput:
    """What is looked at, from which bound on, and what follows."""

    kind: Annotated[RuleKind, "What is looked at."]
    level: Annotated[RuleLevel, "What becomes of a document that breaks the rule."]
    threshold: Annotated[Decimal | None, "The bound; the kind says of what."] = None


@command(permission="credit.rules", idempotency="natural", payload="credit_rules")
def credit_rules_set(
    ctx: Context,
    checkpoint: Checkpoint,
    rules: Annotated[list[CreditRuleInput], "All of them; an empty list checks nothing."],
    risk_class: Annotated[Ref[CreditClass] | None, "For customers of this class only, instead of the others."] = None,
) -> RuleSet:
    """Say what is checked at a checkpoint. It makes a new version; decisions keep the one they rested on."""
    items = [_checked(index, rule) for index, rule in enumerate(rules)]
    class_id = None if risk_class is None else risk_class.id
    current = ctx.find(RuleSet, checkpoint=checkpoint, class_id=class_id, retired_at=None)
    if current is not None:
        if current.items == encode(items):
            return current
        current.retired_at = ctx.now
    version = (ctx.scalar(select(func.max(RuleSet.version))) or 0) + 1
    row = ctx.add(
        RuleSet(checkpoint=checkpoint, class_id=class_id, version=version, items=encode(items), set_by=ctx.actor.id)
    )
    ctx.emit(CreditRulesChanged(credit_rules_id=row.id, version=version))
    ease(ctx, None)
    return row


def _checked(index: int, rule: CreditRuleInput) -> RuleInput:
    where = f"rules.{index}.threshold"
    if rule.threshold is None and rule.kind not in BOUNDLESS:
        raise BadInput("Give the bound from which on the rule speaks.", field=where)
    if rule.threshold is not None and (rule.threshold < 0 or rule.threshold != round(rule.threshold, 4)):
        raise BadInput("A bound is not negative and has at most 4 digits after the point.", field=where)
    return RuleInput(kind=rule.kind, level=rule.level, threshold=rule.threshold)
