"""Tables without a tenant: the directory that says who may enter where, before a tenant is known."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from uuid import UUID

from sqlalchemy import ForeignKey

from huikuan.db import GlobalModel, Mapped, UtcDateTime, mapped_column, pii, state

__all__ = ["ApiKeyEntry", "Login", "Membership", "Operator", "RefreshToken", "Tenant", "TenantStatus"]


class TenantStatus(Enum):
    """Whether a tenant may be used."""

    ACTIVE = "in use"
    SUSPENDED = "nobody can sign in; data is kept"


class Tenant(GlobalModel):
    """A company that uses the system. The epochs tell caches when to look again."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    currency: Mapped[str] = mapped_column(doc="Base currency, ISO 4217")
    status: Mapped[TenantStatus] = state(TenantStatus, default=TenantStatus.ACTIVE)
    module_epoch: Mapped[int] = mapped_column(default=1)
    rights_epoch: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Login(GlobalModel):
    """An e-mail and a password; one login may be a user of many tenants."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = pii(mapped_column(unique=True))
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    epoch: Mapped[int] = mapped_column(default=1, doc="Raised to revoke every token at once")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Membership(GlobalModel):
    """Which user a login is in a tenant."""

    login_id: Mapped[UUID] = mapped_column(ForeignKey("kernel_login.id"), primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("kernel_tenant.id"), primary_key=True)
    user_id: Mapped[UUID]
    active: Mapped[bool] = mapped_column(default=True)


class ApiKeyEntry(GlobalModel):
    """Finds tenant and key by the public prefix; holds the hash of the secret."""

    prefix: Mapped[str] = mapped_column(primary_key=True)
    secret_hash: Mapped[str]
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("kernel_tenant.id"))
    api_key_id: Mapped[UUID]
    active: Mapped[bool] = mapped_column(default=True)


class Operator(GlobalModel):
    """Somebody who runs the platform; sees tenants, never their business data."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = pii(mapped_column(unique=True))
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    epoch: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RefreshToken(GlobalModel):
    """One link of a rotating chain; using a link twice revokes its family."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    family: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[str]
    subject_id: Mapped[UUID] = mapped_column(doc="login or operator")
    tenant_id: Mapped[UUID | None]
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
