"""Admission: from a token to a scope, with one statement per request.

The statement returns the tenant's status and epochs; compositions, settings and rights are cached
by epoch, so that a change is seen at the next request in every process.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import String, Uuid, bindparam, select

from huikuan.actor import Actor, ActorKind, TenantInfo
from huikuan.auth.api_keys import parse_api_key
from huikuan.auth.errors import ApiKeyInvalid, TokenInvalid
from huikuan.auth.tokens import AccessClaims, CallerKind, verify_access
from huikuan.clock import Clock
from huikuan.composition import Composition, Compositions
from huikuan.core.directory import ApiKeyEntry, Login, Membership, Operator, Tenant, TenantStatus
from huikuan.core.models import ModuleState, TenantModule, TenantSetting
from huikuan.core.module import OPERATE
from huikuan.core.platform import PLATFORM
from huikuan.core.rights import key_permissions, user_permissions
from huikuan.db import Database, GuardedSession
from huikuan.db.lookup import Lookup
from huikuan.errors import NotFound, Unauthenticated
from huikuan.runner import Scope
from huikuan.services import Services

__all__ = ["Admission"]

K = TypeVar("K")
V = TypeVar("V")
_TENANT = (
    Tenant.id,
    Tenant.slug,
    Tenant.name,
    Tenant.currency,
    Tenant.status,
    Tenant.module_epoch,
    Tenant.rights_epoch,
)


_MEMBER = Lookup(
    select(*_TENANT, Membership.user_id, Login.epoch, Login.email)
    .join(Membership, Membership.tenant_id == Tenant.id)
    .join(Login, Login.id == Membership.login_id)
    .where(
        Tenant.id == bindparam("tenant", type_=Uuid()),
        Login.id == bindparam("login", type_=Uuid()),
        Login.active,
        Membership.active,
    )
)
_API_KEY = Lookup(
    select(*_TENANT, ApiKeyEntry.api_key_id, ApiKeyEntry.secret_hash)
    .join(Tenant, Tenant.id == ApiKeyEntry.tenant_id)
    .where(ApiKeyEntry.prefix == bindparam("prefix", type_=String()), ApiKeyEntry.active)
)


class _Cache(Generic[K, V]):
    """The last so many values, safe between threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._held: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K, make: Callable[[], V]) -> V:
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        value = make()
        with self._lock:
            self._held[key] = value
            if len(self._held) > self._limit:
                self._held.popitem(last=False)
        return value


class Admission:
    """Makes scopes."""

    def __init__(self, database: Database, compositions: Compositions, services: Services, clock: Clock) -> None:
        self._database = database
        self._compositions = compositions
        self._services = services
        self._clock = clock
        self._tenants: _Cache[tuple[UUID, int], tuple[Composition, TenantInfo]] = _Cache(5_000)
        self._rights: _Cache[tuple[UUID, UUID, int], frozenset[str]] = _Cache(20_000)

    def admit(self, authorization: str | None, *, request_id: str, client: str) -> Scope:
        """The scope of a request; without a token the anonymous one."""
        if authorization is None:
            return self._platform("anonymous", Actor.anonymous(), request_id, client)
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("Send 'Authorization: Bearer <token>'.")
        if token.startswith("hk_"):
            return self._by_api_key(token, request_id, client)
        claims = verify_access(token, self._services.keys, self._clock)
        if claims.kind is CallerKind.OPERATOR:
            return self._by_operator(claims, request_id, client)
        return self._by_user(claims, request_id, client)

    def scope(self, tenant: str | UUID, actor: Actor, request_id: str) -> Scope:
        """A tenant's scope for the product itself; the platform's own work is done in the control plane."""
        if tenant == PLATFORM.id:
            return self.control(actor, request_id)
        condition = Tenant.id == tenant if isinstance(tenant, UUID) else Tenant.slug == tenant
        with self._database.read(PLATFORM.id, self._clock) as session:
            row = session.execute(select(*_TENANT).where(condition)).one_or_none()
        if row is None:
            raise NotFound(f"There is no tenant {str(tenant)!r}; see: huikuan tenant list.", field="tenant")
        return self._scope(row, actor, request_id, "")

    def control(self, actor: Actor, request_id: str, client: str = "") -> Scope:
        """The control plane's scope."""
        return self._platform("control", actor, request_id, client)

    def _platform(self, surface: Any, actor: Actor, request_id: str, client: str) -> Scope:
        composition = self._compositions.get((), surface)
        return Scope(PLATFORM, actor, composition, request_id, self._services, client)

    def _by_user(self, claims: AccessClaims, request_id: str, client: str) -> Scope:
        row = self._database.look_up(_MEMBER, tenant=claims.tid, login=claims.sub)
        if row is None or row.epoch != claims.epoch:
            raise TokenInvalid("no such membership, or the login's epoch moved on")
        rights = self._permissions(row, row.user_id, lambda session: user_permissions(session, row.user_id))
        return self._scope(row, Actor(ActorKind.USER, row.user_id, row.email, rights), request_id, client)

    def _by_api_key(self, token: str, request_id: str, client: str) -> Scope:
        presented = parse_api_key(token)
        row = self._database.look_up(_API_KEY, prefix=presented.prefix)
        if not presented.matches(bytes.fromhex(row.secret_hash) if row is not None else None):
            raise ApiKeyInvalid("unknown prefix or wrong secret")
        assert row is not None
        key_id = row.api_key_id
        rights = self._permissions(row, key_id, lambda session: key_permissions(session, key_id))
        actor = Actor(ActorKind.API_KEY, key_id, f"api key {presented.prefix}", rights)
        return self._scope(row, actor, request_id, client)

    def _by_operator(self, claims: AccessClaims, request_id: str, client: str) -> Scope:
        with self._database.read(PLATFORM.id, self._clock) as session:
            row = session.get(Operator, claims.sub)
        if row is None or not row.active or row.epoch != claims.epoch:
            raise TokenInvalid("no such operator, or its epoch moved on")
        rights = frozenset({OPERATE})
        return self.control(Actor(ActorKind.OPERATOR, row.id, row.email, rights), request_id, client)

    def _scope(self, row: Any, actor: Actor, request_id: str, client: str) -> Scope:
        if row.status is not TenantStatus.ACTIVE and actor.kind is not ActorKind.SYSTEM:
            raise Unauthenticated("This tenant is suspended.")
        composition, tenant = self._tenants.get((row.id, row.module_epoch), lambda: self._load(row))
        return Scope(tenant, actor, composition, request_id, self._services, client)

    def _load(self, row: Any) -> tuple[Composition, TenantInfo]:
        with self._database.read(row.id, self._clock) as session:
            states = {
                item.module: item.state
                for item in session.execute(select(TenantModule.module, TenantModule.state))
                if item.state is not ModuleState.DISABLED
            }
            settings = session.execute(select(TenantSetting.key, TenantSetting.value)).all()
        # A module that is enabled but no longer installed is left out, with what requires it.
        catalog = self._compositions.catalog
        usable = frozenset(name for name in states if name in catalog and catalog.closure([name]) <= states.keys())
        info = TenantInfo(
            row.id,
            row.slug,
            row.name,
            row.currency,
            {item.key: item.value for item in settings},
            frozenset(name for name, state in states.items() if state is ModuleState.ENABLING),
            row.module_epoch,
        )
        return self._compositions.get(usable), info

    def _permissions(
        self, row: Any, actor_id: UUID, read: Callable[[GuardedSession], frozenset[str]]
    ) -> frozenset[str]:
        def load() -> frozenset[str]:
            with self._database.read(row.id, self._clock) as session:
                return read(session)

        return self._rights.get((row.id, actor_id, row.rights_epoch), load)
