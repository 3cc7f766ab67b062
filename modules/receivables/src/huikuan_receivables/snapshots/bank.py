"""Frozen values of bank statements and of matching."""

from __future__ import annotations

from enum import Enum

__all__ = ["AliasKind", "BankLineStatus", "Deducts", "MatchKind", "MatchRule", "MatchStatus", "RuleSettles"]


class BankLineStatus(Enum):
    """What became of a line of a bank statement."""

    OPEN = "nobody knows yet what it is"
    PROPOSED = "there are proposals; somebody has to choose"
    POSTED = "what it tells of is in the ledger"
    IGNORED = "it is nothing between a customer and the company"


class MatchKind(Enum):
    """What a line of a bank statement is."""

    PAYMENT = "money that came: a payment"
    RETURN = "money that went out: a payment that the bank took back"
    REFUND = "money that went out: something was paid back"


class MatchRule(Enum):
    """What a match rests on, the surest first: the ladder is climbed down from the top."""

    REFERENCE = "the structured reference is the number of an invoice, or what a payment or refund is known by"
    NUMBER = "the text names the number of an invoice, or what a payment or refund is known by"
    PAYER = "the payer is known, and the amount is what is open, or what was paid or paid back"
    AMOUNT = "the amount is what is open of an item, or what was paid or paid back; the payer is not known"
    SUBSET = "the payer is known, and some of the items come to the amount"
    HAND = "somebody chose"
    RULE = "a rule of the company; it stands before the ladder"


class RuleSettles(Enum):
    """What money settles that a rule is for."""

    FITTING = "what the ladder finds for it"
    OLDEST = "what is due first"
    NOTHING = "nothing: it stays on account"


class Deducts(Enum):
    """How much less than what is open comes in, and is given up."""

    FIXED = "always the same"
    PERCENT_OF_LINE = "a percentage of what came in"
    PERCENT_OF_BALANCE = "a percentage of what is left open"
    TEXT = "what the text says"


class MatchStatus(Enum):
    """How far a match has come."""

    PROPOSED = "somebody may post or reject it"
    POSTED = "what it tells of is in the ledger"
    REJECTED = "somebody said no"
    DROPPED = "another proposal was posted, or a newer run found something else"
    UNDONE = "it was posted and taken back"


class AliasKind(Enum):
    """By what a payer is known again."""

    ACCOUNT = "the account that the money came from"
    NAME = "the name on the statement"
