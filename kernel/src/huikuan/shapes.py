"""Whether values that come from modules are what the hook's declaration says, as far as a glance can tell."""

from __future__ import annotations

import builtins
import dataclasses
import inspect
import re
import types
import typing
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from huikuan.db import LockKey

__all__ = ["member_class", "misfit"]


def member_class(function: Callable[..., Any]) -> type | None:
    """The class that a contribution's annotation names (``list[LockKey]``), if it names just one that is here."""
    found = re.fullmatch(r"(?:list|Iterable|Sequence)\[(\w+)\]", str(function.__annotations__.get("return")))
    member = {"LockKey": LockKey, **vars(builtins), **function.__globals__}.get(found[1]) if found else None
    return member if _checkable(member) else None


def misfit(value: object) -> str | None:
    """The first field of a dataclass whose value is of another kind than declared, in words."""
    kind: Any = type(value)
    for name, allowed in _fields(kind).items():
        found = getattr(value, name)
        if not isinstance(found, allowed):
            return f"{name} is {type(found).__name__}, not {' or '.join(item.__name__ for item in allowed)}"
    return None


@lru_cache(maxsize=256)
def _fields(kind: Any) -> dict[str, tuple[type, ...]]:
    """Field to the classes it may be of; fields whose annotation is more than that are left out."""
    if not dataclasses.is_dataclass(kind):
        return {}
    try:
        hints = typing.get_type_hints(kind)
    except NameError:  # it names what is imported for type checkers only
        return {}
    found = {}
    for field in dataclasses.fields(kind):
        hint = hints[field.name]
        parts = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
        if all(_checkable(part) for part in parts):
            found[field.name] = parts
    return found


def _checkable(part: object) -> bool:
    return inspect.isclass(part) and part is not Any and not getattr(part, "_is_protocol", False)
