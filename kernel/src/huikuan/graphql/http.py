"""The GraphQL endpoint over HTTP, after the GraphQL-over-HTTP specification.

The event loop only reads and writes; admission, execution, compression and everything with SQL runs on threads
of a pool as large as the database's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from huikuan.actor import ActorKind
from huikuan.errors import Unauthenticated
from huikuan.graphql.configured import limits_of
from huikuan.graphql.errors import ErrorLog
from huikuan.graphql.execute import respond
from huikuan.graphql.negotiation import JSON, RESPONSE, MediaTypes, accepts_gzip, gzip, media_types
from huikuan.graphql.persisted import PersistedDocuments, PersistedQueryNotFound
from huikuan.graphql.response import Response
from huikuan.graphql.scope import RequestScope
from huikuan.graphql.wire import GraphQLRequest, TooLarge, WireError, read_get, read_post

if TYPE_CHECKING:
    from huikuan.settings import Settings

__all__ = ["GraphQLHTTP", "limits_of"]

METHODS = ("GET", "HEAD", "POST")
COMPRESSED_FROM = 1_024
"""Bytes of a body that is worth compressing."""

_STATUS = {"UNAUTHENTICATED": 401, "FORBIDDEN": 403, "METHOD_NOT_ALLOWED": 405, "INTERNAL": 500, "OVERLOADED": 503}
_HEADERS = {"cache-control": "no-store", "vary": "Accept, Accept-Encoding"}
_ALSO = {
    405: {"allow": ", ".join(METHODS)},
    415: {"accept-post": JSON, "accept-encoding": "gzip"},
    503: {"retry-after": "1"},
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, as it goes out."""

    status: int
    headers: dict[str, str]
    body: bytes

    async def send(self, send: Send, *, head: bool) -> None:
        """Send it; ``head`` leaves out the body, not its length."""
        headers = {**self.headers, "content-length": str(len(self.body))}
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": encoded})
        await send({"type": "http.response.body", "body": b"" if head else self.body})


class GraphQLHTTP:
    """An ASGI application; ``admit`` says on a worker thread who sends a request."""

    def __init__(self, admit: Callable[[Request], RequestScope], settings: Settings) -> None:
        self._admit = admit
        self._limits = limits_of(settings)
        self._introspection = settings.introspection
        self._slots = settings.pool_size
        self._body_limit = settings.body_limit
        self._persisted = PersistedDocuments()

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        # One hop to a thread of this pool costs half of what anyio's general one does.
        return ThreadPoolExecutor(self._slots, thread_name_prefix="graphql")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body() if request.method == "POST" else b""
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._threads, self._answer, request, body)
        await answer.send(send, head=request.method == "HEAD")

    def _answer(self, request: Request, body: bytes) -> Answer:
        answer = self._plain(request, body)
        if len(answer.body) < COMPRESSED_FROM or not accepts_gzip(_header(request, "accept-encoding")):
            return answer
        return Answer(answer.status, {**answer.headers, "content-encoding": "gzip"}, gzip(answer.body))

    def _plain(self, request: Request, body: bytes) -> Answer:
        media = MediaTypes(JSON, JSON)
        try:
            media = _media_types(request)
            if request.method not in METHODS:
                raise WireError("Send a query by GET or POST, a mutation by POST.", 405)
            # Who it is comes before what is asked, so that strangers cannot make the parser work.
            with self._admit(request) as admitted:
                post = request.method == "POST"
                asked = read_post(request, body, self._body_limit) if post else read_get(request)
                return self._execute(admitted, asked, media, post=post)
        except WireError as error:
            return _failed(error, media, error.status)
        except TooLarge as error:
            return _failed(error, media, 413)
        except PersistedQueryNotFound as error:
            # The usual course of their protocol; older clients give it up for good when they see a 400.
            usual = MediaTypes(media.executed, media.executed)
            return _failed(error, usual, _refused((), usual.refused))
        except BaseException as error:  # on a thread of the pool: nothing that a request raises stops the server
            return _failed(error, media, None)

    def _execute(self, admitted: RequestScope, asked: GraphQLRequest, media: MediaTypes, *, post: bool) -> Answer:
        admitted.limits = self._limits
        anonymous = admitted.scope.actor.kind is ActorKind.ANONYMOUS
        admitted.introspection = self._introspection or not anonymous
        document = self._persisted.document(admitted, asked)
        response = respond(admitted, document, asked.variables, asked.operation_name, allow_mutation=post)
        if response.executed:
            self._persisted.executed(admitted, asked)
            return _reply(_executed(response), media.executed, response)
        codes = [error["extensions"]["code"] for error in response.errors]
        return _reply(_refused(codes, media.refused), media.refused, response)


def _media_types(request: Request) -> MediaTypes:
    found = media_types(_header(request, "accept"))
    if found is None:
        raise WireError(f"Accept {RESPONSE} or {JSON}; nothing else is answered here.", 406)
    return found


def _header(request: Request, name: str) -> str | None:
    """A header that may come in several lines."""
    lines = request.headers.getlist(name)
    return ", ".join(lines) if lines else None


def _executed(response: Response) -> int:
    """200, with whatever errors; but where nothing was done for want of a connection, 503."""
    overloaded = any(error["extensions"]["code"] == "OVERLOADED" for error in response.errors)
    return 503 if overloaded and response.empty else 200


def _refused(codes: Collection[str], media: str) -> int:
    """4xx; but by the specification application/json says 200 of a document that does not fit.

    What breaks a limit is refused as a request that is too large is: before it is looked at as GraphQL.
    """
    status = next((_STATUS[code] for code in codes if code in _STATUS), 400)
    return 200 if status == 400 and media == JSON and "LIMIT_EXCEEDED" not in codes else status


def _failed(error: BaseException, media: MediaTypes, status: int | None) -> Answer:
    """The answer to a request that never reached the executor."""
    described = ErrorLog().describe(error)
    answer = _reply(status or _STATUS.get(described["extensions"]["code"], 400), media.refused, Response([described]))
    if isinstance(error, Unauthenticated):
        answer.headers["www-authenticate"] = "Bearer"
    if getattr(error, "retry_after", None):
        answer.headers["retry-after"] = str(error.retry_after)  # type: ignore[attr-defined]
    return answer


def _reply(status: int, media: str, response: Response) -> Answer:
    headers = {"content-type": f"{media}; charset=utf-8", **_HEADERS, **_ALSO.get(status, {})}
    return Answer(status, headers, response.body())
