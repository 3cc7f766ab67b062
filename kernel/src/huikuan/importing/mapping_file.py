"""Reads an `ImportMapping` from a TOML or JSON file, with errors that say where and what."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, TypeVar

from huikuan.importing.errors import MappingError
from huikuan.importing.mapping import ColumnMapping, ImportMapping, SkipRule, did_you_mean

__all__ = ["load_mapping", "mapping_from_data"]

T = TypeVar("T")

_TOP = {
    "encoding": "text",
    "delimiter": "text",
    "quote": "text",
    "decimal": "text",
    "thousands": "text",
    "date_formats": "texts",
    "datetime_formats": "texts",
    "timezone": "text",
    "empty": "texts",
    "auto": "flag",
    "columns": "table",
    "skip": "tables",
}
_COLUMN = {
    "source": "text",
    "constant": "value",
    "default": "value",
    "formats": "texts",
    "decimal": "text",
    "thousands": "text",
    "values": "values",
    "whole_number": "flag",
}
_SKIP = {"column": "text", "reason": "text", "equals": "texts", "starts_with": "texts", "matches": "text"}
_KINDS = {
    "text": "a text",
    "texts": "a text or a list of texts",
    "flag": "true or false",
    "table": "a table",
    "tables": "a list of tables",
    "value": "a text, a number, a date, true or false",
    "values": "a table of texts",
}


def load_mapping(path: Path) -> ImportMapping:
    """The mapping in ``path``, JSON if it is named so, else TOML."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise MappingError(f"The mapping {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise MappingError(f"The mapping {path} is not UTF-8 (byte {error.start}); save it as UTF-8.") from None
    try:
        # Numbers stay as written: a float would turn the constant 1.10 into 1.1.
        if path.suffix.lower() == ".json":
            data = json.loads(text, parse_float=str, parse_int=str)
        else:
            data = tomllib.loads(text, parse_float=str)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError(f"The mapping {path} is not valid: {error}.") from None
    return mapping_from_data(data, where=f"the mapping {path.name}")


def mapping_from_data(data: Any, *, where: str = "the mapping") -> ImportMapping:
    """The mapping from what a TOML or JSON file holds."""
    fields = _checked(data, _TOP, where)
    columns = {
        target: _column(entry, f"column {target!r} of {where}") for target, entry in fields.pop("columns", {}).items()
    }
    skip = tuple(
        _skip(entry, f"skip rule {number} of {where}") for number, entry in enumerate(fields.pop("skip", ()), 1)
    )
    return _located(where, lambda: ImportMapping(columns=columns, skip=skip, **fields))


def _column(entry: Any, where: str) -> ColumnMapping:
    if isinstance(entry, str):
        entry = {"source": entry}
    fields = _checked(entry, _COLUMN, where)
    return _located(where, lambda: ColumnMapping(**fields))


def _skip(entry: Any, where: str) -> SkipRule:
    fields = _checked(entry, _SKIP, where)
    if "column" not in fields:
        raise MappingError(f"In {where}: it needs a column.")
    fields.setdefault("reason", "left out by the mapping")
    if "matches" in fields:
        try:
            fields["matches"] = re.compile(fields["matches"])
        except re.error as error:
            raise MappingError(f"In {where}: matches is no regular expression: {error}.") from None
    return _located(where, lambda: SkipRule(**fields))


def _located(where: str, build: Callable[[], T]) -> T:
    try:
        return build()
    except MappingError as error:
        raise MappingError(f"In {where}: {error.message}") from None


def _checked(data: Any, kinds: Mapping[str, str], where: str) -> dict[str, Any]:
    """The entries of a table, each of its kind; unknown names are refused."""
    if not isinstance(data, dict):
        raise MappingError(f"In {where}: expected a table, found {data!r}.")
    for name in data:
        if name not in kinds:
            raise MappingError(
                f"In {where}: {name!r} is not known.{did_you_mean(name, kinds)} Known: {', '.join(kinds)}."
            )
    return {name: _as(kinds[name], value, f"{name!r} in {where}") for name, value in data.items()}


def _as(kind: str, value: Any, where: str) -> Any:
    if kind == "text" and isinstance(value, str):
        return value
    if kind == "flag" and isinstance(value, bool):
        return value
    if kind == "texts" and isinstance(value, str):
        return (value,)
    if kind == "texts" and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if kind == "table" and isinstance(value, dict):
        return value
    if kind == "tables" and isinstance(value, list):
        return value
    if kind == "value" and _is_scalar(value):
        return _scalar(value)
    if kind == "values" and isinstance(value, dict) and all(_is_scalar(item) for item in value.values()):
        return {key: _scalar(item) for key, item in value.items()}
    raise MappingError(f"The entry {where} must be {_KINDS[kind]}, not {value!r}.")


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | bool | int | date | time)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)
