"""What somebody would write by hand with psycopg who has to leave the same rows behind.

It is made of two orders in a row that the product wrote: the same inserts, updates and locks, grouped so that each
kind of statement of a command is sent once with all its rows, in the same transactions. Nothing is read but what is
locked, nothing is computed: values that were the same in both orders stay, ids are new ones, numbers count on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Json, Jsonb

from bench._order_to_cash.recording import Recording, Sent
from huikuan.ids import new_id

__all__ = ["Floor", "learn"]

_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
_DIGITS = re.compile(r"\d+(?=\D*$)")
Statement = tuple[str, list[dict[str, Any]]]


@dataclass(slots=True)
class Floor:
    """The five steps of one order, replayed; ``commands`` as of the first order, ``seconds`` as of the second."""

    connection: psycopg.Connection[Any]
    tenant: UUID
    first: list[list[Statement]]
    second: list[list[Statement]]
    count: int = 1
    ids: dict[UUID, UUID] = field(default_factory=dict)

    def sell(self) -> None:
        """One more order."""
        self.count += 1
        self.ids.clear()
        for first, second in zip(self.first, self.second, strict=True):
            with self.connection.transaction(), self.connection.cursor() as cursor:
                cursor.execute("SELECT set_config('app.tenant', %s, true)", [str(self.tenant)])
                for (text, rows), (_, others) in zip(first, second, strict=True):
                    values = [self._values(row, other) for row, other in zip(rows, others, strict=True)]
                    if len(values) == 1:
                        cursor.execute(text, values[0], prepare=True)
                    else:
                        cursor.executemany(text, values)
                    if cursor.rowcount < 1 and text.startswith("INSERT"):
                        raise AssertionError(f"wrote nothing: {text}")

    def _values(self, first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._value(value, second[name]) for name, value in first.items()}

    def _value(self, first: Any, second: Any) -> Any:
        if first is None or type(first) is not type(second) or isinstance(first, bool | datetime) or first == second:
            return first
        if isinstance(first, UUID):
            return self.ids.setdefault(first, new_id())
        if isinstance(first, int | Decimal):
            return first + (second - first) * self.count
        if isinstance(first, Json | Jsonb) and _is_rows(first.obj):
            return type(first)(self._document(first.obj, second.obj), dumps=first.dumps)
        if isinstance(first, str) and first.startswith("[{") and '"id"' in first:
            return json.dumps(self._document(json.loads(first), json.loads(second)))
        if isinstance(first, str) and (one := _DIGITS.search(first)) and (two := _DIGITS.search(second)):
            if first[: one.start()] != second[: two.start()]:
                return first  # a digest, say: any will do
            here = int(one[0]) + (int(two[0]) - int(one[0])) * self.count
            return f"{first[: one.start()]}{here:0{len(one[0])}d}{first[one.end() :]}"
        return first

    def _document(self, first: list[dict[str, Any]], second: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Many rows that are sent as one document; ids stand in it as texts."""
        pairs = zip(first, second, strict=True)
        return [{name: self._text(value, other[name]) for name, value in row.items()} for row, other in pairs]

    def _text(self, first: Any, second: Any) -> Any:
        if isinstance(first, str) and isinstance(second, str) and _UUID.fullmatch(first) and _UUID.fullmatch(second):
            return str(self._value(UUID(first), UUID(second)))
        return self._value(first, second)


def _is_rows(document: Any) -> bool:
    return isinstance(document, list) and bool(document) and isinstance(document[0], dict) and "id" in document[0]


def learn(connection: psycopg.Connection[Any], tenant: UUID, recorded: Recording) -> Floor:
    """From two orders of the same customer, one after the other."""
    half = len(recorded.commands) // 2
    commands = [list(_grouped(sent)) for _, sent in recorded.commands]
    first, second = commands[:half], commands[half:]
    for one, two in zip(first, second, strict=True):
        shapes = [[(text, len(rows)) for text, rows in command] for command in (one, two)]
        assert shapes[0] == shapes[1], "two orders of one kind are written by the same statements"
    return Floor(connection, tenant, first, second)


def _grouped(sent: list[Sent]) -> Iterator[Statement]:
    """Each kind of statement once, where it stood first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for statement in sent:
        found.setdefault(statement.text, []).extend(dict(row) for row in statement.values)
    yield from found.items()
