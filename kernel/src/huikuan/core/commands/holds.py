"""Deciding holds."""

from __future__ import annotations

from dataclasses import dataclass

from huikuan.commands import command
from huikuan.context import Context
from huikuan.core.errors import HOLD_DECIDED, HOLD_SELF_RELEASE
from huikuan.core.events import HoldDecided
from huikuan.core.models import Hold, HoldStatus
from huikuan.errors import Forbidden, Refusal, Refused
from huikuan.values import AnyNode, Id

__all__ = ["HoldDecision", "hold_recheck", "hold_reject", "hold_release"]


@dataclass(frozen=True)
class HoldDecision:
    """The decided hold and what it was about."""

    hold: Hold
    subject: AnyNode


@command(permission=None, idempotency="natural")
def hold_release(ctx: Context, id: Id[Hold], reason: str) -> HoldDecision:
    """Release a hold and run the held command again: every check is asked anew, only this code is waived.

    What else stands in the way comes back as refusals; the release itself stays.
    """
    hold = _decide(ctx, id, HoldStatus.RELEASED, reason)
    _run_again(ctx, hold)
    return HoldDecision(hold, AnyNode(hold.subject_type, hold.subject_id))


@command(permission=None, idempotency="natural")
def hold_recheck(ctx: Context, id: Id[Hold]) -> HoldDecision:
    """Run a held command again without waiving anything: what passes by now is done, the rest stays held.

    Whoever may run the held command, or decide the hold, may ask for it.
    """
    ctx.lock([ctx.composition.holds.lock_key(id)])
    hold = ctx.get(Hold, id)
    permission = ctx.composition.command(hold.command).permission
    if not (permission is None or ctx.actor.may(permission) or ctx.actor.may(hold.permission)):
        raise Forbidden(f"This needs the permission {permission}.", permission=permission)
    _refuse_decided(ctx, hold)
    _run_again(ctx, hold)
    return HoldDecision(hold, AnyNode(hold.subject_type, hold.subject_id))


def _run_again(ctx: Context, hold: Hold) -> None:
    command_ = ctx.composition.command(hold.command)
    outer, ctx.command = ctx.command, command_.name
    # The hold's row was the first lock; the held command takes its own after it.
    ctx.work.locked = None
    try:
        # A savepoint: should the held command refuse after it wrote, its writes go and the release stays.
        with ctx.savepoint():
            command_(ctx, **ctx.composition.resolve_arguments(ctx, command_, hold.arguments))
            ctx.settle_holds()
    except Refused as error:
        ctx.work.remaining.extend(ctx.composition.holds.place(ctx, command_, hold.arguments, error.refusals))
    finally:
        ctx.command = outer


@command(permission=None, idempotency="natural")
def hold_reject(ctx: Context, id: Id[Hold], reason: str) -> HoldDecision:
    """Reject a hold: the held command stays undone."""
    hold = _decide(ctx, id, HoldStatus.REJECTED, reason)
    return HoldDecision(hold, AnyNode(hold.subject_type, hold.subject_id))


def _decide(ctx: Context, id: Id[Hold], status: HoldStatus, reason: str) -> Hold:
    ctx.lock([ctx.composition.holds.lock_key(id)])
    hold = ctx.get(Hold, id)
    if not ctx.actor.may(hold.permission):
        raise Forbidden(f"This needs the permission {hold.permission}.", permission=hold.permission)
    _refuse_decided(ctx, hold)
    if hold.placed_by == ctx.actor.id and not _may_decide_own(ctx, hold):
        ctx.refuse(Refusal(HOLD_SELF_RELEASE, "Who asked for the command cannot release its hold."))
    hold.status = status
    hold.decided_by = ctx.actor.id
    hold.decided_at = ctx.now
    hold.reason = reason
    ctx.flush()
    ctx.emit(
        HoldDecided(
            hold_id=hold.id,
            subject_type=hold.subject_type,
            subject_id=hold.subject_id,
            code=hold.code,
            status=status.name,
        )
    )
    return hold


def _refuse_decided(ctx: Context, hold: Hold) -> None:
    lapsed = hold.expires_at is not None and hold.expires_at <= ctx.now
    if hold.status is not HoldStatus.OPEN or lapsed:
        ctx.refuse(Refusal(HOLD_DECIDED, f"This hold is {'lapsed' if lapsed else hold.status.name.lower()}."))


def _may_decide_own(ctx: Context, hold: Hold) -> bool:
    found = ctx.composition.codes.get(hold.code)  # its module may be disabled by now
    return bool(ctx.setting("kernel.hold_self_release")) and not (found is not None and found[0].four_eyes)
