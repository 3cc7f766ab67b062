"""Root fields of the kernel that are no plain lists."""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import func, select

from huikuan.context import Context, session_of
from huikuan.core import types
from huikuan.core.directory import Tenant
from huikuan.core.feed import cursor_of, following, newest, position_of
from huikuan.core.hookspecs import kernel_invariants
from huikuan.core.models import AuditEntry, OutboxEvent, User
from huikuan.core.modules import enabled_modules
from huikuan.core.types import Event, EventFeed
from huikuan.db.within import within
from huikuan.errors import BadInput
from huikuan.graphql import EventType, Stream, query, subscription
from huikuan.invariants import run_checks
from huikuan.values import Ref

__all__ = ["check", "events", "installed_modules", "me", "permissions", "settings", "stream_of_events", "tenant_usage"]

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
        types.SettingValue(
            key,
            _text(ctx.setting(key)),
            _text(declared.default),
            declared.description,
            declared.accepts,
            list(declared.choices),
        )
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
def events(
    ctx: Context,
    after: Annotated[str | None, "The cursor to go on from; from the first event without it."] = None,
    types: Annotated[list[EventType] | None, "Only events of these types."] = None,
    first: Annotated[int, "How many, at most 1,000."] = 100,
) -> EventFeed:
    """What happened, in the order in which it became visible; nothing is ever inserted before a cursor.

    Poll with the last ``endCursor``; a page that is not full means that the end is reached for now.
    """
    if not 1 <= first <= MOST_EVENTS:
        raise BadInput(f"first is 1 to {MOST_EVENTS}.", field="first")
    rows = ctx.rows(following(position_of(after), types, first + 1))
    page = rows[:first]
    cursor = cursor_of(page[-1].position) if page else after
    latest = cursor_of(ctx.scalar(newest()) or 0)
    return EventFeed([Ref(row.id) for row in page], cursor, latest, len(rows) > first)


@subscription(permission="kernel.events", name="events")
def stream_of_events(
    ctx: Context,
    after: Annotated[str | None, "The cursor to go on from; from now on without it."] = None,
    types: Annotated[list[EventType] | None, "Only events of these types."] = None,
) -> Stream[Ref[Event]]:
    """What happens, as it happens, in the order of the feed; each event at least once.

    It begins after the cursor ``after``, or with what happens from now on. Keep the ``cursor`` of the last event:
    whoever connects again with it has missed nothing.
    """
    start = position_of(after) if after is not None else ctx.scalar(newest()) or 0
    return Stream(start, lambda event: Ref(event.id), None if types is None else frozenset(types))


def _text(value: object) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
