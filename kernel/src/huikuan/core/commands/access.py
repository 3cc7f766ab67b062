"""Signing in and staying signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from huikuan.auth.errors import LoginFailed, RefreshInvalid
from huikuan.auth.passwords import check_policy
from huikuan.auth.refresh import new_refresh, refresh_hash
from huikuan.auth.tokens import ACCESS_TTL, AccessClaims, CallerKind, issue_access
from huikuan.commands import command
from huikuan.context import Context, session_of
from huikuan.core.directory import Login, Membership, Operator, RefreshToken, Tenant, TenantStatus
from huikuan.core.errors import TOKEN_REUSED
from huikuan.core.models import User
from huikuan.db import GuardedSession
from huikuan.db.writes import rows_touched
from huikuan.errors import BadInput, Refusal
from huikuan.graphql import output
from huikuan.ids import new_id

__all__ = ["REFRESH_TTL", "TokenPair", "login", "logout", "password_change", "token_exchange", "token_refresh"]

REFRESH_TTL = timedelta(days=30)


@output
@dataclass(frozen=True)
class TokenPair:
    """What a client keeps: the access token for requests, the refresh token for the next pair."""

    access_token: str
    refresh_token: str
    expires_in: int
    tenant: str | None


@command(permission=None, idempotency="none", surface="anonymous", payload="tokens")
def login(ctx: Context, email: str, password: str, tenant: str | None = None) -> TokenPair:
    """Sign in with e-mail and password. ``tenant`` (its slug) is needed by whoever has several."""
    email = email.strip().lower()
    ctx.services.throttle.attempt(email, ctx.client)
    session = session_of(ctx)
    found = session.scalars(select(Login).where(Login.email == email)).one_or_none()
    operator = None
    if found is None and tenant is None:
        operator = session.scalars(select(Operator).where(Operator.email == email)).one_or_none()
    account = found or operator
    valid = ctx.services.passwords.verify(password, account.password_hash if account else None)
    if account is None or not valid or not account.active:
        raise LoginFailed
    ctx.services.throttle.succeeded(email)
    if operator is not None:
        return _pair(ctx, session, CallerKind.OPERATOR, operator.id, operator.epoch, None, new_id())
    assert found is not None
    chosen = _choose(session, found.id, tenant)
    return _pair(ctx, session, CallerKind.USER, found.id, found.epoch, chosen, new_id())


@command(permission=None, idempotency="none", surface="anonymous", payload="tokens")
def token_refresh(ctx: Context, refresh_token: str) -> TokenPair | None:
    """Exchange a refresh token for a new pair. A token that comes twice ends its whole family."""
    session = session_of(ctx)
    row = session.scalars(
        select(RefreshToken).where(RefreshToken.token_hash == refresh_hash(refresh_token).hex())
    ).one_or_none()
    if row is None or row.revoked_at is not None or row.expires_at <= ctx.now:
        raise RefreshInvalid
    if not _use(ctx, session, row):
        _end_family(ctx, session, row.family)
        ctx.work.remaining.append(
            Refusal(TOKEN_REUSED, "This token was used before: somebody may hold a copy. Sign in again.")
        )
        return None
    kind = CallerKind(row.kind)
    account: Login | Operator | None = session.get(Operator if kind is CallerKind.OPERATOR else Login, row.subject_id)
    if account is None or not account.active:
        raise RefreshInvalid
    tenant = None
    if row.tenant_id is not None:
        tenant = next((found for found in _tenants(session, account.id) if found.id == row.tenant_id), None)
        if tenant is None:
            raise RefreshInvalid
    return _pair(ctx, session, kind, account.id, account.epoch, tenant, row.family)


@command(permission=None, idempotency="none", surface="anonymous", payload="tokens")
def token_exchange(ctx: Context, token: str, tenant: str | None = None) -> TokenPair:
    """Enter with the token of an external issuer that this installation trusts.

    It must name the e-mail address of a login; rights are those the tenant gave that user here.
    """
    identity = ctx.services.issuers.verify(token, ctx.services.clock)
    if identity.email is None:
        raise LoginFailed
    session = session_of(ctx)
    found = session.scalars(select(Login).where(Login.email == identity.email.strip().lower())).one_or_none()
    if found is None or not found.active:
        raise LoginFailed
    chosen = _choose(session, found.id, tenant)
    return _pair(ctx, session, CallerKind.USER, found.id, found.epoch, chosen, new_id())


@command(permission=None, idempotency="none", surface="anonymous", payload="done")
def logout(ctx: Context, refresh_token: str) -> bool:
    """End a session: it cannot be refreshed any more; its access token runs out within minutes."""
    session = session_of(ctx)
    row = session.scalars(
        select(RefreshToken).where(RefreshToken.token_hash == refresh_hash(refresh_token).hex())
    ).one_or_none()
    if row is not None:
        _end_family(ctx, session, row.family)
    return True


@command(permission=None, idempotency="none", payload="done")
def password_change(ctx: Context, current: str, new: str) -> bool:
    """Change one's own password; every session of the login ends."""
    user = ctx.find(User, id=ctx.actor.id)
    if user is None:
        raise BadInput("Only a signed-in user has a password.")
    ctx.services.throttle.attempt(user.email, ctx.client)
    session = session_of(ctx)
    found = session.get(Login, user.login_id)
    if found is None or not ctx.services.passwords.verify(current, found.password_hash):
        raise BadInput("The current password is wrong.", field="current")
    ctx.services.throttle.succeeded(user.email)
    check_policy(new, email=found.email)
    found.password_hash = ctx.services.passwords.hash(new)
    found.epoch += 1
    session.execute(
        update(RefreshToken)
        .where(RefreshToken.subject_id == found.id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=ctx.now)
        .execution_options(synchronize_session=False)
    )
    return True


def _choose(session: GuardedSession, login_id: UUID, slug: str | None) -> Tenant:
    """The tenant to enter; a wrong one answers like a wrong password, so that slugs cannot be probed."""
    tenants = _tenants(session, login_id)
    if slug is not None:
        tenants = [tenant for tenant in tenants if tenant.slug == slug]
    if not tenants:
        raise LoginFailed
    if len(tenants) > 1:
        raise BadInput(f"Name the tenant to enter: {', '.join(tenant.slug for tenant in tenants)}.", field="tenant")
    return tenants[0]


def _tenants(session: GuardedSession, login_id: UUID) -> list[Tenant]:
    """Where a login may enter now."""
    statement = (
        select(Tenant)
        .join(Membership, Membership.tenant_id == Tenant.id)
        .where(Membership.login_id == login_id, Membership.active, Tenant.status == TenantStatus.ACTIVE)
    )
    return list(session.scalars(statement.order_by(Tenant.slug)))


def _use(ctx: Context, session: GuardedSession, row: RefreshToken) -> bool:
    """Use up a refresh token; False if it was, also by a request that runs at the same time."""
    statement = (
        update(RefreshToken)
        .where(RefreshToken.id == row.id, RefreshToken.used_at.is_(None))
        .values(used_at=ctx.now)
        .execution_options(synchronize_session=False)
    )
    return rows_touched(session.execute(statement)) == 1


def _pair(
    ctx: Context,
    session: GuardedSession,
    kind: CallerKind,
    subject: UUID,
    epoch: int,
    tenant: Tenant | None,
    family: UUID,
) -> TokenPair:
    refresh = new_refresh()
    session.add(
        RefreshToken(
            id=new_id(),
            token_hash=refresh.hash.hex(),
            family=family,
            kind=kind.value,
            subject_id=subject,
            tenant_id=tenant.id if tenant else None,
            expires_at=ctx.now + REFRESH_TTL,
        )
    )
    claims = AccessClaims(sub=subject, tid=tenant.id if tenant else None, kind=kind, epoch=epoch)
    access = issue_access(ctx.services.keys, claims, ctx.services.clock)
    return TokenPair(access, refresh.token, int(ACCESS_TTL.total_seconds()), tenant.slug if tenant else None)


def _end_family(ctx: Context, session: GuardedSession, family: UUID) -> None:
    session.execute(
        update(RefreshToken)
        .where(RefreshToken.family == family, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=ctx.now)
        .execution_options(synchronize_session=False)
    )
