"""Holds: refusals that somebody with the right permission may release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import or_, select, update

from huikuan.codec import encode
from huikuan.core.events import HoldPlaced
from huikuan.core.models import Hold, HoldStatus
from huikuan.db.locks import LockKey
from huikuan.errors import Refusal

if TYPE_CHECKING:
    from huikuan.commands import Command
    from huikuan.context import Context
    from huikuan.work import HoldRequest

__all__ = ["HOLD_RANK", "HoldDesk"]

HOLD_RANK = 5


class HoldDesk:
    """Places, finds and supersedes holds inside a command's transaction."""

    def released(self, ctx: Context, subject_id: UUID, refusal: Refusal, pin: str) -> bool:
        """Whether an approval for exactly this subject, code and pin is in force.

        Where the refusal names who must release it, an approval by anybody else does not count.
        """
        statement = select(Hold.id).where(
            Hold.subject_id == subject_id,
            Hold.code == refusal.code,
            Hold.pin == pin,
            Hold.status == HoldStatus.RELEASED,
            or_(Hold.expires_at.is_(None), Hold.expires_at > ctx.now),
        )
        if refusal.release is not None:
            statement = statement.where(Hold.permission == refusal.release)
        return ctx.scalar(statement) is not None

    def place(
        self,
        ctx: Context,
        command: Command[..., Any],
        arguments: Mapping[str, Any],
        refusals: Sequence[Refusal],
    ) -> tuple[Refusal, ...]:
        """Write the holds that the command asked for; refusals come back naming theirs."""
        by_refusal = {id(request.refusal): request for request in ctx.work.holds}
        placed = []
        for refusal in refusals:
            request = by_refusal.get(id(refusal))
            permission = ctx.composition.codes[refusal.code][0].release
            if request is None or permission is None:
                placed.append(refusal)
                continue
            hold = self._upsert(ctx, command, arguments, request, refusal.release or permission)
            placed.append(refusal.stamped(hold_id=hold.id))
        ctx.work.holds.clear()
        return tuple(placed)

    def lock_key(self, hold_id: UUID) -> LockKey:
        """Deciding a hold comes before anything the held command locks."""
        return LockKey(HOLD_RANK, Hold, hold_id)

    def supersede(self, ctx: Context, subject_id: UUID, command: str) -> None:
        """The subject passed: what was still open for this command is moot."""
        ctx.execute(
            update(Hold)
            .where(Hold.subject_id == subject_id, Hold.command == command, Hold.status == HoldStatus.OPEN)
            .values(status=HoldStatus.SUPERSEDED, decided_at=ctx.now, decided_by=ctx.actor.id)
            .execution_options(synchronize_session=False)
        )

    def _upsert(
        self,
        ctx: Context,
        command: Command[..., Any],
        arguments: Mapping[str, Any],
        request: HoldRequest,
        permission: str,
    ) -> Hold:
        refusal = request.refusal
        hold = ctx.find(
            Hold,
            subject_id=request.subject_id,
            code=refusal.code,
            command=command.name,
            status=HoldStatus.OPEN,
        )
        if hold is not None and hold.pin != request.pin:  # whoever looks at the old figures releases no others
            hold.status, hold.decided_at, hold.decided_by = HoldStatus.SUPERSEDED, ctx.now, ctx.actor.id
            ctx.flush()
            hold = None
        days = int(ctx.setting("kernel.hold_expiry_days"))
        if hold is None:
            hold = ctx.add(
                Hold(
                    subject_type=request.subject_type,
                    subject_id=request.subject_id,
                    command=command.name,
                    code=refusal.code,
                    module=refusal.module or "kernel",
                    permission=permission,
                    placed_by=ctx.actor.id,
                    status=HoldStatus.OPEN,
                )
            )
            ctx.emit(
                HoldPlaced(
                    hold_id=hold.id,
                    subject_type=request.subject_type,
                    subject_id=request.subject_id,
                    code=refusal.code,
                )
            )
        hold.permission = permission
        hold.message = refusal.message
        hold.arguments = encode(arguments)
        hold.evidence = encode(refusal.data)
        hold.pin = request.pin
        hold.expires_at = request.expires_at or ctx.now + timedelta(days=days)
        return hold
