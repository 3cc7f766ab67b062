"""Reads request bodies: never more than the limit, and in full before anything else is done for the request."""

from __future__ import annotations

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope

__all__ = ["BodyTooLarge", "discard", "read_body", "replay"]

_DISCARDED = 16_777_216


class BodyTooLarge(Exception):
    """The body is larger than the limit, by its length or by what has come; ``more`` of it may follow."""

    def __init__(self, *, more: bool) -> None:
        super().__init__()
        self.more = more


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The body; raises BodyTooLarge as soon as that is known, ClientDisconnect when the client goes away."""
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or len(value) > 12 or int(value) > limit):
            raise BodyTooLarge(more=True)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge(more=message.get("more_body", False))
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def discard(scope: Scope, receive: Receive) -> None:
    """Read and forget the rest, up to a bound: most clients read an answer only when they have sent everything,
    and closing a connection with unread bytes destroys the answer on its way."""
    if any(name == b"expect" for name, _ in scope["headers"]):
        return  # this client asked first, and has sent nothing
    size = 0
    while size < _DISCARDED:
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body", False):
            return


def replay(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives the body once more, then what the connection says."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
