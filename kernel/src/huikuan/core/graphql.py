"""Root fields of the kernel that are no plain lists."""

from __future__ import annotations

from sqlalchemy import func, select

from huikuan.context import Context, session_of
from huikuan.core import types
from huikuan.core.directory import Tenant
from huikuan.core.hookspecs import kernel_invariants
from huikuan.core.models import AuditEntry, OutboxEvent, User
from huikuan.core.modules import enabled_modules
from huikuan.core.types import EventFeed
from huikuan.db.within import within
from huikuan.errors import BadInput
from huikuan.graphql import EventType, query
from huikuan.invariants import run_checks
from huikuan.values import Ref

__all__ = ["check", "events", "installed_modules", "me", "permissions", "settings", "tenant_usage"]

CURSOR = "event-"
MOST_EVENTS = 1_000


@query(permission=None)
def me(ctx: Context) -> types.Me:
    """Who I am here, what I may do, and which modules there are."""
    held = [name for name in ctx.composition.permissions if ctx.actor.may(name)]
    return types.Me(ctx.actor.kind.value, ctx.actor.name, ctx.tenant.slug, sorted(held), sorted(ctx.composition.names))


@query(permission="kernel.users")
def permissions(ctx: Context) -> list[types.Permission]:
    """Everything that a role may grant with the modules enabled now."""
    return [types.Permission(name, text) for name, text in sorted(ctx.composition.permissions.items())]


@query(permission="kernel.modules")
def settings(ctx: Context) -> list[types.SettingValue]:
    """The settings of the enabled modules."""
    return [
        types.SettingValue(key, _text(ctx.setting(key)), _text(declared.default), declared.description)
        for key, declared in sorted(ctx.composition.settings.items())
    ]


@query(permission="kernel.modules")
def installed_modules(ctx: Context) -> list[types.InstalledModule]:
    """Every module installed on this server, and those that were refused with the reason."""
    catalog = ctx.services.compositions.catalog
    enabled = ctx.composition.names
    found = [
        types.InstalledModule(
            item.name,
            item.manifest.title,
            item.version,
            item.name in enabled,
            catalog.dependants(item.name, enabled),
            None,
        )
        for item in catalog
    ]
    return found + [
        types.InstalledModule(item.name, item.name, "", False, [], f"{item.reason}. {item.remedy}.")
        for item in catalog.refused
    ]


@query(permission="kernel.audit", name="check")
def check(ctx: Context) -> list[types.Check]:
    """Run every invariant of the enabled modules over this tenant's data."""
    return [
        types.Check(item.name, item.statement, item.violations, [str(row) for row in item.first])
        for item in run_checks(ctx, ctx.collect(kernel_invariants))
    ]


@query(permission="kernel.operate", surface="control")
def tenant_usage(ctx: Context) -> list[types.TenantUsage]:
    """All tenants, their modules and how much they use."""
    session = session_of(ctx)
    found = []
    for tenant in session.scalars(select(Tenant).order_by(Tenant.slug)).all():
        with within(session, tenant.id) as inner:
            users, commands, events = (
                inner.scalar(select(func.count(model.id))) or 0 for model in (User, AuditEntry, OutboxEvent)
            )
            modules = sorted(enabled_modules(inner))
        found.append(
            types.TenantUsage(
                tenant.slug, tenant.name, tenant.currency, tenant.status.name, modules, users, commands, events
            )
        )
    return found


@query(permission="kernel.events")
def events(ctx: Context, after: str | None = None, types: list[EventType] | None = None, first: int = 100) -> EventFeed:
    """What happened, in the order in which it became visible; nothing is ever inserted before a cursor.

    Poll with the last ``endCursor``; a page that is not full means that the end is reached for now.
    """
    if not 1 <= first <= MOST_EVENTS:
        raise BadInput(f"first is 1 to {MOST_EVENTS}.", field="first")
    statement = select(OutboxEvent.id, OutboxEvent.position).where(OutboxEvent.position > _position(after))
    if types is not None:
        statement = statement.where(OutboxEvent.type.in_(types))
    rows = ctx.rows(statement.order_by(OutboxEvent.position).limit(first + 1))
    page = rows[:first]
    cursor = f"{CURSOR}{page[-1].position}" if page else after
    return EventFeed([Ref(row.id) for row in page], cursor, len(rows) > first)


def _position(cursor: str | None) -> int:
    if cursor is None:
        return 0
    digits = cursor.removeprefix(CURSOR)
    if not cursor.startswith(CURSOR) or not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
        raise BadInput("This cursor is not one of the feed's.", field="after")
    return int(digits)


def _text(value: object) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
