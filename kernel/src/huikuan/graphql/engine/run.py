"""Run: one operation while it is executed. What fields share: the snapshot, the actor, variables and failures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from graphql.execution.values import VariableValues
from sqlalchemy.exc import DBAPIError

from huikuan.errors import HookError, HuikuanError, told_to_stop
from huikuan.graphql.engine.places import Failures
from huikuan.graphql.engine.projection import TENANT
from huikuan.graphql.rights import require
from huikuan.retry import is_transient

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from huikuan.context import Context
    from huikuan.db.prepared import PreparedRead
    from huikuan.graphql.scope import RequestScope

__all__ = ["Run"]


class Run:
    """One operation on one request; ``event`` is what a subscription shows."""

    def __init__(
        self, request: RequestScope, variables: VariableValues, given: Mapping[str, Any], event: Any = None
    ) -> None:
        self.request = request
        self.build = request.schema.build
        self.variables = variables
        self.given_variables = given
        self.event = event
        self.failures = Failures()
        self.replayed: list[str] = []
        self.tenant_id = request.scope.tenant.id
        self._allowed: set[str | None] = {None}

    @property
    def connection(self) -> Connection:
        """The snapshot, opened at the first use."""
        return self.request.connection

    @property
    def ctx(self) -> Context:
        """The read context on the same snapshot, for modules' functions."""
        return self.request.context

    def fetch(self, statement: PreparedRead, values: Mapping[str, Any]) -> Sequence[Any]:
        """The rows of a prepared statement, fenced to the tenant."""
        return self.request.fetch(statement, {**values, TENANT: self.tenant_id})

    def require(self, permission: str | None) -> None:
        """Deny by default: raise Forbidden unless the actor holds the permission."""
        if permission in self._allowed:
            return
        require(self.request.scope.actor, permission)
        self._allowed.add(permission)

    @contextmanager
    def calling(self, module: str, what: str) -> Iterator[None]:
        """Code of a module runs inside; whatever it raises says whose it was."""
        try:
            with self.ctx.calling(module):
                yield
        except HuikuanError as error:
            error.data.setdefault("module", module)
            raise
        except BaseException as error:
            if told_to_stop(error) or (isinstance(error, DBAPIError) and is_transient(error)):
                raise
            version = self.build.versions.get(module, "?")
            reason = f"{type(error).__name__}: {error}"
            raise HookError(module=module, version=version, hook=what, reason=reason) from error
