"""A program: the floor over HTTP, at two addresses, for anybody. Its arguments: URL TENANT CONNECTIONS."""

from __future__ import annotations

import socket
import sys
from collections.abc import Awaitable, Callable
from uuid import UUID

import anyio.to_thread
import orjson
import uvicorn
from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench._graphql.floor import Floor

__all__ = ["create_app", "main"]

Handler = Callable[[Request], Awaitable[Response]]


def create_app(floor: Floor, threads: int) -> Starlette:
    """``POST /orders {"first": 1000}`` and ``POST /number {"id": "…"}``."""
    limiter: list[CapacityLimiter] = []

    def answering(answer: Callable[[dict[str, object]], bytes]) -> Handler:
        async def handle(request: Request) -> Response:
            if not limiter:  # belongs to an event loop, so it is made inside one
                limiter.append(CapacityLimiter(threads))
            given = orjson.loads(await request.body())
            body = await anyio.to_thread.run_sync(answer, given, limiter=limiter[0])
            return Response(body, media_type="application/json")

        return handle

    return Starlette(
        routes=[
            Route("/orders", answering(lambda given: floor.list(int(str(given["first"])))), methods=["POST"]),
            Route("/number", answering(lambda given: floor.number(str(given["id"]))), methods=["POST"]),
        ]
    )


def main(url: str, tenant: str, connections: str) -> None:
    floor = Floor(url, UUID(tenant), int(connections))
    config = uvicorn.Config(
        create_app(floor, int(connections)),
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=15,
    )
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(2048)
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        uvicorn.Server(config).run(sockets=[listener])
    floor.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
