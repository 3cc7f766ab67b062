"""Tables of the kernel that belong to a tenant."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger

from huikuan.db import (
    Json,
    Mapped,
    TenantModel,
    UtcDateTime,
    index,
    mapped_column,
    pii,
    state,
    tenant_fk,
    unique,
)

__all__ = [
    "ApiKey",
    "ApiKeyRole",
    "AuditEntry",
    "Delivery",
    "DeliveryState",
    "Hold",
    "HoldStatus",
    "IdempotencyRecord",
    "Job",
    "JobState",
    "ModuleState",
    "OutboxEvent",
    "PersistedDocument",
    "Relay",
    "Role",
    "RolePermission",
    "TenantModule",
    "TenantSetting",
    "User",
    "UserRole",
]

# The worker looks for work of all tenants in these tables, under a role of its own.
SYSTEM = {"info": {"system": True}}
# Audit rows are only added; the sealer fills its own columns once.
SEALED = {"info": {"append_only": True, "sealed": ("position", "previous_hash", "hash", "updated_at")}}


class ModuleState(Enum):
    """Whether a tenant uses a module."""

    ENABLING = "enabled, and rebuilding what it derives from history"
    ENABLED = "enabled"
    DISABLED = "disabled; its data is kept"


class TenantModule(TenantModel):
    """A module that a tenant has, or had, enabled."""

    module: Mapped[str] = mapped_column(doc="Name of the module")
    state: Mapped[ModuleState] = state(ModuleState)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    __table_args__ = (unique("module"),)


class TenantSetting(TenantModel):
    """A setting that differs from its default."""

    key: Mapped[str]
    value: Mapped[Any] = mapped_column(Json)
    __table_args__ = (unique("key"),)


class PersistedDocument(TenantModel):
    """A GraphQL document that clients may name by its hash."""

    sha256: Mapped[str] = mapped_column(doc="SHA-256 of the text in UTF-8, in hexadecimal digits")
    name: Mapped[str] = mapped_column(doc="Names of its operations")
    document: Mapped[str]
    __table_args__ = (unique("sha256"),)


class User(TenantModel):
    """A person in one tenant; the password stands with the login, outside the tenant."""

    login_id: Mapped[UUID]
    name: Mapped[str] = pii(mapped_column())
    email: Mapped[str] = pii(mapped_column())
    active: Mapped[bool] = mapped_column(default=True)
    __table_args__ = (unique("login_id"), unique("email"))


class Role(TenantModel):
    """A named set of permissions."""

    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    module: Mapped[str | None] = mapped_column(doc="The module that brought the role; none for the tenant's own")
    __table_args__ = (unique("name"),)


class RolePermission(TenantModel):
    """One permission of a role."""

    role_id: Mapped[UUID] = tenant_fk("kernel_role", ondelete="CASCADE")
    permission: Mapped[str]
    __table_args__ = (unique("role_id", "permission"),)


class UserRole(TenantModel):
    """A role given to a user."""

    user_id: Mapped[UUID] = tenant_fk("kernel_user", ondelete="CASCADE")
    role_id: Mapped[UUID] = tenant_fk("kernel_role")
    __table_args__ = (unique("user_id", "role_id"),)


class ApiKey(TenantModel):
    """An integrator's key; only the hash of the secret is kept, in the directory."""

    name: Mapped[str]
    prefix: Mapped[str]
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    __table_args__ = (unique("name"),)


class ApiKeyRole(TenantModel):
    """A role given to an API key."""

    api_key_id: Mapped[UUID] = tenant_fk("kernel_api_key", ondelete="CASCADE")
    role_id: Mapped[UUID] = tenant_fk("kernel_role")
    __table_args__ = (unique("api_key_id", "role_id"),)


class IdempotencyRecord(TenantModel):
    """The outcome of a command sent with a key; written in the command's own transaction."""

    actor_id: Mapped[UUID]
    command: Mapped[str]
    key: Mapped[str]
    request_hash: Mapped[str]
    outcome: Mapped[Any | None] = mapped_column(Json)
    __table_args__ = (unique("actor_id", "command", "key"), index("created_at"))


class AuditEntry(TenantModel):
    """Who did what, with before and after; the sealer adds sequence and hash after commit."""

    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID]
    actor_name: Mapped[str] = pii(mapped_column())
    module: Mapped[str]
    command: Mapped[str]
    outcome: Mapped[str]
    subject_type: Mapped[str | None]
    subject_id: Mapped[UUID | None]
    input: Mapped[Any | None] = mapped_column(Json)
    changes: Mapped[Any] = mapped_column(Json)
    refusals: Mapped[Any] = mapped_column(Json)
    request_id: Mapped[str]
    parent_id: Mapped[UUID | None]
    position: Mapped[int | None] = mapped_column(BigInteger)
    previous_hash: Mapped[str | None]
    hash: Mapped[str | None]
    __table_args__ = (unique("position"), index("subject_id", "id"), SEALED)


class HoldStatus(Enum):
    """What became of a hold."""

    OPEN = "waits for a decision"
    RELEASED = "somebody with the right released it"
    REJECTED = "somebody with the right rejected it"
    SUPERSEDED = "the subject passed, changed or ended without it"


class Hold(TenantModel):
    """A recorded refusal that somebody with the right permission may release."""

    subject_type: Mapped[str]
    subject_id: Mapped[UUID]
    command: Mapped[str]
    arguments: Mapped[Any] = mapped_column(Json)
    code: Mapped[str]
    message: Mapped[str]
    module: Mapped[str]
    permission: Mapped[str]
    evidence: Mapped[Any] = mapped_column(Json)
    pin: Mapped[str] = mapped_column(doc="Hash of the version and amount the refusal was about")
    status: Mapped[HoldStatus] = state(HoldStatus, default=HoldStatus.OPEN)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    placed_by: Mapped[UUID]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None]
    __table_args__ = (index("subject_id", "code"), index("status", "id"))


class OutboxEvent(TenantModel):
    """An event, appended with its command; ``position`` is given by the relay after commit."""

    type: Mapped[str]
    module: Mapped[str]
    aggregate: Mapped[str]
    aggregate_id: Mapped[UUID]
    sequence: Mapped[int] = mapped_column(doc="1, 2, … within the aggregate")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    payload: Mapped[Any] = mapped_column(Json)
    audit_id: Mapped[UUID]
    position: Mapped[int | None] = mapped_column(BigInteger, doc="Gapless place in the tenant's feed")
    __table_args__ = (unique("aggregate_id", "sequence"), unique("position"), SYSTEM)


class DeliveryState(Enum):
    """Where a delivery of one event to one subscriber stands."""

    PENDING = "to be delivered, or to be tried again"
    DONE = "its effect is committed"
    DEAD = "given up after the last attempt"
    PARKED = "its module is disabled"


class Delivery(TenantModel):
    """One event for one subscriber."""

    event_id: Mapped[UUID] = tenant_fk("kernel_outbox_event", ondelete="CASCADE")
    position: Mapped[int] = mapped_column(BigInteger)
    consumer: Mapped[str] = mapped_column(doc="module.function")
    state: Mapped[DeliveryState] = state(DeliveryState, default=DeliveryState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    error: Mapped[str | None]
    __table_args__ = (unique("consumer", "event_id"), index("state", "next_at"), SYSTEM)


class JobState(Enum):
    """Where a job stands."""

    WAITING = "due at its time"
    RUNNING = "leased by a worker"
    DONE = "finished"
    FAILED = "given up after the last attempt"
    PARKED = "its module is disabled"


class Job(TenantModel):
    """Work for later: a schedule of a module (``every``) or a single task."""

    name: Mapped[str] = mapped_column(doc="module.function")
    arguments: Mapped[Any] = mapped_column(Json)
    state: Mapped[JobState] = state(JobState, default=JobState.WAITING)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    every_seconds: Mapped[int | None]
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    schedule: Mapped[str | None] = mapped_column(doc="Equal to name for a schedule, so that there is one of each")
    __table_args__ = (unique("schedule"), index("state", "due_at"), SYSTEM)


class Relay(TenantModel):
    """The lease on a tenant's feed: who holds it stamps positions and delivers, alone."""

    owner: Mapped[str | None]
    leased_until: Mapped[datetime] = mapped_column(UtcDateTime)
    __table_args__ = (index("leased_until"), SYSTEM)
