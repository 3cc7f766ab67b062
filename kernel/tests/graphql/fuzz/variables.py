"""Variables of a document: what they hold, their defaults, and the ways in which they are left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphql import GraphQLInputType, GraphQLNonNull

from kernel.tests.graphql.fuzz.dice import Dice
from kernel.tests.graphql.fuzz.terms import Var, as_json, literal

WRONG: tuple[Any, ...] = (True, "?", 1.25, {"no": "such"}, [[[]]], 2**40)


@dataclass(frozen=True)
class Declared:
    """One variable."""

    type: str
    default: str | None


class Variables:
    """The variables of one document."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.declared: dict[str, Declared] = {}
        self.given: dict[str, Any] = {}
        self.features: set[str] = set()

    def hold(self, value: Any, place: GraphQLInputType, *, has_default: bool = False, sure: bool = False) -> Any:
        """A variable with this value for a place of this type; unless ``sure``, it may hold something else."""
        self.features.add("variable")
        dice, type_ = self.dice, str(place)
        demanding = isinstance(place, GraphQLNonNull)
        if value is None:
            return self._new(type_, None, given=dice.below(2) == 0, value=None)
        way = 0 if sure else dice.below(16)
        if way == 1 and not demanding:
            return self._new(f"{type_}!", None, value=value)
        if way in (2, 3):
            self.features.add("variable's default")
            return self._new(type_, literal(value), given=False)
        if way == 4:
            self.features.add("variable's default")
            return self._new(type_.removesuffix("!"), literal(value), value=value)
        if way == 5 and demanding:
            self.features.add("null for a variable with a default")
            return self._new(type_.removesuffix("!"), literal(value), value=None)
        if way in (6, 7) and not demanding:
            self.features.add("variable left out")
            return self._new(type_, None, given=False)
        if way == 8 and not demanding:
            self.features.add("null variable")
            return self._new(type_, None, value=None)
        if way in (9, 10) and demanding and has_default:
            self.features.add("null for an argument with a default")
            return self._new(type_.removesuffix("!"), None, given=way == 9, value=None)
        if way == 11 and dice.chance(25):
            self.features.add("wrong variable")
            return self._new(type_, None, value=dice.pick(WRONG))
        return self._new(type_, None, value=value)

    def exact(self, value: Any, type_: str) -> Var:
        """A variable that holds just this."""
        self.features.add("variable")
        return self._new(type_, None, value=value)

    def flag(self, value: bool) -> Var:
        """A variable for @skip and @include."""
        way = self.dice.below(3)
        return self._new("Boolean!", literal(value) if way else None, given=way != 2, value=value)

    def _new(self, type_: str, default: str | None, *, given: bool = True, value: Any = None) -> Var:
        if given and default is None:
            for name, item in self.declared.items():
                if item == Declared(type_, None) and self.given.get(name, self) == as_json(value):
                    self.features.add("variable used twice")
                    return Var(name)
        name = f"v{len(self.declared)}"
        self.declared[name] = Declared(type_, default)
        if given:
            self.given[name] = as_json(value)
        return Var(name)

    def text(self) -> str:
        """Their declarations."""
        if not self.declared:
            return ""
        items = (
            f"${name}: {item.type}{f' = {item.default}' if item.default is not None else ''}"
            for name, item in self.declared.items()
        )
        return f"({', '.join(items)})"
