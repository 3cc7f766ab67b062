"""Documents: random selections on the schema, valid by construction but for a few that validation drops."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)

from huikuan.graphql.decls import NodeDecl
from kernel.tests.graphql.fuzz.arguments import arguments_of
from kernel.tests.graphql.fuzz.dice import Dice
from kernel.tests.graphql.fuzz.menu import Menu
from kernel.tests.graphql.fuzz.terms import literal
from kernel.tests.graphql.fuzz.values import Values
from kernel.tests.graphql.fuzz.variables import Variables
from kernel.tests.graphql.fuzz.worlds import World

MOST_ROWS = 400.0
"""How many objects one selection may be asked for, estimated."""
DEPTH = 9
NAMES = ("Shelf", "ShelfKind", "Node", "ShelfFilter", "Decimal", "Nothing")
ABOUT = (
    "{ kind name __typename }",
    "{ name enumValues { name ...  { isDeprecated } } }",
    "{ ... on __Type { fields { name type { kind ofType { name } } args { name defaultValue } } } }",
    "{ possibleTypes { name @skip(if: false) } inputFields { name } interfaces { name } }",
)
"""What is asked of types."""


@dataclass
class Fragment:
    """A named fragment that is complete and may be spread."""

    name: str
    type: str
    text: str
    depth: int
    growth: float


@dataclass
class Spot:
    """Where in a document we are: how much deeper it may go, and how many objects stand here."""

    type: Any
    depth: int
    rows: float
    deepest: list[int] = field(default_factory=lambda: [0])
    most: list[float] = field(default_factory=lambda: [0.0])
    paged: bool = False

    def below(self, type_: Any, times: float) -> Spot:
        """One field deeper."""
        return replace(self, type=type_, depth=self.depth - 1, rows=self.rows * times)

    def within(self, type_: Any) -> Spot:
        """In a fragment."""
        return replace(self, type=type_, depth=self.depth - 1)

    def note(self) -> None:
        self.deepest[0] = min(self.deepest[0], self.depth)
        self.most[0] = max(self.most[0], self.rows)


class Writer:
    """Writes one document."""

    def __init__(self, dice: Dice, schema: GraphQLSchema, menu: Menu, world: World, decls: dict[str, NodeDecl]) -> None:
        self.dice = dice
        self.schema = schema
        self.menu = menu
        self.world = world
        self.variables = Variables(dice)
        self.values = Values(dice, world, decls, self.variables)
        self.fragments: list[Fragment] = []
        self.features: set[str] = set()
        self._aliases = 0
        self._names = 0
        self._written = 0

    def document(self) -> tuple[str, str | None]:
        """The text, and the operation to run."""
        mutation = self.dice.chance(9)
        root = self.schema.mutation_type if mutation else self.schema.query_type
        if mutation:
            self.features.add("mutation")
        count = self.dice.pick((1, 1, 2, 2, 3))
        if mutation and count > 1:
            self.features.add("several commands")
        body = self.selections(Spot(root, DEPTH, 1.0), count)
        texts = [f"fragment {item.name} on {item.type} {item.text}" for item in self.fragments]
        kind = "mutation" if mutation else "query"
        declared = self.variables.text()
        operation = None
        if self.dice.chance(8):
            self.features.add("several operations")
            operation = "Main"
            texts.insert(self.dice.below(len(texts) + 1), "query Other { __typename }")
        name = f" {operation}" if operation else ""
        head = body if kind == "query" and not declared and not name else f"{kind}{name}{declared} {body}"
        texts.insert(self.dice.below(len(texts) + 1), head)
        return "\n".join(texts), operation

    def all_features(self) -> frozenset[str]:
        return frozenset(self.features | self.values.features | self.variables.features)

    # --- selections --------------------------------------------------------------------------

    def selections(self, spot: Spot, count: int) -> str:
        spot.note()
        items: list[str] = []
        taken: set[str] = set()
        for _ in range(count):
            items += self.selection(spot, taken)
        return f"{{ {' '.join(items)} }}"

    def count(self) -> int:
        """How many selections stand here; less as the document grows."""
        self._written += 1
        return 1 + self.dice.below(3 if self._written < 8 else 2 if self._written < 20 else 1)

    def selection(self, spot: Spot, taken: set[str]) -> list[str]:
        """One selection; a field may come twice."""
        way = self.dice.below(100)
        mutation = spot.type is self.schema.mutation_type
        if isinstance(spot.type, GraphQLInterfaceType) and way >= 45:
            return [self.narrowed(spot)]
        if way >= 94:
            if spot.type is self.schema.query_type and self.dice.chance(30):
                return [self.about()]
            return [self.typename()]
        if way >= 88 and spot.depth > 1 and not mutation:
            return [self.inline(spot)]
        if way >= 80 and spot.depth > 1 and not mutation:
            return [self.spread(spot)]
        return self.field(spot, taken)

    def typename(self) -> str:
        self.features.add("__typename")
        return f"{self.alias()}: __typename" if self.dice.chance(10) else "__typename"

    def about(self) -> str:
        """Introspection, in the middle of the data."""
        self.features.add("introspection")
        name = literal(self.variables.exact("Shelf", "String!") if self.dice.chance(30) else self.dice.pick(NAMES))
        types = f"{self.alias()}: __type(name: {name}) {self.dice.pick(ABOUT)}"
        return types if self.dice.chance(70) else f"{self.alias()}: __schema {{ queryType {self.dice.pick(ABOUT)} }}"

    def alias(self) -> str:
        self._aliases += 1
        return f"a{self._aliases}"

    def directives(self, likely: int = 6) -> str:
        if not self.dice.chance(likely):
            return ""
        name = self.dice.pick(("include", "skip"))
        # Mostly what is selected stays.
        value = (name == "include") != self.dice.chance(25)
        held = self.dice.chance(50)
        self.features.add(f"@{name} by {'variable' if held else 'literal'}")
        return f" @{name}(if: {literal(self.variables.flag(value) if held else value)})"

    def inline(self, spot: Spot) -> str:
        """An inline fragment on the type itself, on its interface, or without a type."""
        names = ["", spot.type.name, *(item.name for item in getattr(spot.type, "interfaces", ()))]
        name = self.dice.pick(names)
        self.features.add(f"inline fragment {'with' if name else 'without'} type")
        type_ = self.schema.type_map[name] if name else spot.type
        body = self.selections(spot.within(type_), self.count())
        return f"...{f' on {name}' if name else ''}{self.directives(10)} {body}"

    def narrowed(self, spot: Spot) -> str:
        """A fragment on one of the types of an interface."""
        self.features.add("concrete type on interface")
        type_ = self.dice.pick(self.menu.nodes)
        inside = spot.within(type_)
        if self.dice.chance(30):
            return self.spread(inside)
        return f"... on {type_.name}{self.directives()} {self.selections(inside, self.count())}"

    def spread(self, spot: Spot) -> str:
        """A named fragment: one that stands already, or a new one."""
        fitting = [
            item
            for item in self.fragments
            if item.type in (spot.type.name, *(one.name for one in getattr(spot.type, "interfaces", ())))
            and item.depth < spot.depth
            and item.growth * spot.rows <= MOST_ROWS
        ]
        if fitting and self.dice.chance(55):
            self.features.add("fragment used again")
            return f"...{self.dice.pick(fitting).name}{self.directives(10)}"
        type_ = spot.type
        if getattr(type_, "interfaces", ()) and self.dice.chance(15):
            type_ = type_.interfaces[0]
        self._names += 1
        name = f"F{self._names}"
        inside = replace(spot.within(type_), deepest=[spot.depth], most=[spot.rows])
        text = self.selections(inside, self.count())
        spot.deepest[0] = min(spot.deepest[0], inside.deepest[0])
        spot.most[0] = max(spot.most[0], inside.most[0])
        growth = inside.most[0] / max(spot.rows, 1.0)
        self.fragments.append(Fragment(name, type_.name, text, spot.depth - inside.deepest[0], growth))
        self.features.add("named fragment on interface" if type_.name == "Node" else "named fragment")
        return f"...{name}{self.directives(10)}"

    # --- fields ------------------------------------------------------------------------------

    def field(self, spot: Spot, taken: set[str]) -> list[str]:
        leaves_only = spot.depth <= 2
        names = self.menu.leaves(spot.type) if leaves_only else self.menu.fields(spot.type)
        if not names:
            return [self.typename()]
        name = self.dice.pick(names)
        if name in taken:
            name = self.dice.pick(names)
        taken.add(name)
        declared: GraphQLField = spot.type.fields[name]
        times = self.menu.times(self.world, spot.type.name, name)
        if times * spot.rows > MOST_ROWS:
            return [self.typename()]
        self.features |= self.menu.features(spot.type.name, name)
        given = arguments_of(self.dice, self.values, spot.type, name, declared)
        if {"first", "last"} & set(given) and get_named_type(declared.type).name.endswith("Connection"):
            if spot.paged:
                self.features.add("paging at two levels")
            spot = replace(spot, paged=True)
        return self.calls(spot, name, declared, called(given), times)

    def calls(self, spot: Spot, name: str, declared: GraphQLField, call: str, times: float) -> list[str]:
        """The field under its name or an alias; some stand a second time and are merged, or have a twin."""
        type_ = get_named_type(declared.type)
        key = f"{self.alias()}: {name}" if call or self.dice.chance(12) else name
        texts = [f"{key}{call}{self.directives()}{self.inside(spot, type_, times)}"]
        if ":" in key:
            self.features.add("alias")
        if spot.type is self.schema.mutation_type:
            return texts
        if self.dice.chance(8):
            self.features.add("merged selections" if not is_leaf_type(type_) else "repeated leaf")
            texts.append(f"{key}{call}{self.inside(spot, type_, times)}")
        elif declared.args and self.dice.chance(15):
            self.features.add("same field with other arguments")
            given = arguments_of(self.dice, self.values, spot.type, name, declared)
            texts.append(f"{self.alias()}: {name}{called(given)}{self.inside(spot, type_, times)}")
        return texts

    def inside(self, spot: Spot, type_: Any, times: float) -> str:
        if is_leaf_type(type_):
            return ""
        if self.dice.chance(1):
            self.features.add("empty selection")
            return " {}"
        return f" {self.selections(spot.below(type_, times), self.count())}"


def called(given: dict[str, Any]) -> str:
    """Arguments as they stand behind a field."""
    return f"({', '.join(f'{key}: {literal(value)}' for key, value in given.items())})" if given else ""
