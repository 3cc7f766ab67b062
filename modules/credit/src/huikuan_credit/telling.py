"""What credit says when it says no: why, by how much, and what would make it pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_UP, Decimal
from typing import Any

from huikuan.codec import encode
from huikuan.errors import Level, Refusal, RefusalCode
from huikuan.money import Money, quantize
from huikuan_credit.errors import (
    DUNNING_LEVEL,
    ITEM_TOO_OLD,
    LIMIT_EXPIRED,
    NO_LIMIT,
    ORDER_TOO_LARGE,
    OVER_LIMIT,
    OVERDUE_AMOUNT,
    OVERDUE_DAYS,
    PREPAYMENT_NEEDED,
    TERMS_TOO_LONG,
)
from huikuan_credit.snapshots import Checkpoint, Finding, Inputs, RuleKind, RuleLevel

__all__ = ["advice_of", "code_of", "refusal_of"]

ZERO = Decimal(0)
LEVELS = {RuleLevel.WARN: Level.WARN, RuleLevel.APPROVE: Level.APPROVE, RuleLevel.BLOCK: Level.BLOCK}
CODES = {
    RuleKind.LIMIT_USED: OVER_LIMIT,
    RuleKind.LIMIT_EXPIRED: LIMIT_EXPIRED,
    RuleKind.ORDER_CAP: ORDER_TOO_LARGE,
    RuleKind.DAYS_OVERDUE: OVERDUE_DAYS,
    RuleKind.OVERDUE_AMOUNT: OVERDUE_AMOUNT,
    RuleKind.OLDEST_ITEM: ITEM_TOO_OLD,
    RuleKind.DUNNING_LEVEL: DUNNING_LEVEL,
    RuleKind.PREPAYMENT: PREPAYMENT_NEEDED,
    RuleKind.TERMS: TERMS_TOO_LONG,
}


def code_of(finding: Finding) -> RefusalCode:
    """The code of a finding."""
    return NO_LIMIT if finding.missing_limit else CODES[finding.kind]


def refusal_of(inputs: Inputs, finding: Finding, *, release: str, **more: Any) -> Refusal:
    """A finding as a refusal, with every figure that it rests on."""
    return Refusal(
        code_of(finding),
        _message(inputs, finding),
        level=LEVELS[finding.level],
        advice=advice_of(inputs, finding),
        release=release,
        **_figures(inputs, finding),
        inputs=encode(inputs),
        **more,
    )


def _figures(inputs: Inputs, finding: Finding) -> Mapping[str, Any]:
    found: dict[str, Any] = {
        "before": _money(inputs, inputs.before),
        "after": _money(inputs, inputs.after),
        "limit": None if inputs.bound is None else _money(inputs, inputs.bound),
        "parts": {part.name: _money(inputs, part.amount) for part in inputs.parts},
        "missing": list(inputs.missing),
    }
    if finding.excess is not None:
        found["needed"] = _up(inputs, finding.excess)
    return found


def _message(inputs: Inputs, finding: Finding) -> str:
    if finding.missing_limit:
        return f"There is no limit in {inputs.currency}; {_money(inputs, inputs.after)} would be owed."
    return _MESSAGES[finding.kind](inputs, finding)


_MESSAGES: Mapping[RuleKind, Callable[[Inputs, Finding], str]] = {
    RuleKind.LIMIT_USED: lambda it, found: (
        f"{_money(it, found.actual)} would be owed, {_money(it, found.allowed)} are allowed"
        f"{'' if it.bound == found.allowed else f' of a limit of {_money(it, it.bound or ZERO)}'}."
    ),
    RuleKind.LIMIT_EXPIRED: lambda it, _: f"The customer's own limit ran out on {it.expired_on}.",
    RuleKind.ORDER_CAP: lambda it, found: (
        f"{_money(it, found.actual)} are more than {_money(it, found.allowed)}, the most for one document."
    ),
    RuleKind.DAYS_OVERDUE: lambda _, found: (
        f"Something has been overdue for {found.actual} days; {found.allowed:f} are allowed."
    ),
    RuleKind.OVERDUE_AMOUNT: lambda it, found: (
        f"{_money(it, found.actual)} are overdue; {_money(it, found.allowed)} are allowed."
    ),
    RuleKind.OLDEST_ITEM: lambda _, found: (
        f"The oldest open item is {found.actual} days old; {found.allowed:f} are allowed."
    ),
    RuleKind.DUNNING_LEVEL: lambda _, found: (
        f"The customer was reminded up to level {found.actual}; {found.allowed:f} is allowed."
    ),
    RuleKind.PREPAYMENT: lambda it, found: (
        f"{_money(it, found.allowed)} are to be paid in advance; {_money(it, found.actual)} came in."
    ),
    RuleKind.TERMS: lambda it, _: (
        f"The terms {it.terms} are {it.terms_longer} days longer than {it.terms_of_class}, those of the risk class."
    ),
}


def advice_of(inputs: Inputs, finding: Finding) -> str:
    """What would make it pass."""
    text = " or ".join(_ways(inputs, finding))
    return f"{text[0].upper()}{text[1:]} and it passes."


def _ways(inputs: Inputs, finding: Finding) -> list[str]:
    needed = None if finding.excess is None else _up(inputs, finding.excess)
    if finding.missing_limit:
        return [f"set a limit in {inputs.currency}"]
    if finding.kind is RuleKind.LIMIT_USED and needed is not None:
        return [f"pay {needed}", *_less(inputs, finding, needed), *_later(inputs, finding)]
    if finding.kind is RuleKind.LIMIT_EXPIRED:
        return ["set a new limit"]
    if finding.kind is RuleKind.TERMS:
        return [f"write it with the terms {inputs.terms_of_class}"]
    if finding.kind is RuleKind.ORDER_CAP:
        return [f"order {needed} less", "split it"]
    if finding.kind in (RuleKind.OVERDUE_AMOUNT, RuleKind.PREPAYMENT):
        return [f"pay {needed}"]
    return ["pay what is overdue"]


def _less(inputs: Inputs, finding: Finding, needed: Money) -> list[str]:
    smaller = inputs.checkpoint in (Checkpoint.QUOTE, Checkpoint.CONFIRM, Checkpoint.CHANGE)
    return [f"order {needed} less"] if smaller and needed.amount < inputs.increase else []


def _later(inputs: Inputs, finding: Finding) -> list[str]:
    """Where there is a horizon, what ships beyond it needs no room yet."""
    if inputs.counts_from is None or inputs.before > finding.allowed or inputs.checkpoint is Checkpoint.SHIP:
        return []
    return [f"ship after {inputs.counts_from}"]


def _money(inputs: Inputs, amount: Decimal) -> Money:
    return Money(quantize(amount, inputs.currency), inputs.currency)


def _up(inputs: Inputs, amount: Decimal) -> Money:
    return Money(quantize(amount, inputs.currency, ROUND_UP), inputs.currency)
