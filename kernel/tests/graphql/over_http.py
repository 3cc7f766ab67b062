"""The endpoint in this process: an ASGI application and a client for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
from starlette.requests import Request

from huikuan.graphql import RequestScope
from huikuan.graphql.http import GraphQLHTTP
from huikuan.settings import Settings
from huikuan.testing.shop import Shop

RESPONSE = "application/graphql-response+json"
JSON = "application/json"


class Client:
    """Sends requests to the endpoint of a shop."""

    def __init__(self, shop: Shop, admit: Callable[[Request], RequestScope] | None = None, **settings: Any) -> None:
        kernel = shop.kernel
        self.app = GraphQLHTTP(admit or (lambda request: kernel.request(shop.scope)), Settings(**settings))

    def send(self, method: str = "POST", *, path: str = "/graphql", **options: Any) -> httpx.Response:
        """One request."""

        async def run() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
                return await client.request(method, path, **options)

        return asyncio.run(run())

    def post(self, body: Any, *, accept: str | None = None, **headers: str) -> httpx.Response:
        """One POST; ``body`` is JSON, or bytes as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"content-type": JSON, **headers}
        if accept is not None:
            given["accept"] = accept
        return self.send(content=content, headers=given)

    def get_url(self, query: str) -> httpx.Response:
        """One GET with the query string as it is."""
        return self.send("GET", path=f"/graphql{query}", headers={"accept": JSON})

    def get(self, accept: str = JSON, **parameters: str) -> httpx.Response:
        """One GET."""
        return self.send("GET", params=parameters, headers={"accept": accept})
