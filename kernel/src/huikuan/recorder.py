"""What a command leaves behind besides its effect: one audit row and its events, or none of all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import func, inspect, select

from huikuan.codec import encode
from huikuan.commands import Command
from huikuan.composition import HIDDEN
from huikuan.context import Context
from huikuan.core.models import AuditEntry, Delivery, IdempotencyRecord, Job, OutboxEvent, Relay
from huikuan.db import GuardedSession, TenantModel
from huikuan.db.writes import insert_rows
from huikuan.errors import Refusal
from huikuan.events import Event, event_name
from huikuan.ids import new_id

__all__ = ["changes", "payload", "refusal", "write"]

# The kernel's own records of work are no business data: they would only repeat the audit row.
BOOKKEEPING = (AuditEntry, Delivery, IdempotencyRecord, Job, OutboxEvent, Relay)
IDS_AT_ONCE = 200
_NOT_AUDITED = frozenset({"tenant_id", "id", "created_at", "updated_at"})


def payload(command: Command[..., Any], value: Any) -> dict[str, Any]:
    """The result as stored: a model becomes its id, a plain value its JSON form."""
    found: dict[str, Any] = {}
    for field, item in zip(command.payload, command.payload_values(value).values(), strict=True):
        if field.model is None:
            found[field.name] = encode(item)
        elif field.many:
            found[field.name] = [str(row.id) for row in item]
        else:
            found[field.name] = None if item is None else str(item.id)
    return found


def refusal(item: Refusal) -> dict[str, Any]:
    """A refusal as stored with the outcome and in the audit row."""
    return {
        "code": item.code,
        "message": item.message,
        "level": item.level.value,
        "field": item.field,
        "advice": item.advice,
        "data": encode(item.data),
        "module": item.module,
        "hold": str(item.hold_id) if item.hold_id else None,
    }


def changes(session: GuardedSession) -> list[dict[str, Any]]:
    """Before and after of every row that this transaction wrote, personal data hidden."""
    session.flush()
    return list(session.info.get("changes", ()))


@sqlalchemy_event.listens_for(GuardedSession, "after_flush")
def _record(session: GuardedSession, _flush: Any) -> None:
    """While the flush still knows what was new and what it was before."""
    if session.info.get("tenant_id") is None:
        return
    found = session.info.setdefault("changes", [])
    for kind, rows in (("insert", session.new), ("update", session.dirty), ("delete", session.deleted)):
        for row in rows:
            if isinstance(row, TenantModel) and not isinstance(row, BOOKKEEPING) and (change := _row_change(row, kind)):
                found.append(change)


@lru_cache(maxsize=512)
def _audited(model: type[TenantModel]) -> tuple[tuple[str, bool], ...]:
    attributes = inspect(model).column_attrs
    return tuple(
        (item.key, bool(item.columns[0].info.get("pii"))) for item in attributes if item.key not in _NOT_AUDITED
    )


def _row_change(row: TenantModel, kind: str) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    if kind == "update":
        attributes = inspect(row).attrs
        for key, hidden in _audited(type(row)):
            history = attributes[key].history
            if history.has_changes():
                before = history.deleted[0] if history.deleted else None
                after = history.added[0] if history.added else None
                found[key] = [_shown(before, hidden), _shown(after, hidden)]
        if not found:
            return None
    else:
        for key, hidden in _audited(type(row)):
            value = getattr(row, key)
            if value is not None:
                found[key] = _shown(value, hidden)
    return {"table": row.__tablename__, "id": str(row.id), "kind": kind, "values": found}


def _shown(value: Any, hidden: bool) -> Any:
    if value is None:
        return None
    return HIDDEN if hidden else encode(value)


def write(
    ctx: Context,
    session: GuardedSession,
    command: Command[..., Any],
    arguments: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    changes: Sequence[Mapping[str, Any]] = (),
    refusals: Sequence[Refusal] = (),
) -> UUID:
    """Insert the audit row, one child row per nested command, and the outbox rows."""
    outcome = "REFUSED" if refusals else "DONE"
    subject = _subject(command, ctx.arguments, values)
    first = {
        **_audit_row(ctx, command, arguments, subject, outcome, None),
        "changes": list(changes),
        "refusals": [refusal(item) for item in refusals],
    }
    children = [] if refusals else _children(ctx, first["id"])
    insert_rows(session, AuditEntry, [first, *children])
    append_events(ctx, session, first["id"])
    return UUID(str(first["id"]))


def write_work(ctx: Context, session: GuardedSession, name: str) -> None:
    """The audit rows and events of a subscriber, job or import, if it did anything."""
    found = changes(session)
    if not found and not ctx.work.events:
        return
    row = {
        **_base_row(ctx),
        "module": name.partition(".")[0],
        "command": name,
        "outcome": "DONE",
        "changes": found,
    }
    insert_rows(session, AuditEntry, [row, *_children(ctx, row["id"])])
    append_events(ctx, session, row["id"])


def _children(ctx: Context, parent: UUID) -> list[dict[str, Any]]:
    """One row per nested command."""
    rows = []
    for command, given, value in ctx.work.children:
        subject = _subject(command, given, payload(command, value))
        rows.append(_audit_row(ctx, command, given, subject, "DONE", parent))
    return rows


def _base_row(ctx: Context) -> dict[str, Any]:
    return {
        "id": new_id(),
        "at": ctx.now,
        "actor_kind": ctx.actor.kind.value,
        "actor_id": ctx.actor.id,
        "actor_name": ctx.actor.name,
        "subject_type": None,
        "subject_id": None,
        "input": None,
        "changes": [],
        "refusals": [],
        "request_id": ctx.request_id,
        "parent_id": None,
    }


def _audit_row(
    ctx: Context,
    command: Command[..., Any],
    arguments: Mapping[str, Any],
    subject: tuple[str | None, UUID | None],
    outcome: str,
    parent: UUID | None,
) -> dict[str, Any]:
    return {
        **_base_row(ctx),
        "module": ctx.composition.owner_of(command),
        "command": command.name,
        "outcome": outcome,
        "subject_type": subject[0],
        "subject_id": subject[1],
        "input": ctx.composition.audited_input(command, arguments),
        "parent_id": parent,
    }


def append_events(ctx: Context, session: GuardedSession, audit_id: UUID) -> None:
    """Insert the gathered events, numbered within their aggregates."""
    events = ctx.work.events
    if not events:
        return
    next_sequence = _next(ctx, session, dict.fromkeys(event.aggregate_id for event in events))
    rows = []
    for event in events:
        sequence = next_sequence[event.aggregate_id]
        next_sequence[event.aggregate_id] = sequence + 1
        rows.append(_row(ctx, event, sequence, audit_id))
    insert_rows(session, OutboxEvent, rows)
    events.clear()


def _next(ctx: Context, session: GuardedSession, aggregates: Iterable[UUID]) -> dict[UUID, int]:
    """The next number of each aggregate; one statement for many of them."""
    found = dict.fromkeys(aggregates, 1)
    known = [id for id in found if id not in ctx.work.created]
    for start in range(0, len(known), IDS_AT_ONCE):
        some = known[start : start + IDS_AT_ONCE]
        last = (
            select(OutboxEvent.aggregate_id, func.max(OutboxEvent.sequence))
            .where(OutboxEvent.aggregate_id.in_(some))
            .group_by(OutboxEvent.aggregate_id)
        )
        found.update({id: number + 1 for id, number in session.execute(last)})
    return found


def _row(ctx: Context, event: Event, sequence: int, audit_id: UUID) -> dict[str, Any]:
    return {
        "id": new_id(),
        "type": event_name(type(event)),
        "module": ctx.composition.check_event(type(event)),
        "aggregate": event.aggregate,
        "aggregate_id": event.aggregate_id,
        "sequence": sequence,
        "at": ctx.now,
        "payload": event.payload(),
        "audit_id": audit_id,
    }


def _subject(
    command: Command[..., Any], arguments: Mapping[str, Any], values: Mapping[str, Any]
) -> tuple[str | None, UUID | None]:
    """What the command was about: its own subject, else the first model it returned."""
    for parameter in command.parameters:
        if parameter.refers is not None and not parameter.refers.by_key and arguments.get(parameter.name) is not None:
            return parameter.refers.type_name, UUID(str(arguments[parameter.name]))
    for field in command.payload:
        if field.model is not None and not field.many and values.get(field.name):
            return field.model.__name__, UUID(values[field.name])
    return None, None
