"""Matches of many lines, gathered and written at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from huikuan.context import Context
from huikuan.ids import new_id
from huikuan_receivables.banking.facts import LineFacts
from huikuan_receivables.banking.posting import Order, post_line
from huikuan_receivables.changes import Changes
from huikuan_receivables.events import BankLineMatched
from huikuan_receivables.matching import Proposal
from huikuan_receivables.models import BankLine, BankMatch, BankMatchPart
from huikuan_receivables.snapshots import BankLineStatus, MatchKind, MatchStatus, Share

__all__ = ["Matches"]

PAGE = 5_000
LONGEST = 500


class Matches:
    """What a run found, line by line."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._matches: list[dict[str, Any]] = []
        self._parts: list[dict[str, Any]] = []
        self.posted: list[UUID] = []
        self.proposed: list[UUID] = []
        self.nothing: list[UUID] = []

    def forget_proposals(self, line_ids: Collection[UUID]) -> None:
        """What an earlier run proposed and nobody decided."""
        for page in _pages(list(line_ids)):
            old = delete(BankMatch).where(
                BankMatch.status == MatchStatus.PROPOSED, self._ctx.among(BankMatch.line_id, page)
            )
            self._ctx.execute(old.execution_options(synchronize_session=False))

    def propose(self, line: LineFacts, proposals: Iterable[Proposal]) -> None:
        """Keep proposals; without any, nobody knows what the line pays."""
        found = [self._row(line, proposal, MatchStatus.PROPOSED) for proposal in proposals]
        (self.proposed if found else self.nothing).append(line.id)

    def post(self, line: LineFacts, proposal: Proposal, payment_id: UUID) -> None:
        """A payment that is being written with many others."""
        ctx = self._ctx
        row = self._row(line, proposal, MatchStatus.POSTED)
        row |= {"payment_id": payment_id, "automatic": True, "decided_at": ctx.now}
        self.posted.append(line.id)
        assert proposal.customer_id is not None
        ctx.emit(
            BankLineMatched(
                bank_line_id=line.id,
                match_id=row["id"],
                kind=MatchKind.PAYMENT,
                payment_id=payment_id,
                refund_id=None,
                customer_id=proposal.customer_id,
                rule=proposal.rule,
                score=proposal.score,
                automatic=True,
                amount=line.amount,
            )
        )

    def post_singly(self, line: LineFacts, proposal: Proposal) -> None:
        """A payment that takes more than money: what is written, is written now."""
        ctx, changes = self._ctx, Changes(self._ctx)
        assert proposal.customer_id is not None
        match = BankMatch(
            line_id=line.id,
            rule=proposal.rule,
            score=proposal.score,
            reason=proposal.reason[:LONGEST],
            customer_id=proposal.customer_id,
            bank_rule_id=proposal.by.id if proposal.by is not None else None,
        )
        order = Order(
            customer_id=proposal.customer_id,
            shares=[Share(item_id=part.item.item_id, amount=part.amount) for part in proposal.parts],
            rule=proposal.rule,
            score=proposal.score,
            reason=proposal.reason[:LONGEST],
            automatic=True,
            given_up={part.item.item_id: part.given_up for part in proposal.parts if part.given_up},
            cause=proposal.by.cause if proposal.by is not None else None,
        )
        post_line(ctx, changes, line, match, order)
        changes.finish()
        self._parts += _part_rows(match.id, proposal)
        self.posted.append(line.id)

    def write(self) -> None:
        """Insert matches and parts; the lines say what became of them."""
        ctx = self._ctx
        ctx.flush()
        ctx.insert(BankMatch, self._matches)
        ctx.insert(BankMatchPart, self._parts)
        for status, ids in (
            (BankLineStatus.POSTED, self.posted),
            (BankLineStatus.PROPOSED, self.proposed),
            (BankLineStatus.OPEN, self.nothing),
        ):
            for page in _pages(ids):
                lines = update(BankLine).where(ctx.among(BankLine.id, page)).values(status=status, tried_at=ctx.now)
                ctx.execute(lines.execution_options(synchronize_session=False))

    def _row(self, line: LineFacts, proposal: Proposal, status: MatchStatus) -> dict[str, Any]:
        row: dict[str, Any] = {
            "id": new_id(),
            "line_id": line.id,
            "kind": MatchKind.PAYMENT,
            "status": status,
            "rule": proposal.rule,
            "score": proposal.score,
            "reason": proposal.reason[:LONGEST],
            "customer_id": proposal.customer_id,
            "automatic": False,
            "bank_rule_id": proposal.by.id if proposal.by is not None else None,
            "payment_id": None,
            "refund_id": None,
            "bounce_id": None,
            "rest": proposal.rest,
            "dispute_id": None,
            "decided_at": None,
            "undone_at": None,
            "undo_reason": None,
        }
        self._matches.append(row)
        self._parts += _part_rows(row["id"], proposal)
        return row


def _part_rows(match_id: UUID, proposal: Proposal) -> list[dict[str, Any]]:
    return [
        {
            "match_id": match_id,
            "position": position,
            "item_id": part.item.item_id,
            "currency": part.item.currency,
            "amount": part.amount,
            "given_up": part.given_up,
            "allocation_id": None,
        }
        for position, part in enumerate(proposal.parts, 1)
    ]


def _pages(ids: Sequence[UUID]) -> Iterable[Sequence[UUID]]:
    return (ids[start : start + PAGE] for start in range(0, len(ids), PAGE))
