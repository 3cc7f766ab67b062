"""What a database can hold."""

from __future__ import annotations

from typing import Any

from huikuan.errors import BadInput

__all__ = ["storable"]


def storable(value: Any, where: str) -> Any:
    """The value; a text that holds NUL is refused, because PostgreSQL cannot keep it."""
    if isinstance(value, str) and "\0" in value:
        raise BadInput(f"{where} may not hold the character NUL.", field=where)
    return value
