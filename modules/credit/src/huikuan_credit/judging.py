"""The judgement itself: a pure function of its inputs, so that any decision of the past gives the same again."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from huikuan_credit.snapshots import Checkpoint, Finding, Inputs, RuleInput, RuleKind, RuleLevel

__all__ = ["DEFAULTS", "judge", "worst"]

ZERO = Decimal(0)
HUNDRED = Decimal(100)
RANKS = [RuleLevel.OFF, RuleLevel.WARN, RuleLevel.APPROVE, RuleLevel.BLOCK]


def _rule(kind: RuleKind, level: RuleLevel, threshold: Decimal | None = None) -> RuleInput:
    return RuleInput(kind=kind, level=level, threshold=threshold)


_LIMIT = (
    _rule(RuleKind.LIMIT_USED, RuleLevel.APPROVE, HUNDRED),
    _rule(RuleKind.LIMIT_EXPIRED, RuleLevel.APPROVE),
)
DEFAULTS: dict[Checkpoint, tuple[RuleInput, ...]] = {
    Checkpoint.QUOTE: (_rule(RuleKind.LIMIT_USED, RuleLevel.WARN, HUNDRED),),
    Checkpoint.CONFIRM: _LIMIT,
    Checkpoint.CHANGE: _LIMIT,
    Checkpoint.SHIP: (),
    Checkpoint.INVOICE: (),
}
"""What is checked where nobody has said anything; version 0."""


def judge(inputs: Inputs) -> list[Finding]:
    """The rules that the document breaks, the worst of each kind, in the order of the kinds."""
    found: dict[RuleKind, Finding] = {}
    for rule in inputs.rules:
        finding = None if rule.level is RuleLevel.OFF else _TESTS[rule.kind](inputs, rule)
        if finding is not None and _worse(finding, found.get(rule.kind)):
            found[rule.kind] = finding
    return [found[kind] for kind in RuleKind if kind in found]


def worst(findings: list[Finding]) -> RuleLevel:
    """The level that wins."""
    return max((finding.level for finding in findings), key=RANKS.index, default=RuleLevel.OFF)


def _worse(finding: Finding, known: Finding | None) -> bool:
    return known is None or RANKS.index(finding.level) > RANKS.index(known.level)


def _limit_used(inputs: Inputs, rule: RuleInput) -> Finding | None:
    """An order needs room for what it adds; goods and invoices, which move what is owed, ask whether all is in it."""
    if inputs.bound is None:
        if not inputs.elsewhere or inputs.increase <= ZERO:
            return None
        return _finding(rule, inputs.after, ZERO, inputs.after, missing_limit=True)
    percent = HUNDRED if rule.threshold is None else rule.threshold
    allowed = inputs.bound * percent / HUNDRED
    moves = inputs.checkpoint in (Checkpoint.SHIP, Checkpoint.INVOICE)
    if inputs.after <= allowed or (inputs.increase <= ZERO and not moves):
        return None
    return _finding(rule, inputs.after, allowed, inputs.after - allowed)


def _limit_expired(inputs: Inputs, rule: RuleInput) -> Finding | None:
    if inputs.expired_on is None or inputs.increase <= ZERO:
        return None
    return _finding(rule, Decimal((inputs.today - inputs.expired_on).days), ZERO, inputs.after)


def _order_cap(inputs: Inputs, rule: RuleInput) -> Finding | None:
    return _above(rule, inputs.document, money=True)


def _days_overdue(inputs: Inputs, rule: RuleInput) -> Finding | None:
    return _above(rule, Decimal(inputs.facts.days_overdue))


def _overdue_amount(inputs: Inputs, rule: RuleInput) -> Finding | None:
    return _above(rule, inputs.facts.overdue, money=True)


def _oldest_item(inputs: Inputs, rule: RuleInput) -> Finding | None:
    return _above(rule, Decimal(inputs.facts.oldest_days))


def _dunning_level(inputs: Inputs, rule: RuleInput) -> Finding | None:
    return _above(rule, Decimal(inputs.facts.dunning_level))


def _prepayment(inputs: Inputs, rule: RuleInput) -> Finding | None:
    needed = inputs.document * (rule.threshold or ZERO) / HUNDRED
    if inputs.prepaid >= needed:
        return None
    return _finding(rule, inputs.prepaid, needed, needed - inputs.prepaid)


def _terms(inputs: Inputs, rule: RuleInput) -> Finding | None:
    return _above(rule, Decimal(inputs.terms_longer))


def _above(rule: RuleInput, actual: Decimal, *, money: bool = False) -> Finding | None:
    bound = rule.threshold or ZERO
    return _finding(rule, actual, bound, actual - bound if money else None) if actual > bound else None


def _finding(
    rule: RuleInput, actual: Decimal, allowed: Decimal, excess: Decimal | None, *, missing_limit: bool = False
) -> Finding:
    return Finding(
        kind=rule.kind,
        level=rule.level,
        actual=actual,
        allowed=allowed,
        excess=excess,
        missing_limit=missing_limit,
    )


_TESTS: dict[RuleKind, Callable[[Inputs, RuleInput], Finding | None]] = {
    RuleKind.LIMIT_USED: _limit_used,
    RuleKind.LIMIT_EXPIRED: _limit_expired,
    RuleKind.ORDER_CAP: _order_cap,
    RuleKind.DAYS_OVERDUE: _days_overdue,
    RuleKind.OVERDUE_AMOUNT: _overdue_amount,
    RuleKind.OLDEST_ITEM: _oldest_item,
    RuleKind.DUNNING_LEVEL: _dunning_level,
    RuleKind.PREPAYMENT: _prepayment,
    RuleKind.TERMS: _terms,
}
