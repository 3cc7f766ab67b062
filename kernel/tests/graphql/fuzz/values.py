"""Values for arguments: of every input type, drawn from the data set so that some of them match."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    Undefined,
    get_named_type,
)

from huikuan.graphql.decls import NodeDecl
from huikuan.graphql.ids import encode_id
from huikuan.graphql.ordering import encode_cursor
from huikuan.graphql.scalars import decimal_text
from kernel.tests.graphql.fuzz.dice import Dice
from kernel.tests.graphql.fuzz.filters import COLUMNS, IDS, MONEY
from kernel.tests.graphql.fuzz.pages import ORDERS, stored, terms_of
from kernel.tests.graphql.fuzz.terms import Name, Var
from kernel.tests.graphql.fuzz.variables import Variables
from kernel.tests.graphql.fuzz.worlds import CURRENCIES, DAYS, MOMENTS, TEXTS, World

NOBODY = UUID(int=1)
NUMBERS = (1, 0, 2, 3, 5, -1, 2**31 - 1)
SIZES = (2, 1, 3, 0, 5, 50, 1000, -1, 1001)
DECIMALS = ("1.50", "0", 7, "-2.25", "3", 10, "0.5", "10.0001", "1.0000001", "99999999999999999999")
FREE: tuple[Any, ...] = ({"a": 1}, {}, {"b": [1, None, "x", {"c": True}]}, {"f": 1.5})
NOT_FILTERED = frozenset({"odd", "floorText", "exactHeight", "kindText"})
"""Filters of columns that do not hold what their type says."""


class Values:
    """Makes values; some of them become variables of the document."""

    def __init__(self, dice: Dice, world: World, decls: dict[str, NodeDecl], variables: Variables) -> None:
        self.dice = dice
        self.world = world
        self.decls = decls
        self.variables = variables
        self.features: set[str] = set()

    def argument(self, type_: GraphQLInputType, hint: str, default: Any = Undefined) -> Any:
        """A value for one place: a literal, or a variable that holds it. ``hint`` names a type or a field."""
        value = self.value(type_, hint)
        if self.dice.chance(25) and not _has_variable(value):
            return self.variables.hold(value, type_, has_default=default is not Undefined)
        return value

    def value(self, type_: GraphQLInputType, hint: str) -> Any:
        if isinstance(type_, GraphQLNonNull):
            return self.present(type_.of_type, hint)
        return None if self.dice.chance(6) else self.present(type_, hint)

    def present(self, type_: Any, hint: str) -> Any:
        if isinstance(type_, GraphQLList):
            if self.dice.chance(6):
                return self.present(get_named_type(type_), hint)  # one item stands for a list of it
            return [self.argument(type_.of_type, hint) for _ in range(self.dice.below(4))]
        if isinstance(type_, GraphQLEnumType):
            self.features.add("enum argument")
            return Name(self.dice.pick(list(type_.values)))
        if isinstance(type_, GraphQLInputObjectType):
            return self.object(type_, hint)
        return self.scalar(type_.name, hint)

    def scalar(self, name: str, hint: str) -> Any:
        dice = self.dice
        match name:
            case "ID":
                return self.id(hint)
            case "Int":
                return dice.pick(NUMBERS)
            case "Float":
                return dice.pick((1.5, 2, -0.25))
            case "Boolean":
                return bool(dice.below(2))
            case "Decimal":
                return dice.pick(DECIMALS)
            case "CurrencyCode":
                return dice.pick(CURRENCIES)
            case "Date":
                return dice.pick(DAYS).isoformat()
            case "DateTime":
                return dice.pick(MOMENTS).isoformat()
            case "JSON":
                return dice.pick(FREE)
        return dice.pick((*TEXTS, "S1", "R0"))

    def id(self, type_name: str) -> str:
        """Mostly of a row of this type."""
        dice = self.dice
        if dice.chance(4):
            self.features.add("bad id")
            return dice.pick(("nonsense", "", encode_id("Ghost", NOBODY), "12"))
        if type_name == "Node" or dice.chance(3):
            type_name = dice.pick(("Shelf", "Room", "Box", "Vault", "Visit", "Tag"))
        rows = self.world.rows[type_name]
        return encode_id(type_name, NOBODY if not rows or dice.chance(8) else dice.pick(rows).id)

    # --- objects -----------------------------------------------------------------------------

    def object(self, type_: GraphQLInputObjectType, hint: str) -> Any:
        if type_.is_one_of:
            return self.reference(type_, type_.name.removesuffix("Ref"))
        if type_.name.removesuffix("Filter") in ORDERS:
            return self.filter(type_, type_.name.removesuffix("Filter"), depth=2)
        if type_.name == "MoneyInput":
            return {
                "amount": self.argument(type_.fields["amount"].type, hint),
                "currency": self.argument(type_.fields["currency"].type, hint),
            }
        found = {}
        for name, field in type_.fields.items():
            if name == "deeper" and self.dice.chance(60):
                continue
            required = isinstance(field.type, GraphQLNonNull) and field.default_value is Undefined
            if required or self.dice.chance(35):
                found[name] = self.argument(field.type, name.capitalize(), field.default_value)
        return found

    def reference(self, type_: GraphQLInputObjectType, type_name: str) -> Any:
        """By id, or by a key where that is unique."""
        self.features.add("reference")
        if type_name == "Room" and self.dice.chance(50):
            rows = self.world.rows["Room"]
            code = "nowhere" if not rows or self.dice.chance(10) else self.dice.pick(rows).code
            return {"code": self.one_of(code, "String!")}
        return {"id": self.one_of(self.id(type_name), "ID!")}

    def one_of(self, value: str, type_: str) -> Any:
        return self.variables.exact(value, type_) if self.dice.chance(20) else value

    def filter(self, type_: GraphQLInputObjectType, type_name: str, depth: int) -> Any:
        """Conditions on columns, joined."""
        self.features.add("filter")
        dice, found = self.dice, {}
        for _ in range(1 + dice.below(2)):
            name = dice.pick([name for name in type_.fields if name not in NOT_FILTERED])
            if name in ("and", "or", "not") and depth == 0:
                continue
            if name in ("and", "or"):
                count = 0 if dice.chance(4) else 1 + dice.below(2)
                found[name] = [self.filter(type_, type_name, depth - 1) for _ in range(count)]
            elif name == "not":
                found[name] = self.filter(type_, type_name, depth - 1)
            else:
                field = type_.fields[name]
                found[name] = self.operators(get_named_type(field.type), type_name, name)
        return found

    def operators(self, type_: Any, type_name: str, name: str) -> Any:
        dice, found = self.dice, {}
        for _ in range(1 + dice.below(2)):
            operator = dice.pick(list(type_.fields))
            wanted = type_.fields[operator].type
            if operator in ("isNull", "currency"):
                found[operator] = self.argument(wanted, name)
            elif isinstance(wanted, GraphQLList):
                found[operator] = self.maybe_held(
                    [self.known(wanted, type_name, name) for _ in range(dice.below(4))], wanted
                )
            else:
                known = None if dice.chance(2) else self.known(wanted, type_name, name)
                found[operator] = self.maybe_held(known, wanted)
        return found

    def maybe_held(self, value: Any, type_: GraphQLInputType) -> Any:
        return self.variables.hold(value, type_) if self.dice.chance(15) else value

    def known(self, type_: Any, type_name: str, name: str) -> Any:
        """A value of this column, or any other."""
        scalar = get_named_type(type_)
        if scalar.name == "ID":
            return self.id(type_name if name == "id" else IDS[name])
        rows = self.world.rows[type_name]
        if not rows or self.dice.chance(20):
            return self.present(scalar, name)
        column = MONEY.get((type_name, name), (COLUMNS.get(name, name),))[0]
        return _sent(getattr(self.dice.pick(rows), column), scalar.name) or self.present(scalar, name)

    # --- pages -------------------------------------------------------------------------------

    def page(self, type_: Any, type_name: str, *, inner: bool = False) -> dict[str, Any]:
        """The arguments of a connection, cursors of its order among them; an inner one mostly has a size."""
        dice, found = self.dice, {}
        arguments = type_.args
        order: list[str] = []
        if dice.chance(35):
            names = list(get_named_type(arguments["orderBy"].type).values)
            picked = [dice.pick(names) for _ in range(dice.below(4))]
            order = picked
            value: Any = [Name(name) for name in order]
            if len(order) == 1 and dice.chance(30):
                value = value[0]
            if not order and dice.chance(30):
                value = None
            place = arguments["orderBy"].type
            found["orderBy"] = self.variables.hold(value, place, sure=True) if dice.chance(20) else value
            self.features.add("orderBy")
        if dice.chance(80 if inner else 55):
            size = dice.pick(SIZES if dice.chance(6) else SIZES[:5])
            side = dice.pick(("first", "first", "last"))
            place = arguments[side].type
            found[side] = self.variables.hold(size, place) if dice.chance(25) else size
            self.features.add(side)
            if dice.chance(2):
                found["first" if side == "last" else "last"] = dice.pick((None, 2))
        for side in ("after", "before"):
            if dice.chance(14):
                found[side] = self.cursor(type_name, order)
                self.features.add(side)
        if dice.chance(30):
            found["filter"] = self.argument(arguments["filter"].type, type_name)
        names = list(found)
        return {name: found[name] for name in (reversed(names) if dice.below(2) else names)}

    def cursor(self, type_name: str, order: list[str]) -> Any:
        """Where a row stands in this order; sometimes of another order, or no cursor at all."""
        rows = self.world.rows[type_name]
        if not rows or self.dice.chance(3):
            wrong = self.dice.chance(30)
            self.features.add("bad cursor" if wrong else "null cursor")
            return "AAAA" if wrong else None
        row = self.dice.pick(rows)
        terms = terms_of(type_name, order[: 1 if self.dice.chance(2) else 5])
        return encode_cursor(self.decls[type_name], terms, stored(terms, row))


def _sent(value: Any, scalar: str) -> Any:
    """A stored value as a client would send it."""
    if value is None or isinstance(value, str):
        return value
    if scalar == "Decimal":
        return decimal_text(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "name"):
        return Name(value.name.upper())
    return value if not isinstance(value, int) or abs(value) < 2**31 else None


def _has_variable(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_variable, value.values()))
    return any(map(_has_variable, value)) if isinstance(value, list) else isinstance(value, Var)
