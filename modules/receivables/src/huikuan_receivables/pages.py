"""Places in long reports, as clients carry them from page to page."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from huikuan.codec import decode, encode
from huikuan.errors import BadInput

__all__ = ["MOST", "check_size", "read_cursor", "write_cursor"]

MOST = 1_000


def check_size(first: int) -> int:
    """How many rows a page has, 1 to 1,000."""
    if not 1 <= first <= MOST:
        raise BadInput(f"Ask for 1 to {MOST} rows.", field="first")
    return first


def write_cursor(report: str, *values: Any) -> str:
    """The place after a row: what the report is ordered by."""
    text = json.dumps([report, *(encode(value) for value in values)], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(report: str, types: Sequence[Any], text: str) -> list[Any]:
    """The values in a cursor; one of another report, or a changed one, is refused."""
    wrong = BadInput("This is no cursor of this list.", field="after")
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(found, list) or found[:1] != [report] or len(found) != len(types) + 1:
            raise wrong
        if not all(isinstance(value, str) for value in found):
            raise wrong
        values = [decode(type_, value) for type_, value in zip(types, found[1:], strict=True)]
        if not all(map(_sound, values)):
            raise wrong
        return values
    except (ArithmeticError, ValueError) as error:
        raise wrong from error


def _sound(value: Any) -> bool:
    """Whether a value can be compared with others of its type."""
    if isinstance(value, datetime):
        return value.tzinfo is not None
    return value.is_finite() if isinstance(value, Decimal) else True
