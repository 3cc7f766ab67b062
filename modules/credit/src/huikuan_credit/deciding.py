"""Asking credit about a document: gathers what the judgement rests on, and keeps what was decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from huikuan.codec import encode
from huikuan.context import Context
from huikuan.errors import Refusal
from huikuan.money import Money
from huikuan_credit.accounts import Pool, balance_of, settled_pool
from huikuan_credit.exposure import counts_from, members, missing_parts, parts_of
from huikuan_credit.hookspecs import credit_payment_facts
from huikuan_credit.judging import judge, worst
from huikuan_credit.limits import in_force
from huikuan_credit.models import Balance, Decision, Position
from huikuan_credit.rules import anything_checked, rules_for
from huikuan_credit.snapshots import Checkpoint, Facts, Finding, Inputs, PaymentFacts, RuleInput, RuleKind, RuleLevel
from huikuan_credit.telling import refusal_of
from huikuan_credit.terms import Agreed, class_terms, days_longer
from huikuan_customers.snapshots import PaymentTermsSnapshot

__all__ = ["Assessment", "Document", "assess", "assessed", "decision", "keep", "refusals"]

ZERO = Decimal(0)
ABOUT_PAYMENT = {RuleKind.DAYS_OVERDUE, RuleKind.OVERDUE_AMOUNT, RuleKind.OLDEST_ITEM, RuleKind.DUNNING_LEVEL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What credit is asked about.

    ``increase`` is what it adds to what is owed from its shipping day on; ``already`` what of it is owed by its
    order, and counts from now on where the order lay beyond the horizon.
    """

    type: str
    id: UUID
    bill_to_id: UUID
    currency: str
    amount: Decimal
    increase: Decimal
    already: Decimal = ZERO
    ships_on: date | None = None
    position: Position | None = None
    prepaid: Callable[[], Decimal] = field(default=lambda: ZERO)
    agreed: Agreed | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was found out about a document."""

    document: Document
    pool: Pool
    balance: Balance | None
    inputs: Inputs
    findings: Sequence[Finding]


def assess(ctx: Context, checkpoint: Checkpoint, document: Document) -> Assessment | None:
    """Judge a document; None where nothing is checked. A fixed number of statements, whatever the history."""
    if not anything_checked(ctx, checkpoint):
        return None
    pool = settled_pool(ctx, document.bill_to_id)
    version, rules = rules_for(ctx, checkpoint, pool.class_id)
    if not rules:
        return None
    balance = None if pool.account_id is None else balance_of(ctx, pool.account_id, document.currency)
    inputs = _inputs(ctx, checkpoint, document, pool, balance, version, rules)
    found = Assessment(document, pool, balance, inputs, judge(inputs))
    ctx.memory[_key(document.id)] = found
    return found


def _inputs(
    ctx: Context,
    checkpoint: Checkpoint,
    document: Document,
    pool: Pool,
    balance: Balance | None,
    version: int,
    rules: Sequence[RuleInput],
) -> Inputs:
    limits = in_force(ctx, pool, document.currency)
    until = counts_from(ctx)
    far = until is not None and document.ships_on is not None and document.ships_on > until
    kinds = {rule.kind for rule in rules}
    bound = class_terms(ctx, pool.class_id) if document.agreed is not None and RuleKind.TERMS in kinds else None
    return Inputs(
        checkpoint=checkpoint,
        today=ctx.today,
        currency=document.currency,
        document=document.amount,
        increase=document.already if far else document.increase,
        parts=parts_of(ctx, pool, balance, document.currency),
        limit=None if limits.limit is None else limits.limit.amount,
        limit_level=limits.level,
        covers=limits.covers,
        expired_on=limits.expired_on,
        elsewhere=limits.elsewhere,
        facts=_facts(ctx, pool, document.currency) if kinds & ABOUT_PAYMENT else Facts(),
        rules=tuple(rules),
        prepaid=document.prepaid() if RuleKind.PREPAYMENT in kinds else ZERO,
        counts_from=until,
        missing=missing_parts(ctx),
        rule_version=version,
        terms=None if document.agreed is None else document.agreed.code,
        terms_of_class=None if bound is None else bound.code,
        terms_longer=0 if bound is None else _longer(document, bound),
    )


def _longer(document: Document, bound: PaymentTermsSnapshot) -> int:
    """By how many days a document's terms are longer than those of the class."""
    agreed, total = document.agreed, Money(document.amount, document.currency)
    return 0 if agreed is None else days_longer(agreed.terms, bound.terms, total, agreed.on)


def _facts(ctx: Context, pool: Pool, currency: str) -> Facts:
    """How the family pays: amounts in the document's currency, days and levels in any."""
    found: list[PaymentFacts] = ctx.collect(credit_payment_facts, customer_ids=members(ctx, pool))
    return Facts(
        days_overdue=max((item.days_overdue for item in found), default=0),
        overdue=sum((item.overdue for item in found if item.currency == currency), ZERO),
        oldest_days=max((item.oldest_days for item in found), default=0),
        dunning_level=max((item.dunning_level for item in found), default=0),
    )


def refusals(ctx: Context, checkpoint: Checkpoint, document: Document) -> list[Refusal]:
    """What credit says of a document."""
    found = assess(ctx, checkpoint, document)
    return [] if found is None else [_refusal(ctx, found, finding) for finding in found.findings]


def _refusal(ctx: Context, found: Assessment, finding: Finding) -> Refusal:
    inputs, pool = found.inputs, found.pool
    owner = pool.group_id if pool.shared else pool.head
    return refusal_of(
        inputs,
        finding,
        release=_approver(ctx, finding.excess if finding.excess is not None else inputs.document),
        owners=[str(id) for id in (owner, pool.group_id) if id is not None],
        document={"type": found.document.type, "id": found.document.id},
    )


def _approver(ctx: Context, excess: Decimal) -> str:
    """Who may approve: the larger the amount, the fewer."""
    if excess >= Decimal(ctx.setting("credit.any_from")):
        return "credit.approve_any"
    return "credit.approve_large" if excess >= Decimal(ctx.setting("credit.large_from")) else "credit.approve"


def assessed(ctx: Context, document_id: UUID) -> Assessment | None:
    """What was found out about a document in this unit of work; told once, for what follows changes it."""
    found: Assessment | None = ctx.memory.pop(_key(document_id), None)
    return found


def keep(ctx: Context, found: Assessment | None, account_id: UUID) -> None:
    """Keep the decision about a document that has passed."""
    if found is not None:
        document = found.document
        ctx.add(decision((document.type, document.id), ctx.now, account_id, found.inputs, passed=True))


def decision(
    document: tuple[str, UUID], at: datetime, account_id: UUID | None, inputs: Inputs, *, passed: bool
) -> Decision:
    """The row of a decision; what passes against a rule that asks for approval was approved."""
    findings = judge(inputs)
    level = worst(findings)
    return Decision(
        account_id=account_id,
        at=at,
        checkpoint=inputs.checkpoint,
        document_type=document[0],
        document_id=document[1],
        passed=passed,
        level=level,
        approved=passed and level is RuleLevel.APPROVE,
        currency=inputs.currency,
        before=inputs.before,
        after=inputs.after,
        bound=inputs.bound,
        rule_version=inputs.rule_version,
        inputs=encode(inputs),
        findings=encode(findings),
    )


def _key(document_id: UUID) -> tuple[str, UUID]:
    return "credit.assessment", document_id
