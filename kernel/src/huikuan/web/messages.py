"""The messages of the protocol graphql-transport-ws, and the codes with which its connections are closed.

The protocol is that of the npm package graphql-ws. Its clients connect again by themselves after 1001, 1012, 1013,
4008, 4403 and 4408, and give up after the other codes that are sent here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from huikuan.graphql.wire import WireError, parse_json

__all__ = [
    "ACK",
    "BUSY",
    "FAILED",
    "INIT_TIMEOUT",
    "MODULES_CHANGED",
    "NOT_ACKNOWLEDGED",
    "STOPPING",
    "SUBPROTOCOL",
    "TOO_MANY_INITS",
    "TOO_SLOW",
    "WRONG_SUBPROTOCOL",
    "Close",
    "Ended",
    "Message",
    "complete",
    "error",
    "next_",
    "pong",
    "read",
]

SUBPROTOCOL = "graphql-transport-ws"
LONGEST_ID = 256
_LONGEST_REASON = 123
_ABOUT_OPERATIONS = ("subscribe", "complete")
_ABOUT_CONNECTIONS = ("connection_init", "ping", "pong")


@dataclass(frozen=True, slots=True)
class Close:
    """How a connection is closed; the reason is cut to what a close frame has room for."""

    code: int
    reason: str

    def __post_init__(self) -> None:
        cut = self.reason.encode()[:_LONGEST_REASON].decode(errors="ignore")
        object.__setattr__(self, "reason", cut)


class Ended(Exception):
    """The connection must end, for this reason."""

    def __init__(self, why: Close) -> None:
        super().__init__(why)
        self.why = why


STOPPING = Close(1001, "The server stops; connect again.")
MODULES_CHANGED = Close(1012, "The modules of the tenant have changed; connect again.")
BUSY = Close(1013, "The server is busy; connect again in a moment.")
TOO_SLOW = Close(4008, "Too slow: what was sent has not been taken. Connect again, and go on after the last cursor.")
NOT_ACKNOWLEDGED = Close(4401, "Unauthorized: send connection_init first and wait for connection_ack.")
WRONG_SUBPROTOCOL = Close(4406, f"Subprotocol not acceptable: speak {SUBPROTOCOL}.")
INIT_TIMEOUT = Close(4408, "Connection initialisation timeout: connection_init did not come in time.")
TOO_MANY_INITS = Close(4429, "Too many initialisation requests: send connection_init once.")
FAILED = Close(4500, "Internal server error; the log has its cause.")


@dataclass(frozen=True, slots=True)
class Message:
    """What a client says; ``id`` names the operation of subscribe and complete."""

    type: str
    id: str
    payload: Mapping[str, Any]


def read(text: str) -> Message:
    """A client's message; raises Ended with 4400 for one that the protocol does not know."""
    try:
        found = parse_json(text.encode(), "The message")
    except WireError as problem:
        raise Ended(Close(4400, problem.message)) from None
    if not isinstance(found, dict) or not isinstance(found.get("type"), str):
        raise Ended(Close(4400, "A message is a JSON object with a type."))
    kind, id, payload = found["type"], found.get("id"), found.get("payload")
    if kind not in _ABOUT_OPERATIONS + _ABOUT_CONNECTIONS:
        raise Ended(Close(4400, f"There is no message of type {kind[:40]!r}."))
    if kind in _ABOUT_OPERATIONS and not (isinstance(id, str) and 1 <= len(id) <= LONGEST_ID):
        raise Ended(Close(4400, f"The id of {kind} is a text of 1 to {LONGEST_ID} characters."))
    if payload is None and kind != "subscribe":
        payload = {}
    if not isinstance(payload, dict):
        raise Ended(Close(4400, f"The payload of {kind} is an object."))
    return Message(kind, id if isinstance(id, str) else "", payload)


ACK = '{"type":"connection_ack"}'


def pong(payload: Mapping[str, Any]) -> str:
    """The answer to a ping, with its payload."""
    return _text({"type": "pong", "payload": payload} if payload else {"type": "pong"})


def next_(id: str, response: Mapping[str, Any]) -> str:
    """One response to an operation."""
    return _text({"id": id, "type": "next", "payload": response})


def error(id: str, errors: list[dict[str, Any]]) -> str:
    """The end of an operation that was not executed, or cannot go on."""
    return _text({"id": id, "type": "error", "payload": errors})


def complete(id: str) -> str:
    """The end of an operation that was answered."""
    return _text({"id": id, "type": "complete"})


def _text(message: Mapping[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))
