"""The GraphQL endpoint over HTTP, after the GraphQL-over-HTTP specification.

The event loop only reads and writes; admission, execution and everything with SQL runs on threads
of a pool as large as the database's.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from huikuan.actor import ActorKind
from huikuan.errors import Unauthenticated
from huikuan.graphql.errors import ErrorLog
from huikuan.graphql.execute import execute
from huikuan.graphql.limits import Limits
from huikuan.graphql.scope import RequestScope
from huikuan.graphql.wire import JSON, GraphQLRequest, WireError, media_type, read_get, read_post

if TYPE_CHECKING:
    from huikuan.settings import Settings

__all__ = ["GraphQLHTTP", "limits_of"]

Answer = tuple[int, bytes, dict[str, str]]
_STATUS = {"UNAUTHENTICATED": 401, "FORBIDDEN": 403, "METHOD_NOT_ALLOWED": 405, "INTERNAL": 500, "OVERLOADED": 503}


def limits_of(settings: Settings) -> Limits:
    """The limits that the settings name."""
    return Limits(
        tokens=settings.graphql_tokens,
        depth=settings.graphql_depth,
        aliases=settings.graphql_aliases,
        mutations=settings.graphql_mutations,
        cost=settings.graphql_cost,
    )


class GraphQLHTTP:
    """An ASGI application; ``admit`` says on a worker thread who sends a request."""

    def __init__(self, admit: Callable[[Request], RequestScope], settings: Settings) -> None:
        self._admit = admit
        self._limits = limits_of(settings)
        self._introspection = settings.introspection
        self._threads = settings.pool_size

    @cached_property
    def _limiter(self) -> CapacityLimiter:
        return CapacityLimiter(self._threads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body() if request.method == "POST" else b""
        answer = await anyio.to_thread.run_sync(self._answer, request, body, limiter=self._limiter)
        await _response(request, *answer)(scope, receive, send)

    def _answer(self, request: Request, body: bytes) -> Answer:
        media = JSON
        try:
            media = media_type(request.headers.get("accept"))
            if request.method not in ("GET", "POST"):
                raise WireError("Send a query by GET or POST, a mutation by POST.", 405)
            # Who it is comes before what is asked, so that strangers cannot make the parser work.
            with self._admit(request) as admitted:
                asked = read_post(request, body) if request.method == "POST" else read_get(request)
                return self._execute(admitted, asked, media, get=request.method == "GET")
        except WireError as error:
            return _failed(error, media, error.status)
        except BaseException as error:  # on a thread of the pool: nothing that a request raises stops the server
            return _failed(error, media, None)

    def _execute(self, admitted: RequestScope, asked: GraphQLRequest, media: str, *, get: bool) -> Answer:
        admitted.limits = self._limits
        anonymous = admitted.scope.actor.kind is ActorKind.ANONYMOUS
        admitted.introspection = self._introspection or not anonymous
        response = execute(admitted, asked.document, asked.variables, asked.operation_name, allow_mutation=not get)
        status = _status(response, media)
        return status, _bytes(response), _headers(media, status)


def _status(response: dict[str, Any], media: str) -> int:
    """200 for whatever was executed; what was refused beforehand is 400, unless plain JSON was asked for."""
    codes = [error["extensions"]["code"] for error in response.get("errors", ())]
    if "OVERLOADED" in codes and all(value is None for value in (response.get("data") or {}).values()):
        return 503
    if "data" in response:
        return 200
    status = _STATUS.get(codes[0] if codes else "", 400)
    return 200 if status == 400 and media == JSON else status


def _failed(error: BaseException, media: str, status: int | None) -> Answer:
    """The answer to a request that never reached the executor."""
    described = ErrorLog().describe(error)
    found = status or _STATUS.get(described["extensions"]["code"], 400)
    headers = _headers(media, found)
    if isinstance(error, Unauthenticated):
        headers["www-authenticate"] = "Bearer"
    if getattr(error, "retry_after", None):
        headers["retry-after"] = str(error.retry_after)  # type: ignore[attr-defined]
    return found, _bytes({"errors": [described]}), headers


def _headers(media: str, status: int) -> dict[str, str]:
    found = {"content-type": f"{media}; charset=utf-8", "cache-control": "no-store", "vary": "accept"}
    if status == 405:
        found["allow"] = "GET, POST"
    if status == 503:
        found["retry-after"] = "1"
    return found


def _bytes(response: dict[str, Any]) -> bytes:
    return json.dumps(response, ensure_ascii=False, separators=(",", ":")).encode()


def _response(request: Request, status: int, body: bytes, headers: dict[str, str]) -> Response:
    return Response(b"" if request.method == "HEAD" else body, status, headers)
