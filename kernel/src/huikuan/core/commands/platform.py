"""The control plane: what operators do with tenants. They never see a tenant's business data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from huikuan.auth.passwords import check_policy
from huikuan.commands import command
from huikuan.context import Context, session_of
from huikuan.core.commands.modules import needed
from huikuan.core.directory import Login, Membership, Operator, Tenant, TenantStatus
from huikuan.core.errors import ALREADY_EXISTS, UNKNOWN_MODULE
from huikuan.core.logins import login_for, normal_email
from huikuan.core.models import Relay, User, UserRole
from huikuan.core.modules import disable_modules, enable_modules, enabled_modules, schedule_jobs, to_disable
from huikuan.core.rights import raise_rights_epoch, roles_named
from huikuan.db import GuardedSession
from huikuan.db.within import within
from huikuan.errors import BadInput, NotFound, Refusal
from huikuan.graphql import output
from huikuan.ids import new_id
from huikuan.money import exponent

__all__ = [
    "TenantSummary",
    "operator_create",
    "tenant_create",
    "tenant_module_disable",
    "tenant_module_enable",
    "tenant_resume",
    "tenant_suspend",
    "tenant_user_create",
]

_SLUG = re.compile(r"^[a-z][a-z0-9-]{1,39}$")


@output
@dataclass(frozen=True)
class TenantSummary:
    """A tenant as operators see it."""

    slug: str
    name: str
    currency: str
    status: TenantStatus
    modules: list[str]


@command(
    permission="kernel.operate",
    idempotency="natural",
    surface="control",
    payload="tenant",
    hidden=("admin_password", "admin_email"),
)
def tenant_create(
    ctx: Context,
    slug: str,
    name: str,
    modules: list[str],
    currency: str = "EUR",
    admin_email: str | None = None,
    admin_password: str | None = None,
) -> TenantSummary:
    """Create a tenant with its modules and, if an e-mail is given, its first administrator."""
    if not _SLUG.match(slug) or slug == ctx.tenant.slug:
        raise BadInput("A slug is 2 to 40 lower case letters, digits and dashes.", field="slug")
    exponent(currency)
    session = session_of(ctx)
    if session.scalars(select(Tenant.id).where(Tenant.slug == slug)).first() is not None:
        ctx.refuse(Refusal(ALREADY_EXISTS, f"There is a tenant {slug!r} already.", field="slug"))
    _check_installed(ctx, modules)
    tenant = Tenant(id=new_id(), slug=slug, name=name, currency=currency, created_at=ctx.now)
    session.add(tenant)
    session.flush()
    with within(session, tenant.id) as inner:
        inner.add(Relay(id=new_id(), tenant_id=tenant.id, leased_until=ctx.now))
        enable_modules(inner, ctx.services.compositions, tenant.id, modules, ctx.now, new_tenant=True)
        inner.flush()
        if admin_email is not None:
            _add_user(ctx, inner, tenant.id, admin_email, admin_email.partition("@")[0], ["admin"], admin_password)
    session.refresh(tenant)
    schedule_jobs(session, ctx.composition, ctx.tenant.id, (), ctx.now)  # the platform has an audit trail too
    return _summary(session, tenant)


@command(permission="kernel.operate", idempotency="natural", surface="control", payload="tenant")
def tenant_suspend(ctx: Context, tenant: str) -> TenantSummary:
    """Shut a tenant: nobody can use it, nothing is delivered, all data stays."""
    return _set_status(ctx, tenant, TenantStatus.SUSPENDED)


@command(permission="kernel.operate", idempotency="natural", surface="control", payload="tenant")
def tenant_resume(ctx: Context, tenant: str) -> TenantSummary:
    """Open a suspended tenant again."""
    return _set_status(ctx, tenant, TenantStatus.ACTIVE)


@command(permission="kernel.operate", idempotency="natural", surface="control", payload="tenant")
def tenant_module_enable(ctx: Context, tenant: str, module: str) -> TenantSummary:
    """Enable a module, and what it requires, for a tenant."""
    _check_installed(ctx, [module])
    session = session_of(ctx)
    found = find_tenant(session, tenant)
    with within(session, found.id) as inner:
        enable_modules(inner, ctx.services.compositions, found.id, [module], ctx.now)
    return _summary(session, found)


@command(permission="kernel.operate", idempotency="natural", surface="control", payload="tenant")
def tenant_module_disable(ctx: Context, tenant: str, module: str, with_dependants: bool = False) -> TenantSummary:
    """Disable a module for a tenant; its data stays. Refused while another enabled module needs it."""
    session = session_of(ctx)
    found = find_tenant(session, tenant)
    catalog = ctx.services.compositions.catalog
    with within(session, found.id) as inner:
        going = to_disable(inner, catalog, found.id, module)
        if not going:
            ctx.refuse(Refusal(UNKNOWN_MODULE, f"{module} is not enabled for {tenant}.", field="module"))
        if len(going) > 1 and not with_dependants:
            ctx.refuse(needed(module, going[:-1]))
        disable_modules(inner, going, ctx.now)
    return _summary(session, found)


@command(permission="kernel.operate", idempotency="natural", surface="control", payload="user_id", hidden=("password",))
def tenant_user_create(
    ctx: Context, tenant: str, email: str, name: str, roles: list[str], password: str | None = None
) -> UUID:
    """Add a user to a tenant; an e-mail that can sign in already keeps its password."""
    session = session_of(ctx)
    found = find_tenant(session, tenant)
    with within(session, found.id) as inner:
        user = _add_user(ctx, inner, found.id, email, name, roles, password)
    return user.id


@command(
    permission="kernel.operate", idempotency="natural", surface="control", payload="operator_id", hidden=("password",)
)
def operator_create(ctx: Context, email: str, password: str) -> UUID:
    """Add an operator of the platform."""
    email = normal_email(email)
    session = session_of(ctx)
    taken = session.scalars(select(Operator.id).where(Operator.email == email)).first()
    if taken is not None or session.scalars(select(Login.id).where(Login.email == email)).first() is not None:
        ctx.refuse(
            Refusal(
                ALREADY_EXISTS,
                f"{email} can sign in already; operators need an e-mail of their own.",
                field="email",
            )
        )
    check_policy(password, email=email)
    operator = Operator(
        id=new_id(), email=email, password_hash=ctx.services.passwords.hash(password), created_at=ctx.now
    )
    session.add(operator)
    return operator.id


def find_tenant(session: GuardedSession, slug: str) -> Tenant:
    """A tenant by its slug, or NotFound."""
    found = session.scalars(select(Tenant).where(Tenant.slug == slug)).one_or_none()
    if found is None:
        raise NotFound(f"There is no tenant {slug!r}.", field="tenant")
    return found


def _check_installed(ctx: Context, modules: list[str]) -> None:
    catalog = ctx.services.compositions.catalog
    for name in modules:
        if name not in catalog:
            installed = ", ".join(sorted(catalog.names)) or "none"
            refused = next((f" It was refused: {item.reason}." for item in catalog.refused if item.name == name), "")
            ctx.refuse(
                Refusal(
                    UNKNOWN_MODULE,
                    f"There is no module {name!r}; installed are: {installed}.{refused}",
                    field="modules",
                )
            )


def _set_status(ctx: Context, slug: str, status: TenantStatus) -> TenantSummary:
    session = session_of(ctx)
    found = find_tenant(session, slug)
    found.status = status
    session.flush()
    return _summary(session, found)


def _summary(session: GuardedSession, tenant: Tenant) -> TenantSummary:
    with within(session, tenant.id) as inner:
        modules = sorted(enabled_modules(inner))
    return TenantSummary(tenant.slug, tenant.name, tenant.currency, tenant.status, modules)


def _add_user(
    ctx: Context,
    inner: GuardedSession,
    tenant_id: UUID,
    email: str,
    name: str,
    roles: list[str],
    password: str | None,
) -> User:
    email = normal_email(email)
    if inner.scalars(select(User.id).where(User.email == email)).first() is not None:
        ctx.refuse(Refusal(ALREADY_EXISTS, f"{email} is a user of this tenant already.", field="email"))
    login = login_for(ctx, inner, email, password)
    user = User(id=new_id(), tenant_id=tenant_id, login_id=login.id, name=name, email=email)
    inner.add(user)
    inner.flush()
    inner.add(Membership(login_id=login.id, tenant_id=tenant_id, user_id=user.id))
    for role in roles_named(inner, roles):
        inner.add(UserRole(id=new_id(), tenant_id=tenant_id, user_id=user.id, role_id=role.id))
    raise_rights_epoch(inner, tenant_id)
    return user
