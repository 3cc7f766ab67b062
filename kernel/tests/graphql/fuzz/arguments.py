"""The arguments of one field."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLField, GraphQLNonNull, Undefined, get_named_type

from kernel.tests.graphql.fuzz.dice import Dice
from kernel.tests.graphql.fuzz.pages import ORDERS
from kernel.tests.graphql.fuzz.terms import Name
from kernel.tests.graphql.fuzz.values import Values


def arguments_of(dice: Dice, values: Values, parent: Any, name: str, declared: GraphQLField) -> dict[str, Any]:
    """Arguments as literals and variables, by name."""
    target = get_named_type(declared.type).name
    if target.endswith("Connection"):
        return values.page(declared, target.removesuffix("Connection"), inner=parent.name != "Query")
    if parent.name == "Query" and target in ORDERS and "id" in declared.args:
        return _one(dice, values, target, declared)
    found: dict[str, Any] = {}
    for key, argument in declared.args.items():
        required = isinstance(argument.type, GraphQLNonNull) and argument.default_value is Undefined
        if key == "idempotencyKey":
            continue
        if key == "how" and dice.chance(35):
            found[key] = Name("NOT")
        elif required or dice.chance(30):
            found[key] = values.argument(argument.type, _hint(name, key), argument.default_value)
    return found


def _hint(name: str, key: str) -> str:
    """The type whose ids an argument takes."""
    if name in ("node", "nodes"):
        return "Node"
    return "Shelf" if key == "id" else key.removesuffix("s").capitalize()


def _one(dice: Dice, values: Values, target: str, declared: GraphQLField) -> dict[str, Any]:
    """Mostly exactly one way to name an object."""
    names = list(declared.args)
    chosen = [dice.pick(names)]
    if dice.chance(4):
        chosen = [name for name in names if dice.below(2)]
    found: dict[str, Any] = {}
    for name in chosen:
        value = values.id(target) if name == "id" else _key(dice, values, target, name)
        type_ = declared.args[name].type
        found[name] = values.variables.hold(value, type_) if dice.chance(25) else value
    return found


def _key(dice: Dice, values: Values, target: str, name: str) -> str:
    values.features.add("by key")
    rows = [row for row in values.world.rows[target] if getattr(row, name) is not None]
    return "nowhere" if not rows or dice.chance(8) else str(getattr(dice.pick(rows), name))
