"""Rules of the company for lines of its bank: all conditions must hold, the first rule that holds decides."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from uuid import UUID

from huikuan.money import exponent, quantize
from huikuan_receivables.matching.texts import account_key
from huikuan_receivables.snapshots import Deducts, RuleSettles, WriteOffCause

__all__ = ["PatternError", "Rule", "Said", "deduction_of", "first_that_holds", "pattern_of"]

ZERO, HUNDRED = Decimal(0), Decimal(100)
MAX_PATTERN, MAX_TEXT = 200, 500
#: How often a pattern may repeat something, in all and without a bound: what strangers write is searched by it.
MAX_REPEATS, MAX_UNBOUNDED, MAX_BOUND = 4, 3, 20
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")
_REPEAT = re.compile(r"(\)?)([*+?]|\{(\d*)(,?)(\d*)\})")
_OPENS = re.compile(r"\(\?(?!:)")


class PatternError(ValueError):
    """The pattern cannot be used; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What the company knows of certain lines; a condition that is None holds for every line."""

    id: UUID
    code: str
    name: str
    automatic: bool
    source_id: UUID | None = None
    currency: str | None = None
    text_pattern: str | None = None
    payer_pattern: str | None = None
    payer_account: str | None = None
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    customer_id: UUID | None = None
    settles: RuleSettles = RuleSettles.FITTING
    deducts: Deducts | None = None
    deduction: Decimal | None = None
    deduction_pattern: str | None = None
    at_most: Decimal | None = None
    cause: WriteOffCause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the bank says of an incoming line."""

    source_id: UUID
    amount: Decimal
    currency: str
    text: str = ""
    payer_name: str = ""
    payer_account: str = ""


def first_that_holds(rules: Iterable[Rule], said: Said) -> Rule | None:
    """The first rule of which all conditions hold."""
    return next((rule for rule in rules if _holds(rule, said)), None)


def deduction_of(rule: Rule, said: Said) -> Decimal | None:
    """How much less than it was for the line brings, by a rule that knows without what is open; None: nothing, or more
    than the rule may give up."""
    amount: Decimal | None = None
    if rule.deducts is Deducts.FIXED:
        amount = rule.deduction
    elif rule.deducts is Deducts.PERCENT_OF_LINE and rule.deduction is not None:
        amount = quantize(said.amount * rule.deduction / HUNDRED, said.currency)
    elif rule.deducts is Deducts.TEXT and rule.deduction_pattern is not None:
        found = pattern_of(rule.deduction_pattern).search(_searched(said.text))
        amount = _amount(found[1] or "", said.currency) if found else None
    if amount is None or rule.at_most is None or not ZERO < amount <= rule.at_most:
        return None
    return amount if amount == quantize(amount, said.currency) else None


@lru_cache(maxsize=1_024)
def pattern_of(text: str) -> re.Pattern[str]:
    """The regular expression of a rule, capitals aside; one that could search a text for ever is a PatternError."""
    if not 1 <= len(text) <= MAX_PATTERN:
        raise PatternError(f"A pattern has 1 to {MAX_PATTERN} characters.")
    plain = _CLASS.sub("a", re.sub(r"\\\D", "b", text))
    if _OPENS.search(plain) or re.search(r"\\\d", plain):
        raise PatternError("A pattern has no groups that look around, and none that refer to others.")
    repeats = list(_REPEAT.finditer(plain.replace("(?:", "(")))
    if any(found[1] and found[2] != "?" for found in repeats):
        raise PatternError("A pattern repeats no group.")
    varying = [found for found in repeats if found[2][0] != "{" or found[4]]
    unbounded = [found for found in varying if found[2] in "*+" or (found[4] and not found[5])]
    bounds = [int(found[5] or found[3] or 0) for found in repeats if found[2][0] == "{"]
    if len(varying) > MAX_REPEATS or len(unbounded) > MAX_UNBOUNDED or any(bound > MAX_BOUND for bound in bounds):
        raise PatternError(
            f"A pattern repeats at most {MAX_REPEATS} things, {MAX_UNBOUNDED} of them without a bound, "
            f"others up to {MAX_BOUND} times."
        )
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise PatternError(f"It is no regular expression: {error}.") from None


def _holds(rule: Rule, said: Said) -> bool:
    return (
        rule.source_id in (None, said.source_id)
        and rule.currency in (None, said.currency)
        and (rule.amount_from is None or said.amount >= rule.amount_from)
        and (rule.amount_to is None or said.amount <= rule.amount_to)
        and (rule.payer_account is None or rule.payer_account == account_key(said.payer_account))
        and _found(rule.payer_pattern, said.payer_name)
        and _found(rule.text_pattern, said.text)
    )


def _found(pattern: str | None, text: str) -> bool:
    return pattern is None or pattern_of(pattern).search(_searched(text)) is not None


def _searched(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:MAX_TEXT])


def _amount(text: str, currency: str) -> Decimal | None:
    """2.50, 2,50, 1.234,50 and 1,234.50: the last mark is the point if as many digits follow as the currency has."""
    digits = exponent(currency)
    whole, mark, rest = re.sub(r"[^0-9.,]", "", text).replace(",", ".").rpartition(".")
    if mark and len(rest) == digits:
        number = f"{whole.replace('.', '')}.{rest}"
    else:
        number = (whole + rest).replace(".", "")
    try:
        return Decimal(number)
    except InvalidOperation:
        return None
