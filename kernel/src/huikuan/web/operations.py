"""What the messages of a WebSocket run on worker threads: signing in, operations, and the events of a stream."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import structlog

from huikuan.actor import ActorKind
from huikuan.core.feed import newest, read_on
from huikuan.errors import Forbidden, Unauthenticated
from huikuan.graphql import FeedEvent, RequestScope
from huikuan.graphql.configured import limits_of
from huikuan.graphql.errors import ErrorLog
from huikuan.graphql.persisted import PersistedDocuments
from huikuan.graphql.subscriptions import Opened, begin, execute_event
from huikuan.graphql.wire import GraphQLRequest
from huikuan.kernel import Kernel
from huikuan.runner import Scope
from huikuan.settings import Settings
from huikuan.web import messages
from huikuan.web.admit import actor_label
from huikuan.web.messages import MODULES_CHANGED, Ended

__all__ = ["Caller", "NotNow", "Operations", "Subscribed"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is at the other end of a connection, and the scope that the connection began with."""

    authorization: str | None
    request_id: str
    client: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription that goes on; ``asked`` holds the text of its document."""

    id: str
    asked: GraphQLRequest
    opened: Opened


class NotNow(Exception):
    """The database could not be asked: the same may be tried again."""


class Operations:
    """Reads and writes for connections. Each call asks anew who the caller is, as each request does."""

    def __init__(self, kernel: Kernel, settings: Settings) -> None:
        self._kernel = kernel
        self._limits = limits_of(settings)
        self._persisted = PersistedDocuments()

    # --- who ---------------------------------------------------------------------------------

    def sign_in(self, authorization: str | None, request_id: str, client: str) -> Caller:
        """The caller of a new connection; raises Unauthenticated, also for one without a token."""
        scope = self._kernel.admit(authorization, request_id=request_id, client=client)
        if scope.actor.kind is ActorKind.ANONYMOUS:
            raise Unauthenticated("Sign in: put an Authorization into the payload of connection_init.")
        return Caller(authorization, request_id, client, scope)

    def check(self, caller: Caller) -> Scope:
        """The caller's scope now.

        Raises Unauthenticated when the token has expired, or the token, the user or the tenant may not go on;
        Ended when the tenant's modules are no longer those that the connection's documents were checked against.
        """
        scope = self._kernel.admit(caller.authorization, request_id=caller.request_id, client=caller.client)
        if scope.composition.names != caller.scope.composition.names:
            raise Ended(MODULES_CHANGED)
        # Threads keep their context variables from one piece of work to the next, so all are set anew.
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(
            request_id=caller.request_id, tenant=scope.tenant.slug, actor=actor_label(scope.actor)
        )
        return scope

    def _request(self, scope: Scope) -> RequestScope:
        request = self._kernel.request(scope)
        request.limits = self._limits
        return request

    # --- what --------------------------------------------------------------------------------

    def begin(self, caller: Caller, id: str, asked: GraphQLRequest) -> Subscribed | list[str]:
        """Begin an operation: its messages, or the subscription that was opened."""
        with self._request(self.check(caller)) as request:
            document = self._persisted.document(request, asked)
            found = begin(request, document, asked.variables, asked.operation_name)
        if not isinstance(found, Opened) and "data" not in found:
            return [messages.error(id, found["errors"])]
        self._persisted.executed(request, asked)
        if isinstance(found, Opened):
            return Subscribed(id, replace(asked, document=document), found)
        return [messages.next_(id, found), messages.complete(id)]

    def show(self, caller: Caller, subscribed: Subscribed, events: Sequence[FeedEvent]) -> list[str]:
        """The messages for events of a stream, read from one snapshot.

        Raises Forbidden when the right is gone, PersistedDocumentRequired when the document may no longer be
        executed, NotNow when the database could not be asked.
        """
        asked, opened = subscribed.asked, subscribed.opened
        scope = self.check(caller)
        if (permission := opened.decl.permission) is not None and not scope.actor.may(permission):
            raise Forbidden(f"This needs the permission {permission}.", permission=permission)
        with self._request(scope) as request:
            document = self._persisted.document(request, asked)
            responses = [
                execute_event(request, document, asked.variables, asked.operation_name, opened.stream.show(event))
                for event in events
            ]
        if any(item["extensions"]["code"] == "OVERLOADED" for found in responses for item in found.get("errors", ())):
            raise NotNow
        return [messages.next_(subscribed.id, response) for response in responses]

    def describe(self, caller: Caller, problem: BaseException) -> dict[str, Any]:
        """An error as clients see it; what is unexpected is logged."""
        return ErrorLog(caller.request_id).describe(problem)

    # --- the feed ----------------------------------------------------------------------------

    def newest(self, tenant_id: UUID) -> int:
        """The last position of a tenant's feed."""
        with self._kernel.database.read(tenant_id, self._kernel.clock) as session:
            return session.scalar(newest()) or 0

    def read_on(self, tenant_id: UUID, after: int, types: Collection[str] | None, limit: int) -> list[FeedEvent]:
        """The next events of a tenant's feed after a position."""
        with self._kernel.database.read(tenant_id, self._kernel.clock) as session:
            return read_on(session, after, types, limit)
