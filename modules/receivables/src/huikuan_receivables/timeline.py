"""A customer's timeline: what all modules know of it in one feed, the newest first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, true

from huikuan.context import Context
from huikuan_receivables.hookspecs import receivables_timeline_parts
from huikuan_receivables.snapshots import TimelineEntry, TimelineKind, TimelineMark

__all__ = ["before_day", "before_time", "beginning", "day_of", "mark_at", "timeline"]


def timeline(
    ctx: Context,
    customer_id: UUID,
    *,
    kinds: Collection[TimelineKind] | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[tuple[datetime, TimelineEntry]]:
    """One page of the feed, each entry with its time. Each source is asked for one page, and no more."""
    wanted = frozenset(kinds if kinds is not None else TimelineKind)
    mark = mark_at(ctx, *after) if after is not None else None
    parts: Sequence[TimelineEntry] = ctx.collect(
        receivables_timeline_parts, customer_id=customer_id, kinds=wanted, before=mark, limit=limit
    )
    found = [(entry.at or beginning(ctx, entry.on), entry) for entry in parts if entry.kind in wanted]
    if after is not None:
        found = [(at, entry) for at, entry in found if (at, entry.id) < after]
    found.sort(key=lambda it: (it[0], it[1].id), reverse=True)
    return found[:limit]


def mark_at(ctx: Context, at: datetime, id: UUID) -> TimelineMark:
    """The place of an entry."""
    day = day_of(ctx, at)
    return TimelineMark(at=at, id=id, day=day, midnight=at == beginning(ctx, day))


def beginning(ctx: Context, day: date) -> datetime:
    """When a day of the tenant begins."""
    return datetime.combine(day, time(), _zone(ctx)).astimezone(ZoneInfo("UTC"))


def day_of(ctx: Context, at: datetime) -> date:
    """The tenant's day of a time."""
    return at.astimezone(_zone(ctx)).date()


def before_day(on: Any, id: Any, mark: TimelineMark | None) -> Any:
    """The condition for rows before a place, of which only the day is known."""
    if mark is None:
        return true()
    if not mark.midnight:
        return on < mark.day + timedelta(days=1)
    return and_(on <= mark.day, or_(on < mark.day, id < mark.id))


def before_time(at: Any, id: Any, mark: TimelineMark | None) -> Any:
    """The condition for rows before a place, of which the time is known."""
    if mark is None:
        return true()
    return and_(at <= mark.at, or_(at < mark.at, id < mark.id))


def _zone(ctx: Context) -> ZoneInfo:
    return ZoneInfo(str(ctx.setting("kernel.timezone")))
