"""Values to JSON and back, exactly: used by events, idempotency, audit and refusal data."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Union, get_args, get_origin
from uuid import UUID

from huikuan.money import Money
from huikuan.values import UNSET

__all__ = ["canonical", "decode", "digest", "encode"]


def encode(value: Any) -> Any:
    """A JSON-compatible form; Decimal and UUID become strings, Money an object."""
    if value is None or isinstance(value, str | int | bool):
        return value.name if isinstance(value, Enum) else value
    if isinstance(value, float):
        raise TypeError("floats are not exact: use Decimal")
    encoder = _ENCODERS.get(type(value))
    if encoder is not None:
        return encoder(value)
    if isinstance(value, Enum):
        return value.name
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: encode(item)
            for field in dataclasses.fields(value)
            if (item := getattr(value, field.name)) is not UNSET
        }
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [encode(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no JSON form")


_ENCODERS: dict[type, Any] = {
    Decimal: lambda value: format(value, "f"),
    UUID: str,
    datetime: lambda value: value.isoformat(),
    date: lambda value: value.isoformat(),
    Money: lambda value: {"amount": format(value.amount, "f"), "currency": value.currency},
}


def decode(annotation: Any, value: Any) -> Any:
    """The inverse of ``encode`` for a field annotated ``annotation``."""
    if value is None or annotation is Any:
        return value
    origin = get_origin(annotation)
    if origin is typing.Annotated:
        return decode(get_args(annotation)[0], value)
    if origin in (Union, types.UnionType):
        inner = [item for item in get_args(annotation) if item is not type(None)]
        return decode(inner[0], value)
    if origin in (list, tuple):
        items = [decode(get_args(annotation)[0], item) for item in value]
        return items if origin is list else tuple(items)
    if origin is not None:
        return value
    return _decode_plain(annotation, value)


def _decode_plain(annotation: Any, value: Any) -> Any:
    if annotation in (Decimal, UUID):
        return annotation(value)
    if annotation in (date, datetime):
        return annotation.fromisoformat(value)
    if annotation is Money:
        return Money(Decimal(value["amount"]), value["currency"])
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return annotation[value]
    if dataclasses.is_dataclass(annotation):
        hints = typing.get_type_hints(annotation, include_extras=True)
        build: Any = annotation
        return build(**{key: decode(hints[key], item) for key, item in value.items() if key in hints})
    return value


def canonical(value: Any) -> bytes:
    """One byte form per value: sorted keys, no spaces; the input of every hash."""
    return json.dumps(encode(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(value: Any) -> str:
    """SHA-256 of the canonical form, as hex."""
    return hashlib.sha256(canonical(value)).hexdigest()
