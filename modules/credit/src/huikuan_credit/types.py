"""GraphQL types of credit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from huikuan.context import Context
from huikuan.core.models import Hold
from huikuan.graphql import RefusalCodeName, batch, column, connection, node, output, to_any, to_one
from huikuan.money import Money, quantize
from huikuan.values import Ref
from huikuan_credit import models
from huikuan_credit.invariants import replayed
from huikuan_credit.queries import Standing
from huikuan_credit.snapshots import Checkpoint, Grade, LimitKind, LimitLevel, Part, RuleLevel
from huikuan_customers.types import Customer, CustomerGroup

__all__ = [
    "CreditAccount",
    "CreditCase",
    "CreditClass",
    "CreditCover",
    "CreditDecision",
    "CreditEntry",
    "CreditExposure",
    "CreditLimit",
    "CreditPart",
    "CreditPreview",
    "CreditProposal",
    "CreditRating",
    "CreditRules",
    "CreditStanding",
    "as_exposure",
    "as_standing",
]


@output
@dataclass(frozen=True)
class CreditPart:
    """A part of what is owed."""

    name: Annotated[str, "ordered, shipped, invoiced, unapplied, or what a module adds."]
    amount: Annotated[Money, "Negative where it lowers what is owed."]


@output
@dataclass(frozen=True)
class CreditExposure:
    """What is owed, and what it is made of."""

    amount: Annotated[Money, "The sum of the parts."]
    parts: Annotated[list[CreditPart], "Disjoint: no amount is in two of them."]
    missing: Annotated[list[str], "Parts that cannot be known, and the modules they need."]


@output
@dataclass(frozen=True)
class CreditCover:
    """Something that raises the limit."""

    kind: Annotated[LimitKind, "What it is."]
    amount: Annotated[Money, "By how much it raises the limit."]
    until: Annotated[date | None, "Its last day; null: until it is taken back."]


@output
@dataclass(frozen=True)
class CreditStanding:
    """How a customer stands in one currency, together with all that owe with it."""

    currency: Annotated[str, "The currency asked about; by default the customer's."]
    owner: Annotated[Ref[Customer], "Whose account it is: the topmost parent."]
    shared: Annotated[bool, "Whether the owner's group shares one limit, and so one account."]
    limit: Annotated[Money | None, "The limit in force; null: none is set, which is not the same as 0."]
    limit_level: Annotated[LimitLevel | None, "Where the limit was found."]
    covers: Annotated[list[CreditCover], "What raises the limit today."]
    exposure: Annotated[CreditExposure, "What is owed."]
    headroom: Annotated[Money | None, "What may still be owed; negative if more is owed than that."]
    used_percent: Annotated[Decimal | None, "Share of limit and covers that is used."]
    expired_on: Annotated[date | None, "When the customer's own limit ran out, if nothing has followed it."]
    rating: Annotated[Ref[CreditRating] | None, "The newest rating; null: never rated."]
    risk_class: Annotated[Ref[CreditClass] | None, "The risk class, if it is in one."]
    as_of: Annotated[datetime, "When this was so."]


@node(models.Limit, permission="credit.read", plural="creditLimits")
class CreditLimit:
    """How much may be owed, or what raises that."""

    customer: Customer | None = to_one("customer_id", "Whose it is; null: a group's or the company's.")
    group: CustomerGroup | None = to_one("group_id", "The group whose it is; null: a customer's or the company's.")
    kind: LimitKind = column("What it is.")
    currency: str
    amount: Money = column("How much.")
    valid_from: date = column("First day.")
    valid_until: date | None
    reason: str = column("Why.")
    ended_at: datetime | None


@node(models.Decision, permission="credit.read", plural="creditDecisions", order_by=("at",))
class CreditDecision:
    """What was decided about a document, with everything it rested on."""

    at: datetime = column("When.")
    checkpoint: Checkpoint = column("Where it was asked.")
    document_type: str = column("Type of the document.")
    document: Any = to_any("document_type", "document_id", "The document; null if its module is disabled.")
    passed: bool
    level: RuleLevel
    approved: bool
    currency: str
    before: Money
    after: Money
    bound: Money | None
    rule_version: int = column("Version of the rules; 0: those built in.")
    inputs: dict[str, Any] = column("Everything that it rested on.")
    findings: list[dict[str, Any]]

    @batch(requires=["inputs", "findings", "level", "before", "after", "bound", "rule_version"])
    def replays(ctx: Context, rows: Sequence[Any]) -> list[bool]:
        """Whether it is the same again when it is judged anew by its inputs."""
        return [replayed(row) for row in rows]


@node(models.RiskClass, keys=("code",), permission="credit.read", plural="creditClasses")
class CreditClass:
    """What customers of a rating get: a proposed limit, terms, payment in advance."""

    code: str
    name: str = column("What it is called.")
    grade: Grade | None
    limit_factor: Decimal
    limit_cap: Decimal | None = column("Proposed limits are no larger, in whatever currency.")
    payment_terms: str | None
    prepayment_percent: Decimal
    active: bool


@node(models.RuleSet, permission="credit.read", plural="creditRulesList")
class CreditRules:
    """What is checked at one checkpoint; a change makes a new version."""

    checkpoint: Checkpoint = column("Where.")
    risk_class: CreditClass | None = to_one("class_id", "For whom; null: for everybody.")
    version: int
    items: list[dict[str, Any]]
    retired_at: datetime | None


@node(models.Entry, permission="credit.read", root=False)
class CreditEntry:
    """A line of the ledger: what an event added to one part of what is owed."""

    at: datetime = column("When.")
    event: str
    source_type: str = column("Type of what owes.")
    source: Any = to_any("source_type", "source_id", "What owes; null if its module is disabled.")
    part: Part = column("Which part of the exposure.")
    amount: Money


@node(models.Rating, permission="credit.read", root=False)
class CreditRating:
    """How a customer pays, with the reasons."""

    at: datetime = column("When.")
    grade: Grade = column("How it pays.")
    score: Decimal | None
    by_hand: bool
    until: date | None
    reasons: list[dict[str, Any]]
    missing: list[str]


@node(models.Account, permission="credit.read", plural="creditAccounts")
class CreditAccount:
    """A pool of credit: a customer with all companies below it, or a group that shares one limit."""

    customer: Customer | None = to_one("customer_id", "The topmost parent; null: a group's.")
    group: CustomerGroup | None = to_one("group_id", "The group that shares a limit; null: a customer's.")
    risk_class: CreditClass | None = to_one("class_id", "Its risk class.")
    grade: Grade | None = column("How it pays.")
    grade_by_hand: bool
    grade_until: date | None
    entries = connection(CreditEntry, "account_id", "Its ledger, the newest lines last.")
    decisions = connection(CreditDecision, "account_id", "What was decided, the newest last.")
    ratings = connection(CreditRating, "account_id", "How it was rated, the newest last.")


@output
@dataclass(frozen=True)
class CreditCase:
    """A document that credit holds, and who may let it go on."""

    hold: Annotated[Ref[Hold], "The hold: holdRelease, holdReject and holdRecheck decide it."]
    code: Annotated[RefusalCodeName, "Why."]
    message: Annotated[str, "The same in words."]
    permission: Annotated[str, "What it takes to decide it; larger amounts need a higher one."]
    amount: Annotated[Money | None, "By how much it is too much, where that can be said."]
    before: Annotated[Money, "What was owed without the document when it was held."]
    after: Annotated[Money, "What would have been owed with it."]
    limit: Annotated[Money | None, "The limit then; null: none was set."]
    placed_at: Annotated[datetime, "Since when it is held."]
    expires_at: Annotated[datetime | None, "When the case lapses."]


@output
@dataclass(frozen=True)
class CreditPreview:
    """What the customer would owe if an order were confirmed now."""

    before: Annotated[Money, "What is owed without it."]
    after: Annotated[Money, "What would be owed with it."]
    limit: Annotated[Money | None, "The limit with all that raises it; null: none is set."]


@output
@dataclass(frozen=True)
class CreditProposal:
    """What a class would mean for one customer."""

    customer: Annotated[Ref[Customer], "The customer."]
    grade: Annotated[Grade | None, "Its rating."]
    sales: Annotated[Money, "What it ordered in the last 90 days."]
    limit_now: Annotated[Money | None, "Its limit today; null: none."]
    limit_proposed: Annotated[Money, "The limit that the class proposes."]
    exposure: Annotated[Money, "What it owes."]
    over: Annotated[Money, "By how much that would be above the proposed limit; nothing if it fits."]
    payment_terms: Annotated[str | None, "Code of the terms that the class proposes."]
    prepayment_percent: Annotated[Decimal, "What it would pay in advance."]


def as_standing(found: Standing) -> CreditStanding:
    """How a customer stands, as GraphQL shows it."""
    limits = found.limits
    return CreditStanding(
        currency=found.currency,
        owner=Ref(found.pool.head),
        shared=found.pool.shared,
        limit=None if limits.limit is None else _money(limits.limit.amount, found.currency),
        limit_level=limits.level,
        covers=[CreditCover(it.kind, _money(it.amount, found.currency), it.until) for it in limits.covers],
        exposure=as_exposure(found),
        headroom=None if found.headroom is None else _money(found.headroom, found.currency),
        used_percent=_percent(found),
        expired_on=limits.expired_on,
        rating=None if found.rating_id is None else Ref(found.rating_id),
        risk_class=None if found.class_id is None else Ref(found.class_id),
        as_of=found.as_of,
    )


def as_exposure(found: Standing) -> CreditExposure:
    """What is owed, part by part."""
    parts = [CreditPart(part.name, _money(part.amount, found.currency)) for part in found.parts]
    return CreditExposure(_money(found.exposure, found.currency), parts, list(found.missing))


def _percent(found: Standing) -> Decimal | None:
    if not found.bound:
        return None
    return round(found.exposure * 100 / found.bound, 2)


def _money(amount: Decimal, currency: str) -> Money:
    return Money(quantize(amount, currency), currency)
