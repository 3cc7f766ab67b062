"""Kernel: everything one process needs, put together once; admits requests and runs commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from huikuan.actor import Actor, TenantInfo
from huikuan.admission import Admission
from huikuan.auth.issuer_file import load_issuers
from huikuan.auth.issuers import ExternalIssuers
from huikuan.auth.key_files import KeySource
from huikuan.auth.keys import KeyRing
from huikuan.auth.passwords import Passwords
from huikuan.auth.throttle import LoginThrottle
from huikuan.bus import Deadlines
from huikuan.catalog import ModuleCatalog
from huikuan.clock import Clock, SystemClock
from huikuan.commands import Command
from huikuan.composition import Composition, shared_compositions
from huikuan.context import Context
from huikuan.core.module import migration_sources
from huikuan.db import Database, GuardedSession
from huikuan.db.migrate import MigrationSource
from huikuan.events import Envelope
from huikuan.graphql import Limits, RequestScope
from huikuan.graphql.configured import limits_of
from huikuan.runner import CommandResult, Runner, Scope, context
from huikuan.services import Services

if TYPE_CHECKING:
    from huikuan.settings import Settings

__all__ = ["Kernel", "Outside"]


@lru_cache(maxsize=1)
def _passwords() -> Passwords:
    """One for the process: making it costs as much as a sign-in."""
    return Passwords()


def _deadlines(settings: Settings | None) -> Deadlines | None:
    return Deadlines(hard=settings.hook_timeout) if settings is not None else None


@dataclass(frozen=True, slots=True)
class Outside:
    """What a ``@deliver`` subscriber gets: no transaction is open while it talks to the outside."""

    kernel: Kernel
    scope: Scope
    envelope: Envelope
    where: str = "worker"

    @property
    def composition(self) -> Composition:
        return self.scope.composition

    @property
    def preparing(self) -> frozenset[str]:
        return self.scope.tenant.preparing

    def calling(self, module: str) -> AbstractContextManager[None]:
        """Nothing needs an author out here: no refusal is stamped, no row written."""
        return nullcontext()

    def check_intact(self, module: str, hook: str) -> None:
        """No transaction is open that a hook could end."""

    def provide(self, hook: Callable[..., Any], **arguments: Any) -> Any | None:
        """The first answer of a provider hook that runs in the worker."""
        return self.composition.bus.provide(self, hook.__name__, arguments)

    @property
    def tenant(self) -> TenantInfo:
        return self.scope.tenant

    @property
    def now(self) -> datetime:
        return self.kernel.clock.now()

    @contextmanager
    def read(self) -> Iterator[Context]:
        """A short read-only unit of work; leave it before calling out."""
        with self.kernel.reading(self.scope) as ctx:
            yield ctx

    def run(self, command: Command[..., Any] | str, **arguments: Any) -> CommandResult:
        """Run a command in a transaction of its own, to record what the outside answered."""
        return self.kernel.run(self.scope, command, arguments)


class Kernel:
    """One process's kernel; see the module docstring."""

    def __init__(
        self,
        database: Database,
        catalog: ModuleCatalog,
        keys: KeySource | KeyRing,
        *,
        clock: Clock | None = None,
        settings: Settings | None = None,
        issuers: ExternalIssuers | None = None,
        hook_deadlines: Deadlines | None = None,
    ) -> None:
        self.database = database
        self.compositions = shared_compositions(catalog, hook_deadlines or _deadlines(settings))
        self.catalog = self.compositions.catalog
        self.clock = clock or SystemClock()
        self.settings = settings
        self.runner = Runner(database, self.clock)
        throttle = LoginThrottle(self.clock)
        self.services = Services(
            self.compositions,
            _passwords(),
            throttle,
            self.clock,
            keys,
            issuers or ExternalIssuers(),
            limits_of(settings) if settings else Limits(),
        )
        self.admission = Admission(database, self.compositions, self.services, self.clock)

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        clock: Clock | None = None,
        safe_mode: bool = False,
        synchronous: Literal["NORMAL", "FULL"] = "FULL",
    ) -> Kernel:
        """Open the database and find the modules that ``settings`` name.

        ``synchronous`` is SQLite's: NORMAL does not wait for the disk at each commit, for work that can
        simply be done again, such as an import or the demo.
        """
        database = Database(
            settings.database_url,
            system_url=settings.system_database_url,
            pool_size=settings.pool_size,
            sqlite_synchronous=synchronous,
        )
        return cls(
            database,
            ModuleCatalog.discover(safe_mode=safe_mode or settings.safe_mode),
            settings.key_source(),
            clock=clock,
            settings=settings,
            issuers=load_issuers(Path(settings.external_issuers) if settings.external_issuers else None),
        )

    def admit(self, authorization: str | None, *, request_id: str, client: str = "") -> Scope:
        """Who sends this request, with which rights, on which composition; raises Unauthenticated."""
        return self.admission.admit(authorization, request_id=request_id, client=client)

    def scope(self, tenant: str | UUID, *, actor: Actor | None = None, request_id: str = "cli") -> Scope:
        """A tenant by slug or id, as the system acts in it: for the command line, jobs and the relay."""
        return self.admission.scope(tenant, actor or Actor.system(), request_id)

    def control_scope(self, *, actor: Actor | None = None, request_id: str = "cli") -> Scope:
        """The control plane."""
        return self.admission.control(actor or Actor.system(), request_id)

    def run(
        self,
        scope: Scope,
        command: Command[..., Any] | str,
        arguments: Mapping[str, Any],
        *,
        key: str | None = None,
    ) -> CommandResult:
        """Run a command by name; arguments are plain values as GraphQL would send them."""
        found = scope.composition.command(command) if isinstance(command, str) else command
        return self.runner.run(scope, found, arguments, key=key)

    def request(self, scope: Scope, *, idempotency_key: str | None = None) -> RequestScope:
        """What a GraphQL operation runs on; close it after the operation."""
        return RequestScope(
            scope=scope,
            runner=self.runner,
            database=self.database,
            clock=self.clock,
            idempotency_key=idempotency_key,
        )

    @contextmanager
    def reading(self, scope: Scope, *, preview: bool = False) -> Iterator[Context]:
        """A read-only unit of work on one snapshot."""
        with self.database.read(scope.tenant.id, self.clock) as session:
            yield context(scope, session, "read", preview=preview)

    def context(self, scope: Scope, session: GuardedSession, name: str) -> Context:
        """A unit of work on an open session; who opens the session ends it."""
        return context(scope, session, name)

    @contextmanager
    def outside(self, scope: Scope, envelope: Envelope) -> Iterator[Outside]:
        """What a ``@deliver`` subscriber works with."""
        yield Outside(self, scope, envelope)

    def migration_sources(self) -> list[MigrationSource]:
        """The migrations of the kernel and of every installed module, requirements first."""
        return migration_sources(self.catalog)

    def close(self) -> None:
        """Close pooled connections."""
        self.database.dispose()
