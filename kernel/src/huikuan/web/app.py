"""The ASGI application of one kernel."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from huikuan.graphql.http import GraphQLHTTP
from huikuan.kernel import Kernel
from huikuan.settings import Settings
from huikuan.web import graphiql
from huikuan.web.admit import admission
from huikuan.web.gate import Gate
from huikuan.web.outer import Outer, seen
from huikuan.web.probes import Probes
from huikuan.web.replies import error
from huikuan.web.websocket import Sockets

__all__ = ["create_app"]

Handler = Callable[[Request], Awaitable[Response]]
_CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}


class GraphQLRoute:
    """``/graphql``: GraphiQL for a person's browser, the API through the gate for everybody else."""

    def __init__(self, gate: Gate, *, show_graphiql: bool) -> None:
        self._gate = gate
        self._show_graphiql = show_graphiql

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        seen(scope).route = "/graphql"
        if self._show_graphiql and graphiql.wants_page(Request(scope)):
            await graphiql.page()(scope, receive, send)
            return
        await self._gate(scope, receive, send)


def create_app(kernel: Kernel) -> Starlette:
    """Everything the server answers; ``app.state`` knows how much is being worked on, and who is connected."""
    settings = kernel.settings or Settings()
    gate = Gate(
        endpoint(kernel, settings),
        slots=settings.pool_size,
        most=settings.request_limit,
        body_limit=settings.body_limit,
        seconds=settings.request_timeout,
    )
    sockets = Sockets(kernel, settings, gate)
    app = Starlette(
        routes=_routes(kernel, settings, gate, sockets),
        middleware=_middleware(settings),
        exception_handlers={HTTPException: _refused},
    )
    app.state.gate, app.state.sockets = gate, sockets
    return app


def _routes(kernel: Kernel, settings: Settings, gate: Gate, sockets: Sockets) -> list[BaseRoute]:
    probes = Probes(kernel, settings)
    handlers: dict[str, Handler] = {
        "/healthz": probes.healthz,
        "/readyz": probes.readyz,
        "/metrics": probes.metrics,
        "/.well-known/jwks.json": probes.jwks,
    }
    routes: list[BaseRoute] = [
        Route("/graphql", GraphQLRoute(gate, show_graphiql=settings.show_graphiql)),
        WebSocketRoute("/graphql", sockets),
    ]
    routes += [Route(path, _named(path, handler), methods=["GET"]) for path, handler in handlers.items()]
    if settings.show_graphiql:
        routes += [Route("/", _named("/", _to_graphiql), methods=["GET"]), graphiql.files()]
    return routes


def _middleware(settings: Settings) -> list[Middleware]:
    layers = [Middleware(Outer, debug=settings.debug)]
    if settings.allowed_origins:
        cors = Middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=("GET", "POST"),
            allow_headers=("Authorization", "Content-Type", "Idempotency-Key", "X-Request-Id"),
            expose_headers=("X-Request-Id", "Retry-After"),
            max_age=600,
        )
        layers.append(cors)
    return layers


def _named(path: str, handler: Handler) -> Handler:
    """The handler, which notes its own path as the label of metrics."""

    async def named(request: Request) -> Response:
        seen(request.scope).route = path
        return await handler(request)

    return named


async def _to_graphiql(_request: Request) -> Response:
    return RedirectResponse("/graphql", 307)


async def _refused(_request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    code = _CODES.get(problem.status_code, "BAD_REQUEST")
    message = (
        "There is nothing at this address; the API is at /graphql." if problem.status_code == 404 else problem.detail
    )
    return error(problem.status_code, code, message, headers=problem.headers)


def endpoint(kernel: Kernel, settings: Settings) -> ASGIApp:
    """The GraphQL endpoint over this kernel."""
    return GraphQLHTTP(admission(kernel), settings)
