"""From an HTTP request to what a GraphQL operation runs on."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from starlette.requests import Request

from huikuan.actor import Actor, ActorKind
from huikuan.errors import BadInput
from huikuan.graphql import RequestScope
from huikuan.kernel import Kernel
from huikuan.web.outer import seen

__all__ = ["actor_label", "admission"]


def admission(kernel: Kernel) -> Callable[[Request], RequestScope]:
    """A callable for worker threads (it reads the database): who sends ``request``, and with which rights."""

    def admit(request: Request) -> RequestScope:
        notes = seen(request.scope)
        client = request.client.host if request.client else ""
        scope = kernel.admit(request.headers.get("authorization"), request_id=notes.request_id, client=client)
        notes.tenant, notes.actor = scope.tenant.slug, actor_label(scope.actor)
        # Threads keep their context variables from one request to the next, so all are set anew.
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=notes.request_id, tenant=notes.tenant, actor=notes.actor)
        return kernel.request(scope, idempotency_key=_key(request.headers.get("idempotency-key")))

    return admit


def actor_label(actor: Actor) -> str:
    """Kind and id: names and e-mail addresses don't belong into logs."""
    nameless = actor.kind in (ActorKind.ANONYMOUS, ActorKind.SYSTEM)
    return actor.kind.value if nameless else f"{actor.kind.value}:{actor.id}"


def _key(given: str | None) -> str | None:
    """The header is a quoted string by its specification; most clients leave the quotes out."""
    if given is None:
        return None
    key = given.strip()
    if len(key) >= 2 and key.startswith('"') and key.endswith('"'):
        key = key[1:-1]
    if not 1 <= len(key) <= 255 or not key.isprintable():
        raise BadInput("An Idempotency-Key has 1 to 255 printable characters.", field="Idempotency-Key")
    return key
