"""What is asked of a line and of its proposals before somebody decides, and what becomes of the others."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan.errors import Refusal
from huikuan_receivables.banking.facts import UNSETTLED, LineFacts, line_facts
from huikuan_receivables.errors import LINE_IGNORED, LINE_SETTLED, MATCH_ENDED
from huikuan_receivables.models import BankMatch
from huikuan_receivables.snapshots import BankLineStatus, MatchStatus

__all__ = ["check_proposed", "drop_proposals", "open_line", "refuse_settled"]


def open_line(ctx: Context, line_id: UUID) -> LineFacts:
    """The line, if it may be posted; one that went out and was set aside by a run may, too."""
    line = line_facts(ctx, [line_id])[line_id]
    if line.status is BankLineStatus.IGNORED and not line.set_aside:
        ctx.refuse(
            Refusal(LINE_IGNORED, "The line is ignored.", field="line", advice="Take that back by bankLineIgnore.")
        )
    if line.status not in (*UNSETTLED, BankLineStatus.IGNORED):
        refuse_settled(ctx, line.status)
    return line


def refuse_settled(ctx: Context, status: BankLineStatus) -> None:
    """Say that the line is posted."""
    ctx.refuse(
        Refusal(
            LINE_SETTLED,
            "What the line tells of is in the ledger already.",
            field="line",
            advice="Take its match back by bankMatchUndo first.",
            status=status.name,
        )
    )


def check_proposed(ctx: Context, match: BankMatch) -> None:
    """Refuse to decide what is no proposal any more."""
    if match.status is not MatchStatus.PROPOSED:
        ctx.refuse(
            Refusal(
                MATCH_ENDED,
                f"The match is {match.status.name}; only a proposal can be decided.",
                field="id",
                advice="Look at the line's other matches.",
            )
        )


def drop_proposals(ctx: Context, line_id: UUID, besides: UUID | None) -> None:
    """Something else was decided."""
    for other in ctx.scalars(
        select(BankMatch).where(BankMatch.line_id == line_id, BankMatch.status == MatchStatus.PROPOSED)
    ):
        if other.id != besides:
            other.status = MatchStatus.DROPPED
