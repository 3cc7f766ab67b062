"""Rules of the company for lines of its bank."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import func, select

from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import BadInput, Refusal
from huikuan.money import exponent
from huikuan.values import Id, Ref
from huikuan_customers.types import Customer
from huikuan_receivables.errors import BANK_RULE_TAKEN
from huikuan_receivables.matching import PatternError, account_key, pattern_of
from huikuan_receivables.models import BankRule, BankSource
from huikuan_receivables.snapshots import Deducts, RuleSettles, WriteOffCause

__all__ = ["BankRuleInput", "bank_rule_change", "bank_rule_create", "bank_rule_switch", "bank_rules_order"]

MAX_RULES = 200
ZERO, HUNDRED = Decimal(0), Decimal(100)


@dataclass(frozen=True, kw_only=True)
class BankRuleInput:
    """A rule: conditions, of which all that are given must hold, and what it knows of the lines for which they do."""

    code: Annotated[str, "Your own unique key: the same content sent again is the same rule."]
    name: Annotated[str, "What stands in the reason of its matches."]
    automatic: Annotated[bool, "Whether what it finds is posted by itself; else it is proposed."] = False
    source: Annotated[Ref[BankSource] | None, "Only lines of this account."] = None
    currency: Annotated[str | None, "Only lines in this currency."] = None
    text_pattern: Annotated[str | None, "A regular expression that the text or the reference has."] = None
    payer_pattern: Annotated[str | None, "A regular expression that the payer's name has."] = None
    payer_account: Annotated[str | None, "The account that the money comes from."] = None
    amount_from: Annotated[Decimal | None, "At least so much."] = None
    amount_to: Annotated[Decimal | None, "At most so much."] = None
    customer: Annotated[Ref[Customer] | None, "Whose money it is."] = None
    settles: Annotated[RuleSettles, "What it settles."] = RuleSettles.FITTING
    deducts: Annotated[Deducts | None, "How much less than what is open comes in; what lacks is given up."] = None
    deduction: Annotated[Decimal | None, "The amount, or the percentage."] = None
    deduction_pattern: Annotated[str | None, "A regular expression whose group is the amount in the text."] = None
    at_most: Annotated[Decimal | None, "So much is given up of a line at most, in its currency."] = None
    cause: Annotated[WriteOffCause | None, "What it is given up for."] = None


@command(permission="receivables.manage", idempotency="natural")
def bank_rule_create(ctx: Context, input: BankRuleInput) -> BankRule:
    """Add a rule behind the others. What it gives up needs no approval: `atMost` bounds it."""
    values = _values(input)
    found = ctx.find(BankRule, code=values["code"])
    if found is not None:
        if any(getattr(found, name) != value for name, value in values.items()):
            ctx.refuse(
                Refusal(
                    BANK_RULE_TAKEN,
                    f"The rule {found.code!r} is there, and is not like this one.",
                    field="code",
                    advice="Change it by bankRuleChange.",
                )
            )
        return found
    [(count, last)] = ctx.rows(select(func.count(BankRule.id), func.max(BankRule.sequence)))
    if count >= MAX_RULES:
        raise BadInput(f"There are at most {MAX_RULES} rules.", field="code")
    return ctx.add(BankRule(sequence=(last or 0) + 1, **values))


@command(permission="receivables.manage", idempotency="natural")
def bank_rule_change(ctx: Context, id: Id[BankRule], input: BankRuleInput) -> BankRule:
    """Let a rule say this instead; its place stays, and so do matches that it made."""
    rule, values = ctx.get(BankRule, id), _values(input)
    if values["code"] != rule.code:
        raise BadInput(f"The code of the rule is {rule.code!r} and stays.", field="code")
    for name, value in values.items():
        setattr(rule, name, value)
    return rule


@command(permission="receivables.manage", idempotency="natural")
def bank_rule_switch(ctx: Context, id: Id[BankRule], on: Annotated[bool, "Whether it is asked."]) -> BankRule:
    """Switch a rule off, or on again."""
    rule = ctx.get(BankRule, id)
    if on != (rule.off_at is None):
        rule.off_at = None if on else ctx.now
    return rule


@command(permission="receivables.manage", idempotency="natural", payload="bank_rules")
def bank_rules_order(
    ctx: Context, rules: Annotated[list[Ref[BankRule]], "The rules that are asked first, in this order."]
) -> list[BankRule]:
    """Say in which order rules are asked; those not named follow as they stand."""
    ids = [rule.id for rule in rules]
    if len(set(ids)) != len(ids):
        raise BadInput("Name each rule once.", field="rules")
    named = [ctx.get(BankRule, id) for id in ids]
    others = ctx.scalars(select(BankRule).where(BankRule.id.not_in(ids)).order_by(BankRule.sequence, BankRule.id))
    ordered = [*named, *others]
    for sequence, rule in enumerate(ordered, 1):
        rule.sequence = sequence
    return ordered


def _values(input: BankRuleInput) -> dict[str, Any]:
    """What is stored of a rule, checked."""
    patterns = {
        "text_pattern": input.text_pattern,
        "payer_pattern": input.payer_pattern,
        "deduction_pattern": input.deduction_pattern,
    }
    for field, pattern in patterns.items():
        _check_pattern(field, pattern)
    account = account_key(input.payer_account) or None if input.payer_account is not None else None
    conditions = (input.text_pattern, input.payer_pattern, account, input.source, input.amount_from, input.amount_to)
    if all(condition is None for condition in conditions):
        raise BadInput("A rule has a condition beside the currency.", field="textPattern")
    if input.currency is not None:
        exponent(input.currency)
    if input.settles is not RuleSettles.FITTING and input.customer is None:
        raise BadInput("Say whose money it is.", field="customer")
    _check_deduction(input)
    return {
        "code": _text(input.code, "code", 64),
        "name": _text(input.name, "name", 200),
        "automatic": input.automatic,
        "source_id": input.source.id if input.source is not None else None,
        "currency": input.currency,
        **patterns,
        "payer_account": account,
        "amount_from": input.amount_from,
        "amount_to": input.amount_to,
        "customer_id": input.customer.id if input.customer is not None else None,
        "settles": input.settles,
        "deducts": input.deducts,
        "deduction": input.deduction,
        "at_most": input.at_most,
        "cause": input.cause,
    }


def _check_deduction(input: BankRuleInput) -> None:
    from_text = input.deducts is Deducts.TEXT
    needed: dict[str, object] = {"atMost": input.at_most, "cause": input.cause}
    needed |= {"deductionPattern": input.deduction_pattern} if from_text else {"deduction": input.deduction}
    other: dict[str, object] = {"deductionPattern": input.deduction_pattern}
    if from_text:
        other = {"deduction": input.deduction}
    if input.deducts is None:
        needed, other = {}, needed | other
    for field, value in needed.items():
        if value is None:
            raise BadInput("It is needed with this kind of deduction.", field=field)
    for field, value in other.items():
        if value is not None:
            raise BadInput("It does not go with this kind of deduction.", field=field)
    if input.deducts is not None:
        _check_amounts(input, input.deducts)


def _check_amounts(input: BankRuleInput, deducts: Deducts) -> None:
    if input.settles is not RuleSettles.FITTING:
        raise BadInput("What lacks is known only of what the money fits.", field="settles")
    if input.cause is WriteOffCause.TOLERANCE:
        raise BadInput("That is for differences within the tolerance.", field="cause")
    at_most = input.at_most or ZERO
    if at_most <= ZERO:
        raise BadInput("It is more than 0.", field="atMost")
    most = at_most if deducts is Deducts.FIXED else HUNDRED
    if input.deduction is not None and not ZERO < input.deduction <= most:
        raise BadInput(f"It is more than 0 and at most {most:f}.", field="deduction")
    if input.deduction_pattern is not None and pattern_of(input.deduction_pattern).groups != 1:
        raise BadInput("The pattern has one group: the amount.", field="deductionPattern")


def _check_pattern(field: str, pattern: str | None) -> None:
    if pattern is None:
        return
    try:
        pattern_of(pattern)
    except PatternError as error:
        first, *rest = field.split("_")
        raise BadInput(str(error), field=first + "".join(map(str.title, rest))) from None


def _text(value: str, field: str, longest: int) -> str:
    text = value.strip()
    if not 1 <= len(text) <= longest:
        raise BadInput(f"Give 1 to {longest} characters.", field=field)
    return text
