"""Windows: what ``first, after, last, before, filter, orderBy`` ask for, read strictly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement

from huikuan.errors import BadInput
from huikuan.graphql.decls import NodeDecl
from huikuan.graphql.filters import condition
from huikuan.graphql.ordering import Columns, Term, decode_cursor, terms_of

if TYPE_CHECKING:
    from huikuan.graphql.build import Build

__all__ = ["DEFAULT_SIZE", "MAX_SIZE", "Window", "window_of"]

MAX_SIZE = 1_000
DEFAULT_SIZE = 50


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows of a list, in which order."""

    size: int
    backward: bool
    terms: tuple[Term, ...]
    after: list[Any] | None
    before: list[Any] | None
    conditions: list[ColumnElement[bool]]


def window_of(build: Build, decl: NodeDecl, columns: Columns, given: Mapping[str, Any]) -> Window:
    """The window on these columns that the arguments of a list ask for."""
    first, last = given.get("first"), given.get("last")
    if first is not None and last is not None:
        raise BadInput("Give either first or last, not both.", field="last")
    size = last if last is not None else first
    if size is not None and not 0 <= size <= MAX_SIZE:
        name = "last" if last is not None else "first"
        raise BadInput(f"{name} must be between 0 and {MAX_SIZE}; page on with the cursor.", field=name)
    terms = terms_of(decl, [getattr(item, "value", item) for item in given.get("orderBy") or ()])
    cursors = {
        name: decode_cursor(decl, terms, given[name], name) if given.get(name) is not None else None
        for name in ("after", "before")
    }
    conditions = condition(build, decl, columns, given.get("filter"))
    size = DEFAULT_SIZE if size is None else size
    return Window(size, last is not None, terms, cursors["after"], cursors["before"], conditions)
