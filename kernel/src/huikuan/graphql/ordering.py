"""Ordering and keyset cursors: the same on both databases, with nulls last going up and first going down."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    Uuid,
    and_,
    false,
    literal,
    or_,
    true,
)
from sqlalchemy import inspect as inspect_model

from huikuan.db import Amount, Quantity, UtcDateTime
from huikuan.errors import BadInput
from huikuan.graphql.decls import NodeDecl
from huikuan.graphql.fielddecls import ToManyDecl
from huikuan.graphql.naming import constant, humanise
from huikuan.graphql.resolve import raw_columns

__all__ = [
    "Columns",
    "Term",
    "after",
    "decode_cursor",
    "encode_cursor",
    "list_terms",
    "order_clauses",
    "order_values",
    "terms_of",
]

_MAX_CURSOR = 4_000


class Columns:
    """The columns of a model's table, or of an alias of it, by the model's attributes."""

    def __init__(self, model: type[Any], table: Any) -> None:
        self.table = table
        self._model = model

    def __getattr__(self, attribute: str) -> Any:
        column = inspect_model(self._model).column_attrs[attribute].columns[0]
        found = self.__dict__[attribute] = self.table.c[column.key]
        return found


@dataclass(frozen=True, slots=True)
class Term:
    """One column that a list is ordered by."""

    column: str
    descending: bool
    nullable: bool

    def turned(self) -> Term:
        """The same column the other way around."""
        return Term(self.column, not self.descending, self.nullable)


@cache
def order_values(decl: NodeDecl) -> dict[str, tuple[Term, str]]:
    """The values of the orderBy enum: name to term and description."""
    found: dict[str, tuple[Term, str]] = {}
    for attribute in decl.orderable:
        column = raw_columns(decl.model, attribute, decl.name)[0]
        nullable = bool(inspect_model(decl.model).column_attrs[column].columns[0].nullable)
        words = humanise(attribute).rstrip(".").lower()
        for descending in (False, True):
            text = f"By {words}, {'descending; nulls first' if descending else 'ascending; nulls last'}."
            name = f"{constant(attribute)}_{'DESC' if descending else 'ASC'}"
            found[name] = (Term(column, descending, nullable), text)
    return found


def terms_of(decl: NodeDecl, names: Sequence[str]) -> tuple[Term, ...]:
    """The terms of an orderBy argument; the id, in the direction of the first term, makes the order total."""
    values = order_values(decl)
    chosen: dict[str, Term] = {}
    for name in names:
        chosen.setdefault(values[name][0].column, values[name][0])
    terms = list(chosen.values())
    if len(terms) > 5:
        raise BadInput("orderBy takes at most 5 columns.", field="orderBy")
    return (*terms, Term("id", terms[0].descending if terms else False, nullable=False))


def list_terms(decl: NodeDecl, field: ToManyDecl) -> list[Term]:
    """The order of a plain list; the id makes it total."""
    columns = inspect_model(decl.model).column_attrs
    terms = []
    for name in field.order_by:
        column = raw_columns(decl.model, name.lstrip("-"), field.name)[0]
        terms.append(Term(column, name.startswith("-"), bool(columns[column].columns[0].nullable)))
    return terms if any(term.column == "id" for term in terms) else [*terms, Term("id", False, nullable=False)]


def order_clauses(model: Any, terms: Sequence[Term]) -> list[ColumnElement[Any]]:
    """ORDER BY; what PostgreSQL does with nulls anyway is said, so that SQLite does the same."""
    found: list[ColumnElement[Any]] = []
    for term in terms:
        column = getattr(model, term.column)
        clause = column.desc() if term.descending else column.asc()
        if term.nullable:
            clause = clause.nulls_first() if term.descending else clause.nulls_last()
        found.append(clause)
    return found


def after(model: Any, terms: Sequence[Term], values: Sequence[Any]) -> ColumnElement[bool]:
    """Rows that come after the row with these values, or binds of them. Nulls count as larger than anything."""
    alternatives: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for term, value in zip(terms, values, strict=True):
        column = getattr(model, term.column)
        value = None if value is None else _bound(value, column)
        alternatives.append(and_(*equal, _beyond(column, term, value)))
        equal.append(column.is_(None) if value is None else column == value)
    condition = or_(*alternatives)
    # The first column alone bounds the range, so that an index on it is entered at the right place.
    first, value = terms[0], values[0]
    if not first.nullable and len(terms) > 1:
        column = getattr(model, first.column)
        value = _bound(value, column)
        return and_(column <= value if first.descending else column >= value, condition)
    return condition


def _bound(value: Any, column: Any) -> Any:
    return value if isinstance(value, BindParameter) else literal(value, column.type)


def _beyond(column: Any, term: Term, value: Any) -> ColumnElement[bool]:
    if value is None:
        return column.is_not(None) if term.descending else false()
    if term.descending:
        return column < value  # type: ignore[no-any-return]
    return or_(column > value, column.is_(None)) if term.nullable else and_(true(), column > value)


# --- cursors ------------------------------------------------------------------------------------


@cache
def _codec(decl: NodeDecl, column: str) -> tuple[str, Callable[[Any], Any]]:
    """The JSON type of a column's values and their decoder."""
    kind = inspect_model(decl.model).column_attrs[column].columns[0].type
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return "e", kind.enum_class.__getitem__
    for types, tag, decode in (
        ((Amount, Quantity), "n", Decimal),
        ((UtcDateTime, DateTime), "t", datetime.fromisoformat),
        ((Date,), "d", date.fromisoformat),
        ((Float,), "f", _only(float)),
        ((Uuid,), "u", UUID),
    ):
        if isinstance(kind, types):
            return tag, decode
    if isinstance(kind, Boolean):
        return "b", _only(bool)
    return ("i", _only(int)) if isinstance(kind, Integer) else ("s", _only(str))


def _only(wanted: type[Any]) -> Callable[[Any], Any]:
    def decode(value: Any) -> Any:
        if type(value) is not wanted:
            raise ValueError
        return value

    return decode


def _signature(decl: NodeDecl, terms: Sequence[Term]) -> str:
    return decl.name + ",".join(f"{'-' if term.descending else ''}{term.column}" for term in terms)


def encode_cursor(decl: NodeDecl, terms: Sequence[Term], values: Sequence[Any]) -> str:
    """An opaque text that says where a row stands in this order."""
    plain = [_plain(value) for value in values]
    body = json.dumps(plain, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_check(decl, terms, body) + body).rstrip(b"=").decode()


def decode_cursor(decl: NodeDecl, terms: Sequence[Term], text: str, field: str) -> list[Any]:
    """The values in a cursor; one of another list or order, or a changed one, is refused."""
    wrong = BadInput(f"This {field!r} is no cursor of this list in this order.", field=field)
    if len(text) > _MAX_CURSOR or not text.isascii():
        raise wrong
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise wrong from None
    check, body = raw[:6], raw[6:]
    if check != _check(decl, terms, body) or base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise wrong
    try:
        plain = json.loads(body)
        return [
            None if value is None and term.nullable else _codec(decl, term.column)[1](value)
            for term, value in zip(terms, plain, strict=True)
        ]
    except (ValueError, KeyError, TypeError, ArithmeticError, RecursionError):
        raise wrong from None


def _check(decl: NodeDecl, terms: Sequence[Term], body: bytes) -> bytes:
    return hashlib.blake2b(_signature(decl, terms).encode() + b"\0" + body, digest_size=6).digest()


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID | Decimal) else value.name
