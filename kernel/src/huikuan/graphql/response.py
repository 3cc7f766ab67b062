"""Response: what an operation answers, and its bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

__all__ = ["Response"]

_ENCODER = msgspec.json.Encoder()


class Response:
    """``data`` is a tree that only the writer reads; it is there only if the operation was ``executed``."""

    __slots__ = ("data", "errors", "executed", "extensions")

    def __init__(
        self,
        errors: list[dict[str, Any]] | None = None,
        *,
        executed: bool = False,
        data: Any = None,
        extensions: Mapping[str, Any] | None = None,
    ) -> None:
        self.errors = errors or []
        self.executed = executed
        self.data = data
        self.extensions = extensions or {}

    @property
    def empty(self) -> bool:
        """Whether nothing was read: no data, or null in every root field."""
        return self.data is None or all(getattr(self.data, name) is None for name in self.data.__struct_fields__)

    def body(self) -> bytes:
        """The response as JSON."""
        found: dict[str, Any] = {}
        if self.errors:
            found["errors"] = self.errors
        if self.executed:
            found["data"] = self.data
        if self.extensions:
            found["extensions"] = self.extensions
        try:
            return _ENCODER.encode(found)
        except UnicodeEncodeError:  # an error quotes what no response can hold; data was looked at when it was made
            return _ENCODER.encode({**found, "errors": _repaired(self.errors)})

    def plain(self) -> dict[str, Any]:
        """The response as a client reads it."""
        found: dict[str, Any] = json.loads(self.body())
        return found


def _repaired(value: Any) -> Any:
    """The same with a question mark for each half of a character."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return {_repaired(key): _repaired(item) for key, item in value.items()}
    return [_repaired(item) for item in value] if isinstance(value, list) else value
