"""What must always be true of credit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from huikuan.codec import decode, encode
from huikuan.context import Context
from huikuan.core.models import Hold, HoldStatus
from huikuan.invariants import Invariant
from huikuan_credit.judging import judge, worst
from huikuan_credit.ledger import COLUMNS
from huikuan_credit.models import Balance, Decision, Entry, Limit, Position
from huikuan_credit.snapshots import Inputs, LimitKind, Part, RuleLevel
from huikuan_credit.telling import code_of

__all__ = ["INVARIANTS", "replayed"]

ZERO = Decimal(0)
CHECKED = ("confirm", "change", "reopen")
"""What raises exposure by a decision."""

Key = tuple[UUID, str, Part]


def _balances(ctx: Context) -> Sequence[UUID]:
    """Balance, entries and positions of an account come to the same, part by part."""
    stored: dict[Key, Decimal] = {}
    for row in ctx.scalars(select(Balance)):
        for part, column in COLUMNS.items():
            stored[row.account_id, row.currency, part] = getattr(row, column)
    wrong: dict[UUID, None] = {}
    for sums in (_entries(ctx), _positions(ctx)):
        for key in sorted(stored.keys() | sums.keys(), key=str):
            if stored.get(key, ZERO) != sums.get(key, ZERO):
                wrong[key[0]] = None
    return list(wrong)


def _entries(ctx: Context) -> dict[Key, Decimal]:
    columns = (Entry.account_id, Entry.currency, Entry.part)
    rows = ctx.rows(select(*columns, func.sum(Entry.amount).label("amount")).group_by(*columns))
    return {(row.account_id, row.currency, row.part): row.amount for row in rows}


def _positions(ctx: Context) -> dict[Key, Decimal]:
    found: dict[Key, Decimal] = {}
    sums: list[Any] = [func.sum(getattr(Position, column)).label(column) for column in COLUMNS.values()]
    rows = ctx.rows(
        select(Position.account_id, Position.currency, *sums).group_by(Position.account_id, Position.currency)
    )
    for row in rows:
        for part, column in COLUMNS.items():
            found[row.account_id, row.currency, part] = getattr(row, column)
    return found


def _signs(ctx: Context) -> Sequence[UUID]:
    wrong = (Position.ordered < 0) | (Position.shipped < 0) | (Position.deposits < 0) | (Position.unapplied > 0)
    return ctx.scalars(select(Position.id).where(wrong).order_by(Position.id))


def _decisions(ctx: Context) -> Sequence[UUID]:
    """Judged again, every decision is what it was."""
    return [row.id for row in ctx.scalars(select(Decision).order_by(Decision.id)) if not replayed(row)]


def replayed(row: Decision) -> bool:
    """Whether a decision, judged again by its inputs, gives what is stored."""
    inputs: Inputs = decode(Inputs, row.inputs)
    findings = judge(inputs)
    return (
        encode(findings) == row.findings
        and (worst(findings), inputs.before, inputs.after, inputs.bound)
        == (row.level, row.before, row.after, row.bound)
        and inputs.rule_version == row.rule_version
    )


def _approved(ctx: Context) -> Sequence[UUID]:
    """I3: what passed against a rule that asks for approval was approved, and what is blocked never passed."""
    broken = []
    released = _released(ctx)
    for row in ctx.scalars(select(Decision).where(Decision.passed.is_(True)).order_by(Decision.id)):
        findings = [found for found in judge(decode(Inputs, row.inputs)) if found.level is not RuleLevel.WARN]
        blocked = any(found.level is RuleLevel.BLOCK for found in findings)
        if blocked or any((row.document_id, code_of(found).code) not in released for found in findings):
            broken.append(row.id)
    return broken


def _released(ctx: Context) -> set[tuple[UUID, str]]:
    rows = ctx.rows(
        select(Hold.subject_id, Hold.code).where(Hold.status == HoldStatus.RELEASED, Hold.module == "credit")
    )
    return {(row.subject_id, row.code) for row in rows}


def _asked(ctx: Context) -> Sequence[UUID]:
    """No command bound an order past credit: where the ledger rose by one, a decision stands beside it."""
    rows = ctx.rows(select(Entry.id, Entry.source_id, Entry.at).where(Entry.event.in_(CHECKED), Entry.amount > 0))
    decided = {(row.document_id, row.at) for row in ctx.rows(select(Decision.document_id, Decision.at))}
    return [row.id for row in rows if (row.source_id, row.at) not in decided]


def _limits(ctx: Context) -> Sequence[UUID]:
    """Covers end by themselves or are taken back; of limits of one owner and currency only one has no successor."""
    rows = ctx.scalars(select(Limit).where(Limit.kind == LimitKind.LIMIT, Limit.ended_at.is_(None)))
    seen: set[tuple[Any, ...]] = set()
    broken = []
    for row in rows:
        key = (row.customer_id, row.group_id, row.currency, row.valid_from)
        if key in seen or (row.valid_until is not None and row.valid_until < row.valid_from):
            broken.append(row.id)
        seen.add(key)
    return broken


INVARIANTS = (
    Invariant("credit.balances", "What an account owes is the sum of its entries and of its positions.", _balances),
    Invariant("credit.signs", "Nothing is owed less than nothing, but by what was paid in advance.", _signs),
    Invariant("credit.decisions", "Every decision, judged again, is what it was.", _decisions),
    Invariant("credit.approved", "Nothing passed above a limit or against a rule without its approval.", _approved),
    Invariant("credit.asked", "Wherever an order raised what is owed, credit was asked.", _asked),
    Invariant("credit.limits", "No two limits of one owner and currency begin on the same day.", _limits),
)
