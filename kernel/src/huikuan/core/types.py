"""GraphQL types of the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import select

from huikuan.context import Context
from huikuan.core import models
from huikuan.core.feed import cursor_of
from huikuan.core.models import HoldStatus, ModuleState
from huikuan.graphql import batch, column, node, output, to_any, to_one
from huikuan.graphql.naming import camel
from huikuan.values import AnyNode, Ref

__all__ = [
    "ApiKey",
    "AuditEntry",
    "Check",
    "Delivery",
    "Event",
    "EventFeed",
    "Hold",
    "InstalledModule",
    "Me",
    "Permission",
    "PersistedDocument",
    "Role",
    "SettingValue",
    "TenantModule",
    "TenantUsage",
    "User",
]


@node(models.Role, keys=("name",), permission="kernel.users", plural="roles")
class Role:
    """A named set of permissions."""

    name: str = column("Name of the role.")
    description: str = column("What the role is for.")
    module: str | None = column("The module that brought the role; null for the tenant's own.")

    @batch(requires=["id"])
    def permissions(ctx: Context, roles: Any) -> list[list[str]]:
        """What the role grants."""
        rows = ctx.rows(
            select(models.RolePermission.role_id, models.RolePermission.permission)
            .where(models.RolePermission.role_id.in_([role.id for role in roles]))
            .order_by(models.RolePermission.permission)
        )
        return [[row.permission for row in rows if row.role_id == role.id] for role in roles]


@node(models.User, keys=("email",), permission="kernel.users", plural="users")
class User:
    """A person who may sign in to this tenant."""

    name: str = column("Name of the person.")
    email: str = column("E-mail address the person signs in with.")
    active: bool = column("Whether the person may sign in.")

    @batch(requires=["id"])
    def roles(ctx: Context, users: Any) -> list[list[str]]:
        """Names of the roles the person has."""
        rows = ctx.rows(
            select(models.UserRole.user_id, models.Role.name)
            .join(
                models.Role,
                (models.Role.id == models.UserRole.role_id) & (models.Role.tenant_id == models.UserRole.tenant_id),
            )
            .where(models.UserRole.user_id.in_([user.id for user in users]))
            .order_by(models.Role.name)
        )
        return [[row.name for row in rows if row.user_id == user.id] for user in users]


@node(models.ApiKey, permission="kernel.users", plural="apiKeys")
class ApiKey:
    """A key for an integration; its secret was shown once, when it was made."""

    name: str = column("What the key is for.")
    prefix: str = column("The public part by which a key is recognised.")
    revoked_at: datetime | None = column("When the key was revoked.")


@node(models.TenantModule, permission="kernel.modules", plural="tenantModules")
class TenantModule:
    """A module that the tenant has, or had, enabled."""

    module: str = column("Name of the module.")
    state: ModuleState = column("Whether the module is in use.")
    changed_at: datetime = column("When that changed last.")


@node(models.PersistedDocument, keys=("sha256",), permission="kernel.modules", plural="persistedDocuments")
class PersistedDocument:
    """A document that clients may name by its hash."""

    sha256: str = column("SHA-256 of the text, in hexadecimal digits.")
    name: str = column("Names of its operations.")
    document: str = column("The text.")


@node(models.Hold, permission="kernel.holds", plural="holds")
class Hold:
    """A recorded refusal that somebody with the right permission may release."""

    subject_type: str = column("Type of the object that is held.")
    subject: Any = to_any("subject_type", "subject_id", "What is held; null if its module is disabled.")
    command: str = column("The command that was refused.")
    code: str = column("Why.")
    message: str = column("Why, in words.")
    module: str = column("The module that refused.")
    permission: str = column("What it takes to release or reject it.")
    evidence: dict[str, Any] = column("The figures the refusal rests on.")
    status: HoldStatus = column("What became of it.")
    expires_at: datetime | None = column("When it lapses.")
    decided_at: datetime | None = column("When it was decided.")
    reason: str | None = column("Why it was decided so.")


@node(models.AuditEntry, permission="kernel.audit", plural="auditEntries", order_by=("at",))
class AuditEntry:
    """Who did what, with before and after."""

    at: datetime = column("When.")
    actor_kind: str = column("What kind of party acted: user, api_key, operator or system.")
    actor_name: str = column("Who acted.")
    module: str = column("Module of the command.")
    command: str = column("The command.")
    outcome: str = column("DONE or REFUSED.")
    subject_type: str | None = column("Type of what it was about.")
    input: dict[str, Any] | None = column("What was asked.")
    changes: list[dict[str, Any]] = column("What was written: table, id, and values before and after.")
    refusals: list[dict[str, Any]] = column("Why it was refused.")
    request_id: str = column("The request it came with; the same id stands in the log.")
    position: int | None = column("Place in the hash chain, given within a minute.")
    hash: str | None = column("Its link in the hash chain.")


@node(models.OutboxEvent, permission="kernel.events", root=False)
class Event:
    """A fact, as it stands in the feed."""

    type: str = column("What happened.")
    module: str = column("The module that says so.")
    at: datetime = column("When.")
    aggregate: str = column("Kind of the object it happened to.")
    sequence: int = column("1, 2, … within that object.")
    position: int | None = column("Gapless place in the tenant's feed.")
    payload: dict[str, Any] = column("Ids, amounts and times.")

    @batch(requires=["aggregate", "aggregate_id"])
    def subject(ctx: Context, events: Any) -> list[AnyNode | None]:
        """What it happened to, as it is now; null if it is gone, or if the enabled modules do not show it."""
        shown = {decl.noun: decl.name for decl in ctx.composition.nodes.values()}
        names = [shown.get(camel(event.aggregate)) for event in events]
        return [
            AnyNode(name, event.aggregate_id) if name is not None else None
            for name, event in zip(names, events, strict=True)
        ]

    @batch(requires=["position"])
    def cursor(ctx: Context, events: Any) -> list[str | None]:
        """For ``after`` of the feed or the subscription: what follows this event."""
        return [None if event.position is None else cursor_of(event.position) for event in events]


@node(models.Delivery, permission="kernel.events", plural="deliveries")
class Delivery:
    """One event for one subscriber."""

    consumer: str = column("The subscriber: module, function and event.")
    position: int = column("Place of the event in the feed.")
    state: models.DeliveryState = column("Where the delivery stands.")
    attempts: int = column("How often it was tried.")
    next_at: datetime = column("When it is tried next.")
    error: str | None = column("What the last attempt said.")
    event: Event = to_one("event_id", "The event.")


@output
@dataclass(frozen=True)
class InstalledModule:
    """A module that is installed on this server."""

    name: str
    title: str
    version: str
    enabled: bool
    required_by: list[str]
    refused: str | None


@output
@dataclass(frozen=True)
class Permission:
    """Something that a role may grant."""

    name: str
    description: str


@output
@dataclass(frozen=True)
class SettingValue:
    """A setting, its value for this tenant, and what it is for."""

    key: str
    value: str | None
    default: str | None
    description: str
    accepts: Annotated[str, "What the value must be, such as: a whole number from 0 to 100"]
    choices: Annotated[list[str], "The words that it may be; empty where it is free"]


@output
@dataclass(frozen=True)
class Me:
    """Whoever sent this request."""

    kind: str
    name: str
    tenant: str
    permissions: list[str]
    modules: list[str]


@output
@dataclass(frozen=True)
class Check:
    """How an invariant stands: no violations is good."""

    name: str
    statement: str
    violations: int
    first: list[str]


@output
@dataclass(frozen=True)
class EventFeed:
    """A stretch of the feed, oldest first."""

    nodes: Annotated[list[Ref[Event]], "The events."]
    end_cursor: Annotated[str | None, "For after of the next request; what was sent if there is no event."]
    latest_cursor: Annotated[str, "Of the newest event of all: what follows it has yet to happen."]
    has_next_page: Annotated[bool, "Whether there is more by now."]


@output
@dataclass(frozen=True)
class TenantUsage:
    """A tenant and how much it uses the platform; no business data."""

    slug: str
    name: str
    currency: str
    status: str
    modules: list[str]
    users: int
    commands: int
    events: int
