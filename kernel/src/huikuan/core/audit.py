"""The audit chain: hash = SHA-256(previous hash, position, canonical row); any change breaks it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from huikuan.codec import canonical
from huikuan.context import Context
from huikuan.core.models import AuditEntry

__all__ = ["broken_links", "chain_hash", "chain_head", "sealed_form"]

BATCH = 5_000

_SEALED = (
    "id",
    "at",
    "actor_kind",
    "actor_id",
    "actor_name",
    "module",
    "command",
    "outcome",
    "subject_type",
    "subject_id",
    "input",
    "changes",
    "refusals",
    "request_id",
    "parent_id",
)


def sealed_form(row: AuditEntry | Row[*tuple[Any, ...]]) -> dict[str, Any]:
    """What of an audit row the chain protects."""
    return {name: getattr(row, name) for name in _SEALED}


def chain_hash(previous: str, position: int, form: dict[str, Any]) -> str:
    """One link."""
    digest = hashlib.sha256(previous.encode())
    digest.update(b"%d|" % position)
    digest.update(canonical(form))
    return digest.hexdigest()


def chain_head(ctx: Context) -> tuple[int, str]:
    """Position and hash of the last link; (0, "") before the first."""
    last = ctx.rows(
        select(AuditEntry.position, AuditEntry.hash)
        .where(AuditEntry.position.is_not(None))
        .order_by(AuditEntry.position.desc())
        .limit(1)
    )
    return (last[0][0] or 0, last[0][1] or "") if last else (0, "")


def broken_links(ctx: Context) -> list[UUID]:
    """Sealed rows whose link does not hold: one that was changed, or that follows a hole.

    That the newest rows were cut off only shows against a head that was kept elsewhere: see the log.
    """
    broken: list[UUID] = []
    previous, position = "", 0
    for row in _links(ctx):
        position += 1
        expected = chain_hash(previous, position, sealed_form(row))
        if row.position != position or row.previous_hash != previous or row.hash != expected:
            broken.append(row.id)
            position = row.position
        previous = row.hash or ""
    return broken


def _links(ctx: Context) -> Iterator[Row[*tuple[Any, ...]]]:
    """All sealed rows in the order of the chain, a batch at a time."""
    names = (*_SEALED, "position", "previous_hash", "hash")
    statement = select(*(getattr(AuditEntry, name) for name in names)).order_by(AuditEntry.position).limit(BATCH)
    rows = ctx.rows(statement.where(AuditEntry.position.is_not(None)))
    while rows:
        yield from rows
        rows = ctx.rows(statement.where(AuditEntry.position > rows[-1].position))
