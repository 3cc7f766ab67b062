"""Rights, written and read through a session that is fenced to the tenant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import delete, select, update

from huikuan.core.directory import Tenant
from huikuan.core.models import ApiKeyRole, Role, RolePermission, User, UserRole
from huikuan.db import GuardedSession
from huikuan.errors import BadInput
from huikuan.ids import new_id

if TYPE_CHECKING:
    from huikuan.composition import Composition

__all__ = [
    "ADMIN",
    "grant_module_roles",
    "key_permissions",
    "raise_rights_epoch",
    "roles_named",
    "set_permissions",
    "user_permissions",
]

ADMIN = "admin"


def user_permissions(session: GuardedSession, user_id: UUID) -> frozenset[str]:
    """Everything the user's roles grant."""
    statement = (
        select(RolePermission.permission)
        .join(
            UserRole,
            (UserRole.role_id == RolePermission.role_id) & (UserRole.tenant_id == RolePermission.tenant_id),
        )
        .where(UserRole.user_id == user_id)
    )
    return frozenset(session.scalars(statement))


def key_permissions(session: GuardedSession, api_key_id: UUID) -> frozenset[str]:
    """Everything an API key's roles grant."""
    statement = (
        select(RolePermission.permission)
        .join(
            ApiKeyRole,
            (ApiKeyRole.role_id == RolePermission.role_id) & (ApiKeyRole.tenant_id == RolePermission.tenant_id),
        )
        .where(ApiKeyRole.api_key_id == api_key_id)
    )
    return frozenset(session.scalars(statement))


def roles_named(session: GuardedSession, names: Iterable[str]) -> list[Role]:
    """The roles of these names; an unknown one is bad input that lists the known ones."""
    wanted = list(dict.fromkeys(names))
    known = {role.name: role for role in session.scalars(select(Role))}
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise BadInput(f"There is no role {unknown[0]!r}; roles are: {', '.join(sorted(known))}.", field="roles")
    return [known[name] for name in wanted]


def set_permissions(session: GuardedSession, role: Role, permissions: Iterable[str]) -> None:
    """Replace what a role grants."""
    session.execute(delete(RolePermission).where(RolePermission.role_id == role.id))
    for permission in sorted(set(permissions)):
        session.add(RolePermission(tenant_id=role.tenant_id, role_id=role.id, permission=permission))


def grant_module_roles(
    session: GuardedSession, tenant_id: UUID, composition: Composition, added: Iterable[str]
) -> None:
    """Create the roles that the added modules bring, and let administrators do all that they offer.

    What the tenant took away from a role of another module stays taken away.
    """
    existing = {role.name: role for role in session.scalars(select(Role))}
    held: dict[UUID, set[str]] = {}
    for row in session.execute(select(RolePermission.role_id, RolePermission.permission)):
        held.setdefault(row.role_id, set()).add(row.permission)
    brought = set(added) if existing else {"kernel", *added}
    for name, (permissions, module) in composition.roles.items():
        new = {permission for permission in permissions if permission.partition(".")[0] in brought}
        if name == ADMIN:
            new |= {item for item in composition.permissions if item.partition(".")[0] in brought}
        role = existing.get(name)
        if role is not None and role.module is None:
            continue  # the tenant's own role of that name: its members get nothing by chance
        if role is None:
            if not new and module not in brought:
                continue
            role = Role(id=new_id(), tenant_id=tenant_id, name=name, description="", module=module)
            session.add(role)
            session.flush()
        for permission in sorted(new - held.get(role.id, set())):
            session.add(RolePermission(tenant_id=tenant_id, role_id=role.id, permission=permission))


def raise_rights_epoch(session: GuardedSession, tenant_id: UUID) -> None:
    """Every process reads the tenant's rights anew at its next request."""
    session.execute(
        update(Tenant)
        .where(Tenant.id == tenant_id)
        .values(rights_epoch=Tenant.rights_epoch + 1)
        .execution_options(synchronize_session=False)
    )


def admins(session: GuardedSession) -> list[UUID]:
    """Active users who may manage users."""
    statement = (
        select(User.id)
        .join(UserRole, (UserRole.user_id == User.id) & (UserRole.tenant_id == User.tenant_id))
        .join(
            RolePermission,
            (RolePermission.role_id == UserRole.role_id) & (RolePermission.tenant_id == UserRole.tenant_id),
        )
        .where(User.active, RolePermission.permission == "kernel.users")
        .distinct()
    )
    return list(session.scalars(statement))
