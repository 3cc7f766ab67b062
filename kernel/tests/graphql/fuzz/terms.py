"""Values as they stand in a document: literals, with variables and names of enum values among them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

__all__ = ["Name", "Var", "as_json", "literal"]


@dataclass(frozen=True)
class Name:
    """The name of an enum value."""

    text: str


@dataclass(frozen=True)
class Var:
    """A variable."""

    name: str


def literal(value: Any) -> str:
    """As GraphQL writes it."""
    if isinstance(value, Var):
        return f"${value.name}"
    if isinstance(value, Name):
        return value.text
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {literal(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    return json.dumps(value, ensure_ascii=False)


def as_json(value: Any) -> Any:
    """As the variables of a request hold it."""
    if isinstance(value, Name):
        return value.text
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    return [as_json(item) for item in value] if isinstance(value, list) else value
