"""What a transaction is opened for. It rides on the connection, where statements cannot replace it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from huikuan.db.errors import SessionUseError

OPTION = "huikuan_scope"


class Mode(Enum):
    COMMAND = "command"
    READ = "read"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Scope:
    """Tenant, mode and time of one transaction."""

    mode: Mode
    tenant_id: UUID | None
    now: datetime | None


def scope_of(connection: Connection) -> Scope | None:
    return connection.get_execution_options().get(OPTION)


def now_default(context: Any) -> datetime:
    """Column default: the time of the transaction, so every row of a command carries the same."""
    scope = scope_of(context.connection)
    if scope is None or scope.now is None:
        raise SessionUseError("This transaction has no clock: open it with Database.command(tenant, clock).")
    return scope.now


def tenant_default(context: Any) -> UUID:
    """Column default: the tenant of the transaction."""
    scope = scope_of(context.connection)
    if scope is None or scope.tenant_id is None:
        raise SessionUseError("This transaction has no tenant: set tenant_id on the row.")
    return scope.tenant_id
