"""RequestScope: what the operations of one request run on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from huikuan.context import Context
from huikuan.graphql.arguments import resolve_values
from huikuan.graphql.limits import Limits

if TYPE_CHECKING:
    from sqlalchemy import Connection, Dialect

    from huikuan.clock import Clock
    from huikuan.commands import Command
    from huikuan.db import Database
    from huikuan.db.prepared import PreparedRead
    from huikuan.graphql.fielddecls import ArgumentDecl
    from huikuan.graphql.schema import TenantSchema
    from huikuan.runner import CommandResult, Runner, Scope

__all__ = ["RequestScope"]


class RequestScope:
    """Reads go through one snapshot, opened at the first use; a command drops it, so that what follows
    sees its effect. Close it after the operation."""

    def __init__(
        self,
        *,
        scope: Scope,
        runner: Runner,
        database: Database,
        clock: Clock,
        idempotency_key: str | None = None,
        limits: Limits | None = None,
        introspection: bool = True,
    ) -> None:
        self.scope = scope
        self.limits = limits or Limits()
        self.introspection = introspection
        self.idempotency_key = idempotency_key
        self._runner = runner
        self._database = database
        self._clock = clock
        self._open = ExitStack()
        self._connection: Connection | None = None
        self._context: Context | None = None

    @property
    def schema(self) -> TenantSchema:
        """The schema of the tenant's modules."""
        return self.scope.composition.schema

    @property
    def dialect(self) -> Dialect:
        """The database's kind of SQL."""
        return self._database.engine.dialect

    @property
    def connection(self) -> Connection:
        """The snapshot, opened at the first use."""
        if self._connection is None:
            snapshot = self._database.snapshot(self.scope.tenant.id, self._clock)
            self._connection = self._open.enter_context(snapshot)
        return self._connection

    def fetch(self, statement: PreparedRead, values: Mapping[str, Any]) -> Sequence[Any]:
        """Rows of the snapshot."""
        return statement.fetch(self.connection, values)

    @property
    def context(self) -> Context:
        """The read context of the snapshot, for modules' functions."""
        if self._context is None:
            scope = self.scope
            session = self._open.enter_context(self._database.session_on(self.connection))
            self._context = Context(
                session=session,
                composition=scope.composition,
                tenant=scope.tenant,
                actor=scope.actor,
                request_id=scope.request_id,
                services=scope.services,
                client=scope.client,
                preview=True,
                command="query",
            )
        return self._context

    def run(self, command: Command[..., Any], arguments: Mapping[str, Any], key: str | None) -> CommandResult:
        """Run a command in its own transaction."""
        self.close()
        return self._runner.run(self.scope, command, arguments, key=self.idempotency_key if key is None else key)

    def resolve(self, declared: Sequence[ArgumentDecl], plain: Mapping[str, Any]) -> dict[str, Any]:
        """The values that a function takes, references looked up in the snapshot."""
        return resolve_values(self.context, declared, plain)

    def close(self) -> None:
        """Give the snapshot's connection back."""
        self._context = self._connection = None
        self._open.close()

    def __enter__(self) -> RequestScope:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
