"""Do two answers say the same? A comparison of times means nothing unless they do."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any
from uuid import UUID

from huikuan.graphql.ids import decode_any_id

__all__ = ["check_same", "plain_id"]

_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def plain_id(text: str) -> str:
    """The UUID in a global id, as text; a bare UUID is itself."""
    try:
        return str(UUID(text))
    except ValueError:
        return str(decode_any_id(text)[1])


def check_same(one: bytes, other: bytes) -> None:
    """Fail unless the data is the same, up to how an id is written and to zeros at the end of an amount."""
    first, second = (_plain(json.loads(text)["data"]) for text in (one, other))
    assert first == second, f"the answers differ: {_where(first, second)}"


def _plain(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _plain(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if key == "id":
        return plain_id(value)
    if key in ("amount", "quantity", "unitPrice") and isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    return value


def _where(one: Any, other: Any, path: str = "data") -> str:
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        pairs = [(name, one[name], other[name]) for name in one]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(str(place), item, other[place]) for place, item in enumerate(one)]
    else:
        return f"{path} is {str(one)[:80]} and {str(other)[:80]}"
    return next(_where(item, twin, f"{path}.{name}") for name, item, twin in pairs if item != twin)
