"""Lists, naively: in which order, and which page. Over Python lists, one parent at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cmp_to_key
from typing import Any

from huikuan.errors import BadInput
from huikuan.graphql.decls import NodeDecl
from huikuan.graphql.ordering import Term, decode_cursor, encode_cursor
from kernel.tests.graphql.fuzz.filters import every, predicates
from kernel.tests.graphql.fuzz.worlds import MODELS

TIMES = {"CREATED_AT": "created_at", "UPDATED_AT": "updated_at"}
ORDERS: dict[str, dict[str, str]] = {
    "Room": {
        "CODE": "code",
        "NAME": "name",
        "FLOOR": "floor",
        "AREA": "area",
        "BUDGET": "budget_amount",
        "OPENED_ON": "opened_on",
        "HEATED": "heated",
    },
    "Vault": {"CODE": "code", "DEPTH": "depth"},
    "Shelf": {
        "CODE": "code",
        "LABEL": "label",
        "KIND": "kind",
        "HEIGHT": "height",
        "PRICE": "price",
        "DISCOUNT": "discount",
        "WEIGHT": "weight",
        "PAINTED_ON": "painted_on",
        "CHECKED_AT": "checked_at",
        "FRAGILE": "fragile",
    },
    "Box": {"SKU": "sku", "GRADE": "grade", "SEALED": "sealed", "CONTENT": "content", "RATIO": "ratio"},
    "Tag": {"TEXT": "text"},
    "Visit": {"VISITED_AT": "visited_at", "VERDICT": "verdict", "SCORE": "score", "FEE": "fee_amount"},
    "Wish": {"TEXT": "text"},
}


def terms_of(type_name: str, names: Sequence[str]) -> tuple[Term, ...]:
    """Each column once, then the id in the direction of the first."""
    found: dict[str, Term] = {}
    columns = ORDERS[type_name] | TIMES
    for name in names:
        word, _, direction = name.rpartition("_")
        column = columns[word]
        nullable = bool(MODELS[type_name].__table__.c[column].nullable)
        found.setdefault(column, Term(column, direction == "DESC", nullable))
    if len(found) > 5:
        raise BadInput("orderBy takes at most 5 columns.", field="orderBy")
    terms = list(found.values())
    return (*terms, Term("id", terms[0].descending if terms else False, False))


def compared(terms: Sequence[Term], one: Sequence[Any], other: Sequence[Any]) -> int:
    """-1, 0 or 1; null is larger than anything, enums go by name."""
    for term, left, right in zip(terms, one, other, strict=True):
        keys = [(value is None, _sortable(value)) for value in (left, right)]
        if left is None or right is None:
            keys = [(value is None, 0) for value in (left, right)]
        if keys[0] != keys[1]:
            less = keys[0] < keys[1]
            return 1 if less is term.descending else -1
    return 0


def _sortable(value: Any) -> Any:
    return value.name if isinstance(value, Enum) else value


def values_of(terms: Sequence[Term], row: Any) -> list[Any]:
    return [getattr(row, term.column) for term in terms]


# --- pages --------------------------------------------------------------------------------------


@dataclass
class Page:
    """One page."""

    decl: NodeDecl
    terms: tuple[Term, ...]
    rows: list[Any]
    has_next: bool
    has_previous: bool
    total: int

    def cursor(self, row: Any) -> str:
        return encode_cursor(self.decl, self.terms, stored(self.terms, row))


@dataclass
class Edge:
    """A row and its page."""

    page: Page
    row: Any


def stored(terms: Sequence[Term], row: Any) -> list[Any]:
    """The values of a row as the database gives them back: decimals have all digits of their column."""
    found = []
    for term, value in zip(terms, values_of(terms, row), strict=True):
        scale = getattr(MODELS[row.type_name].__table__.c[term.column].type, "scale", None)
        if isinstance(value, Decimal) and scale is not None:
            value = Decimal(int(value.scaleb(scale))).scaleb(-scale)
        found.append(value)
    return found


def page_of(decl: NodeDecl, rows: Sequence[Any], given: Mapping[str, Any]) -> Page:
    """The page that the arguments ask for."""
    first, last = given.get("first"), given.get("last")
    if first is not None and last is not None:
        raise BadInput("Give either first or last, not both.", field="last")
    size = first if first is not None else last
    if size is not None and not 0 <= size <= 1000:
        name = "last" if last is not None else "first"
        raise BadInput(f"{name} must be between 0 and 1000; page on with the cursor.", field=name)
    size = 50 if size is None else size
    terms = terms_of(decl.name, [item.value for item in given.get("orderBy") or ()])
    after, before = (
        None if given.get(name) is None else decode_cursor(decl, terms, given[name], name)
        for name in ("after", "before")
    )
    wanted = every(predicates(decl.name, given["filter"])) if given.get("filter") else every([])
    matching = [row for row in rows if wanted(row) is True]
    kept = [
        row
        for row in matching
        if (after is None or compared(terms, values_of(terms, row), after) > 0)
        and (before is None or compared(terms, values_of(terms, row), before) < 0)
    ]
    order = cmp_to_key(lambda one, other: compared(terms, values_of(terms, one), values_of(terms, other)))
    kept.sort(key=order)
    more = len(kept) > size
    if last is not None:
        return Page(decl, terms, kept[max(0, len(kept) - size) :], before is not None, more, len(matching))
    return Page(decl, terms, kept[:size], more, after is not None, len(matching))
