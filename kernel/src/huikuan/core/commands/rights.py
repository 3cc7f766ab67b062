"""Users, roles and API keys of a tenant."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from huikuan.auth.api_keys import new_api_key
from huikuan.commands import command
from huikuan.context import Context, session_of
from huikuan.core.directory import ApiKeyEntry, Membership
from huikuan.core.errors import ALREADY_EXISTS, LAST_ADMIN
from huikuan.core.events import UserCreated
from huikuan.core.logins import login_for, normal_email
from huikuan.core.models import ApiKey, ApiKeyRole, Role, RolePermission, User, UserRole
from huikuan.core.rights import admins, raise_rights_epoch, roles_named, set_permissions
from huikuan.db import GuardedSession
from huikuan.errors import BadInput, Forbidden, Refusal
from huikuan.values import UNSET, Id, Unset

__all__ = [
    "ApiKeyCreated",
    "api_key_create",
    "api_key_revoke",
    "role_create",
    "role_delete",
    "role_update",
    "user_create",
    "user_update",
]


@command(permission="kernel.users", idempotency="natural", hidden=("password",))
def user_create(ctx: Context, email: str, name: str, roles: list[str], password: str | None = None) -> User:
    """Add a user to the tenant; an e-mail that can sign in already keeps its password."""
    email = normal_email(email)
    _check_grant(ctx, roles)
    if ctx.find(User, email=email) is not None:
        ctx.refuse(Refusal(ALREADY_EXISTS, f"{email} is a user already.", field="email"))
    session = session_of(ctx)
    login = login_for(ctx, session, email, password)
    user = ctx.add(User(login_id=login.id, name=name, email=email))
    session.flush()
    session.add(Membership(login_id=login.id, tenant_id=ctx.tenant.id, user_id=user.id))
    for role in roles_named(session, roles):
        ctx.add(UserRole(user_id=user.id, role_id=role.id))
    raise_rights_epoch(session, ctx.tenant.id)
    ctx.emit(UserCreated(user_id=user.id))
    return user


@command(permission="kernel.users", idempotency="natural")
def user_update(
    ctx: Context,
    id: Id[User],
    name: str | Unset = UNSET,
    active: bool | Unset = UNSET,
    roles: list[str] | Unset = UNSET,
) -> User:
    """Change a user's name or roles, or shut the user out (active: false) and in again."""
    session = session_of(ctx)
    had_admin = _rights_locked(ctx)
    user = ctx.get(User, id)
    if not isinstance(name, Unset):
        user.name = name
    if not isinstance(roles, Unset):
        _check_grant(ctx, roles)
        session.execute(delete(UserRole).where(UserRole.user_id == user.id))
        for role in roles_named(session, roles):
            ctx.add(UserRole(user_id=user.id, role_id=role.id))
    if not isinstance(active, Unset):
        user.active = active
        session.execute(
            update(Membership)
            .where(Membership.login_id == user.login_id, Membership.tenant_id == ctx.tenant.id)
            .values(active=active)
            .execution_options(synchronize_session=False)
        )
    _keep_admin(ctx, had_admin)
    return user


@command(permission="kernel.users", idempotency="natural")
def role_create(ctx: Context, name: str, permissions: list[str], description: str = "") -> Role:
    """Make a role of the tenant's own."""
    if ctx.exists(Role, name=name):
        ctx.refuse(Refusal(ALREADY_EXISTS, f"There is a role {name!r} already.", field="name"))
    _check_permissions(ctx, permissions)
    role = ctx.add(Role(name=name, description=description))
    ctx.flush()
    set_permissions(session_of(ctx), role, permissions)
    raise_rights_epoch(session_of(ctx), ctx.tenant.id)
    return role


@command(permission="kernel.users", idempotency="natural")
def role_update(ctx: Context, id: Id[Role], permissions: list[str], description: str | Unset = UNSET) -> Role:
    """Replace the permissions of a role."""
    had_admin = _rights_locked(ctx)
    role = ctx.get(Role, id)
    _check_permissions(ctx, permissions)
    if not isinstance(description, Unset):
        role.description = description
    set_permissions(session_of(ctx), role, permissions)
    _keep_admin(ctx, had_admin)
    return role


@command(permission="kernel.users", idempotency="natural")
def role_delete(ctx: Context, id: Id[Role]) -> None:
    """Delete a role of the tenant's own; users who had it lose what it granted."""
    had_admin = _rights_locked(ctx)
    role = ctx.get(Role, id)
    if role.module is not None:
        raise BadInput(f"The role {role.name!r} belongs to the module {role.module}; change its permissions instead.")
    session = session_of(ctx)
    for model in (UserRole, ApiKeyRole):
        session.execute(delete(model).where(model.role_id == role.id))
    set_permissions(session, role, ())
    ctx.remove(role)
    _keep_admin(ctx, had_admin)


@dataclass(frozen=True)
class ApiKeyCreated:
    """A new API key; its secret is shown this once."""

    api_key: ApiKey
    secret: str


@command(permission="kernel.users", idempotency="none")
def api_key_create(ctx: Context, name: str, roles: list[str]) -> ApiKeyCreated:
    """Make an API key for an integration. The secret is in this answer and nowhere else."""
    _check_grant(ctx, roles)
    if ctx.exists(ApiKey, name=name):
        ctx.refuse(Refusal(ALREADY_EXISTS, f"There is an API key {name!r} already.", field="name"))
    secret, parsed = new_api_key()
    session = session_of(ctx)
    key = ctx.add(ApiKey(name=name, prefix=parsed.prefix))
    session.flush()
    session.add(
        ApiKeyEntry(
            prefix=parsed.prefix,
            secret_hash=parsed.secret_hash.hex(),
            tenant_id=ctx.tenant.id,
            api_key_id=key.id,
        )
    )
    for role in roles_named(session, roles):
        ctx.add(ApiKeyRole(api_key_id=key.id, role_id=role.id))
    return ApiKeyCreated(key, secret)


@command(permission="kernel.users", idempotency="natural")
def api_key_revoke(ctx: Context, id: Id[ApiKey]) -> ApiKey:
    """Make an API key useless from the next request on."""
    key = ctx.get(ApiKey, id)
    if key.revoked_at is None:
        key.revoked_at = ctx.now
    session_of(ctx).execute(
        update(ApiKeyEntry)
        .where(ApiKeyEntry.prefix == key.prefix)
        .values(active=False)
        .execution_options(synchronize_session=False)
    )
    raise_rights_epoch(session_of(ctx), ctx.tenant.id)
    return key


def _rights_locked(ctx: Context) -> bool:
    """Hold the tenant's rights, so that two administrators cannot shut out each other; whether there is one."""
    session = session_of(ctx)
    raise_rights_epoch(session, ctx.tenant.id)
    return bool(admins(session))


def _keep_admin(ctx: Context, had_admin: bool) -> None:
    ctx.flush()
    if had_admin and not admins(session_of(ctx)):
        ctx.refuse(Refusal(LAST_ADMIN, "Somebody must keep the right to manage users."))


def _check_permissions(ctx: Context, permissions: Collection[str]) -> None:
    for permission in permissions:
        if permission not in ctx.composition.permissions:
            raise BadInput(f"There is no permission {permission!r}; see the query permissions.", field="permissions")
    _check_held(ctx, permissions)


def _check_held(ctx: Context, permissions: Iterable[str]) -> None:
    for permission in permissions:
        if not ctx.actor.may(permission):
            raise Forbidden(f"You cannot grant {permission}, which you do not have.", permission=permission)


def _check_grant(ctx: Context, roles: Iterable[str]) -> None:
    """Nobody gives away more than they hold."""
    session = session_of(ctx)
    for role in roles_named(session, roles):
        _check_held(ctx, role_permissions(session, role))


def role_permissions(session: GuardedSession, role: Role) -> list[str]:
    """What a role grants, of disabled modules too: they may be enabled again."""
    from_rows = session.scalars(select(RolePermission.permission).where(RolePermission.role_id == role.id))
    return list(from_rows)
