"""Texts fit their columns, on every database alike: PostgreSQL would fail, SQLite would keep what PostgreSQL cannot."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from sqlalchemy import Enum, String, inspect

from huikuan.errors import BadInput

__all__ = ["check_lengths"]


def check_lengths(instance: object) -> None:
    """Refuse a row with a text that is longer than its column."""
    values = inspect(instance).dict
    kind: Any = type(instance)
    for key, length in _limits(kind):
        value = values.get(key)
        if isinstance(value, str) and len(value) > length:
            field = re.sub(r"_([a-z])", lambda found: found[1].upper(), key)
            raise BadInput(f"{field} has {len(value):,} characters; at most {length} fit.", field=field)


@lru_cache(maxsize=1024)
def _limits(kind: Any) -> tuple[tuple[str, int], ...]:
    found = []
    for attribute in inspect(kind).column_attrs:
        column = attribute.columns[0].type
        if isinstance(column, String) and not isinstance(column, Enum) and column.length is not None:
            found.append((attribute.key, column.length))
    return tuple(found)
