"""The lines of a run by which money went out: looked at once to know what to lock, and again when that is done.

What decides is the second look, after the run's incoming lines are posted: money that came and went in one statement is
known by then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from huikuan.context import Context
from huikuan.errors import Refused
from huikuan.ids import new_id
from huikuan_receivables.banking.facts import UNSETTLED, LineFacts, line_facts, undone
from huikuan_receivables.banking.leavings import leavings_for, rejected_of
from huikuan_receivables.banking.payers import Payers, payers_for
from huikuan_receivables.banking.returning import post_outgoing, touched
from huikuan_receivables.matching import (
    Leavings,
    OutgoingLine,
    OutgoingProposal,
    OutgoingVerdict,
    Policy,
    account_key,
    propose_outgoing,
)
from huikuan_receivables.models import BankLine, BankMatch
from huikuan_receivables.snapshots import BankLineStatus, MatchKind, MatchStatus

__all__ = ["NOTE", "Outgoing"]

NOTE = "The money went out."
PAGE = 5_000


@dataclass(slots=True)
class Outgoing:
    """What a run makes of lines by which money went out."""

    ctx: Context
    lines: Sequence[LineFacts]
    policy: Policy
    posted: list[UUID] = field(default_factory=list)
    proposed: list[UUID] = field(default_factory=list)
    nothing: list[UUID] = field(default_factory=list)
    changed: int = 0
    _rows: list[dict[str, Any]] = field(default_factory=list)

    def accounts(self) -> set[UUID]:
        """Whose accounts what is certain touches, as it looks before anything is locked."""
        look = _Look(self.ctx, self.lines, self.policy)
        found: set[UUID] = set()
        for line in self.lines:
            certain = look.verdict(line).certain
            if certain is not None and line.id not in look.by_hand:
                look.leavings.take(certain.gone)
                found |= touched(self.ctx, _match(line, certain))
        return found

    def decide(self) -> None:
        """Post what is certain, keep proposals of the rest, set aside what nothing is known of; all is locked."""
        ctx = self.ctx
        now = line_facts(ctx, [line.id for line in self.lines])
        free = [now[line.id] for line in self.lines if _is_free(now[line.id])]
        self.changed += len(self.lines) - len(free)
        self._forget_proposals([line.id for line in free if line.status is BankLineStatus.PROPOSED])
        look = _Look(ctx, free, self.policy)
        for line in free:
            verdict = look.verdict(line)
            if verdict.certain is not None and self._may_post(line, look) and self._post(line, verdict.certain):
                look.leavings.take(verdict.certain.gone)
            else:
                self._propose(line, verdict.proposals)
        self._write()

    def _may_post(self, line: LineFacts, look: _Look) -> bool:
        return line.id not in look.by_hand and line.on <= self.ctx.today

    def _post(self, line: LineFacts, proposal: OutgoingProposal) -> bool:
        """Post a line if its accounts are locked, and nothing refuses."""
        match = _match(line, proposal)
        held = {key.id for key in self.ctx.work.locked or ()}
        if not touched(self.ctx, match) <= held:
            self.changed += 1  # somebody was faster; the next run knows
            return False
        try:
            with self.ctx.savepoint():
                post_outgoing(self.ctx, line, match, automatic=True)
        except Refused:
            return False
        self.posted.append(line.id)
        return True

    def _propose(self, line: LineFacts, proposals: Iterable[OutgoingProposal]) -> None:
        found = [_row(line, proposal) for proposal in proposals]
        self._rows += found
        (self.proposed if found else self.nothing).append(line.id)

    def _forget_proposals(self, line_ids: Sequence[UUID]) -> None:
        """What an earlier run proposed and nobody decided."""
        for page in _pages(line_ids):
            old = delete(BankMatch).where(
                BankMatch.status == MatchStatus.PROPOSED, self.ctx.among(BankMatch.line_id, page)
            )
            self.ctx.execute(old.execution_options(synchronize_session=False))

    def _write(self) -> None:
        self.ctx.flush()
        self.ctx.insert(BankMatch, self._rows)
        for status, ids, note in (
            (BankLineStatus.POSTED, self.posted, None),
            (BankLineStatus.PROPOSED, self.proposed, None),
            (BankLineStatus.IGNORED, self.nothing, NOTE),
        ):
            for page in _pages(ids):
                lines = update(BankLine).where(self.ctx.among(BankLine.id, page))
                lines = lines.values(status=status, tried_at=self.ctx.now, note=note)
                self.ctx.execute(lines.execution_options(synchronize_session=False))


class _Look:
    """What there is to know of lines at one time."""

    def __init__(self, ctx: Context, lines: Sequence[LineFacts], policy: Policy) -> None:
        ids = [line.id for line in lines]
        self._policy = policy
        self.leavings: Leavings = leavings_for(ctx, lines)
        self._payers: Payers = payers_for(ctx, lines, self.leavings.customer_ids)
        self._rejected: Mapping[UUID, Collection[UUID]] = rejected_of(ctx, ids)
        self.by_hand: Collection[UUID] = undone(ctx, ids)

    def verdict(self, line: LineFacts) -> OutgoingVerdict:
        """What the ladder says of a line."""
        asked = OutgoingLine(
            on=line.on,
            amount=-line.amount.amount,
            currency=line.amount.currency,
            reference=line.remittance or "",
            text=line.text,
            booking=line.reference or "",
            account=account_key(line.payer_account or ""),
            payers=self._payers.of(line),
        )
        return propose_outgoing(asked, self.leavings, self._policy, self._rejected.get(line.id, ()))


def _is_free(line: LineFacts) -> bool:
    return line.status in UNSETTLED or line.set_aside


def _match(line: LineFacts, proposal: OutgoingProposal) -> BankMatch:
    """The match that a proposal is, not yet written."""
    return BankMatch(**_said(line, proposal))


def _row(line: LineFacts, proposal: OutgoingProposal) -> dict[str, Any]:
    """The same as a proposal, to be written with many others."""
    return {
        **_said(line, proposal),
        "id": new_id(),
        "status": MatchStatus.PROPOSED,
        "automatic": False,
        "bank_rule_id": None,
        "bounce_id": None,
        "rest": 0,
        "dispute_id": None,
        "decided_at": None,
        "undone_at": None,
        "undo_reason": None,
    }


def _said(line: LineFacts, proposal: OutgoingProposal) -> dict[str, Any]:
    gone = proposal.gone
    returned = gone.kind is MatchKind.RETURN
    return {
        "line_id": line.id,
        "kind": gone.kind,
        "payment_id": gone.id if returned else None,
        "refund_id": None if returned else gone.id,
        "rule": proposal.rule,
        "score": proposal.score,
        "reason": proposal.reason,
        "customer_id": gone.customer_id,
    }


def _pages(ids: Sequence[UUID]) -> Iterable[Sequence[UUID]]:
    return (ids[start : start + PAGE] for start in range(0, len(ids), PAGE))
