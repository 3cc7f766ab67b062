"""The audit chain: hash = SHA-256(previous hash, position, canonical row); any change breaks it."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from sqlalchemy import select

from huikuan.codec import canonical
from huikuan.context import Context
from huikuan.core.models import AuditEntry

__all__ = ["broken_links", "chain_hash", "sealed_form"]

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


def sealed_form(row: AuditEntry) -> dict[str, Any]:
    """What of an audit row the chain protects."""
    return {name: getattr(row, name) for name in _SEALED}


def chain_hash(previous: str, position: int, form: dict[str, Any]) -> str:
    """One link."""
    digest = hashlib.sha256(previous.encode())
    digest.update(b"%d|" % position)
    digest.update(canonical(form))
    return digest.hexdigest()


def broken_links(ctx: Context) -> list[UUID]:
    """Sealed rows whose link does not hold: the first one that was changed, and holes in the chain."""
    broken: list[UUID] = []
    previous, position = "", 0
    rows = ctx.scalars(select(AuditEntry).where(AuditEntry.position.is_not(None)).order_by(AuditEntry.position))
    for row in rows:
        position += 1
        expected = chain_hash(previous, position, sealed_form(row))
        if row.position != position or row.previous_hash != previous or row.hash != expected:
            broken.append(row.id)
            position = row.position or position
        previous = row.hash or ""
    return broken
