"""Selections at random over what a thread owns, and what each of them must be answered.

What is owned is a graph of dicts by the names of the schema: a customer's ``orders`` is the list of its orders, an
order's ``customer`` is that customer.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

__all__ = ["Maker", "Owned", "Page", "Selection"]

Owned = Mapping[str, Any]


class Kind(Enum):
    """What stands behind a field."""

    LEAF = "a value"
    MONEY = "an amount"
    ONE = "an object or null"
    MANY = "a list"
    PAGE = "a connection"


@dataclass(frozen=True)
class Field:
    """One field of a type, and the type below it."""

    kind: Kind
    type: str = ""
    arguments: str = ""


def _leaves(names: str) -> dict[str, Field]:
    return {name: Field(Kind.LEAF) for name in names.split()}


TYPES: dict[str, dict[str, Field]] = {
    "Customer": {
        **_leaves("__typename id code name note currency language taxId tags discountPercentInForce"),
        "parent": Field(Kind.ONE, "Customer"),
        "roles": Field(Kind.ONE, "CustomerRoles"),
        "children": Field(Kind.PAGE, "Customer"),
        "orders": Field(Kind.PAGE, "Order"),
    },
    "CustomerRoles": {"billTo": Field(Kind.ONE, "Customer"), "commercial": Field(Kind.ONE, "Customer")},
    "Order": {
        **_leaves("__typename id number kind status reference notes currency allowedTransitions"),
        **{name: Field(Kind.MONEY) for name in ("net", "tax", "total", "originalTotal")},
        "customer": Field(Kind.ONE, "Customer"),
        "billTo": Field(Kind.ONE, "Customer"),
        "lines": Field(Kind.MANY, "OrderLine"),
    },
    "OrderLine": {
        **_leaves("__typename position sku description quantity unitPrice discountPercent"),
        "gross": Field(Kind.MONEY),
        "order": Field(Kind.ONE, "Order"),
        "product": Field(Kind.ONE, "Product"),
    },
    "Product": {**_leaves("__typename sku name"), "listPrice": Field(Kind.LEAF, arguments='(currency: "EUR")')},
}
MODULES = {"Customer": "customers", "Order": "orders", "OrderLine": "orders", "Product": "products"}


@dataclass(frozen=True)
class Page:
    """How a connection is asked for: the text of ``first``, its value, and what of each object."""

    size: str
    shown: int
    nodes: Selection
    more: str = ""

    def text(self) -> str:
        """Arguments and selection."""
        return f"(first: {self.size}{self.more}) {{ nodes {self.nodes.text()} totalCount pageInfo {{ hasNextPage }} }}"

    def answer(self, owned: Sequence[Owned]) -> dict[str, Any]:
        """The page of these objects."""
        nodes = [self.nodes.answer(item) for item in owned[: self.shown]]
        return {"nodes": nodes, "totalCount": len(owned), "pageInfo": {"hasNextPage": len(owned) > self.shown}}


@dataclass(frozen=True)
class Pick:
    """One field that is asked for."""

    key: str
    name: str
    field: Field
    directive: str = ""
    included: bool = True
    below: Selection | Page | None = None

    def text(self) -> str:
        """As it stands in the document."""
        alias = "" if self.key == self.name else f"{self.key}: "
        below = "{ amount currency }" if self.field.kind is Kind.MONEY else self.below.text() if self.below else ""
        return f"{alias}{self.name}{self.field.arguments}{self.directive}{below}"

    def answer(self, value: Any) -> Any:
        """What is answered for this value."""
        if value is None or self.below is None:
            return value
        if isinstance(self.below, Page) or self.field.kind is not Kind.MANY:
            return self.below.answer(value)
        return [self.below.answer(item) for item in value]


@dataclass(frozen=True)
class Selection:
    """Fields of one type; the first ``wrapped`` of them stand in a fragment."""

    type: str
    picks: Sequence[Pick]
    wrapped: int

    def text(self) -> str:
        """As it stands in the document, braces included."""
        texts = [pick.text() for pick in self.picks]
        inner, outer = " ".join(texts[: self.wrapped]), " ".join(texts[self.wrapped :])
        return f"{{ {f'... on {self.type} {{ {inner} }} ' if inner else ''}{outer} }}"

    def answer(self, owned: Owned) -> dict[str, Any]:
        """What is answered for this object."""
        return {pick.key: pick.answer(owned[pick.name]) for pick in self.picks if pick.included}


@dataclass
class Maker:
    """Makes the selections of one document; notes its variables, and the modules that it needs.

    ``rng`` decides the text, ``given`` what is sent with it: one text serves many threads.
    """

    rng: random.Random
    given: random.Random
    variables: dict[str, tuple[str, Any]] = field(default_factory=dict)
    needs: set[str] = field(default_factory=set)
    _aliases: int = 20

    def __post_init__(self) -> None:
        self._first = self.rng.randrange(10_000)  # documents differ in their keys, too

    def variable(self, name: str, type_: str, value: Any) -> str:
        """Declare a variable; returns what stands for it in the text."""
        self.variables[name] = (type_, value)
        return f"${name}"

    def document(self, roots: str, kind: str = "query") -> str:
        """The text of the operation."""
        declared = ", ".join(f"${name}: {type_}" for name, (type_, _) in self.variables.items())
        return f"{kind} Q{f'({declared})' if declared else ''} {{ {roots} }}"

    @property
    def values(self) -> dict[str, Any]:
        """The values of the variables."""
        return {name: value for name, (_, value) in self.variables.items()}

    def selection(self, type_: str, depth: int = 2) -> Selection:
        """Some fields of a type, and of what is below them to this depth."""
        rng = self.rng
        self.needs |= {MODULES[type_]} if type_ in MODULES else set()
        fields = TYPES[type_]
        known = [name for name, item in fields.items() if depth or item.kind in (Kind.LEAF, Kind.MONEY)]
        known = known if type_ != "CustomerRoles" else list(fields)
        names = rng.sample(known, min(len(known), rng.randint(1, 5)))
        picks = [self._pick(name, fields[name], max(0, depth - 1)) for name in names]
        return Selection(type_, picks, rng.randint(0, len(picks)) if rng.random() < 0.3 else 0)

    def page(self, type_: str, depth: int, more: str = "") -> Page:
        """A page of at most a few objects."""
        shown = self.rng.randint(1, 4)
        size = str(shown)
        if self.rng.random() < 0.7:
            shown = self.given.randint(1, 6)
            size = self.variable(f"size{len(self.variables)}", "Int!", shown)
        return Page(size, shown, self.selection(type_, depth), more)

    def _pick(self, name: str, item: Field, depth: int) -> Pick:
        below: Selection | Page | None = None
        if item.kind is Kind.PAGE:
            below = self.page(item.type, depth)
        elif item.kind in (Kind.ONE, Kind.MANY):
            below = self.selection(item.type, depth)
        directive, included = self._directive() if below is None else ("", True)
        return Pick(self._key(name), name, item, directive, included, below)

    def _key(self, name: str) -> str:
        if self._aliases == 0 or self.rng.random() < 0.7:
            return name
        self._aliases -= 1
        return f"k{self._first + self._aliases}"

    def _directive(self) -> tuple[str, bool]:
        if self.rng.random() < 0.85:
            return "", True
        name = self.rng.choice(("skip", "include"))
        switch = f"on{self.rng.randint(1, 4)}"
        _, given = self.variables.get(switch, ("", self.given.random() < 0.5))
        return f" @{name}(if: {self.variable(switch, 'Boolean!', given)})", given == (name == "include")
