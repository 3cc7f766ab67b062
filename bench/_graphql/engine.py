"""The engine, as the HTTP handler calls it: one request scope for each operation, bytes in the end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from huikuan.graphql import respond
from huikuan.kernel import Kernel
from huikuan.runner import Scope

__all__ = ["Engine", "some_id"]


class Engine:
    """The engine for whoever is meant by ``scope``; admission is not part of it."""

    def __init__(self, kernel: Kernel, scope: Scope) -> None:
        self.kernel, self.scope = kernel, scope

    def ask(self, document: str, variables: Mapping[str, Any]) -> bytes:
        """The body of the response to one operation."""
        with self.kernel.request(self.scope) as request:
            return respond(request, document, variables).body()


def some_id(engine: Engine) -> str:
    """The global id of an order from the middle of a page."""
    answer: dict[str, Any] = json.loads(engine.ask("{ orders(first: 40) { nodes { id } } }", {}))
    return str(answer["data"]["orders"]["nodes"][-1]["id"])
