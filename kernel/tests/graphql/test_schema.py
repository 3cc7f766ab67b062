"""What a schema holds, how fast it is made, and what is said when a declaration is wrong."""

from __future__ import annotations

import sys
import time
import types as python_types
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from graphql import GraphQLSchema, is_specified_directive, is_specified_scalar_type
from graphql import build_schema as build_core

from huikuan.commands import Command, command
from huikuan.context import Context
from huikuan.errors import SetupError
from huikuan.graphql import (
    SchemaParts,
    TenantSchema,
    batch,
    build_schema,
    collect_declarations,
    column,
    extend,
    node,
    output,
    query,
    to_one,
)
from huikuan.graphql.decls import Declarations
from huikuan.money import Money
from huikuan.testing.shop import Shop
from huikuan.values import RefTo
from kernel.tests.graphql.shop import graphql as shop_graphql
from kernel.tests.graphql.shop import models, types


def declared(*items: Any) -> Declarations:
    """Declarations of a python module that holds these."""
    module = python_types.ModuleType(__name__)
    for item in items:
        setattr(module, item.__name__, item)
    return collect_declarations(module)


def built(
    *modules: tuple[str, Declarations], commands: Sequence[tuple[Command[..., Any], str]] = (), nouns: Any = None
) -> TenantSchema:
    shop = [("shop", collect_declarations(types)), ("shop", collect_declarations(shop_graphql))]
    nouns = nouns or {"shop": ("order", "customer"), "acme": ("acme",)}
    return build_schema(SchemaParts("tenant", [*shop, *modules], commands, (), ("ORDER_CONFIRMED",), nouns))


# Classes of wrong declarations; each stands in a module acme.


@node(models.Customer)
class Order:
    """A second Order."""

    code: str


@node(models.Line, plural="orders")
class Thing:
    """Claims the list orders."""

    sku: str


@extend(types.Order)
class Taken:
    @batch()
    @staticmethod
    def number(ctx: Context, orders: Sequence[Any]) -> list[str]:
        """Exists already."""
        return []


@extend(types.Order)
class Deposits:
    @batch(requires=["id", "total", "currency"])
    @staticmethod
    def deposited(ctx: Context, orders: Sequence[Any]) -> list[Money]:
        """Deposits received for this order."""
        return [Money(row.total, row.currency) for row in orders]


@node(models.Shipment, name="PerObject", plural="perObjects")
class PerObject:
    """Computes object by object."""

    number: str

    def label(self) -> str:
        return "x"


@node(models.Shipment, name="NoColumn", plural="noColumns")
class NoColumn:
    """Names a column that is not there."""

    colour: str


@node(models.Shipment, name="NoCurrency", plural="noCurrencies")
class NoCurrency:
    """Money without a currency."""

    weight: Money = column()


@node(models.Shipment, name="Lost", plural="losts")
class Lost:
    """Refers to a type that is not there."""

    # The marker that Ref["Nowhere"] leaves, without a name that nobody knows.
    order: Annotated[int, RefTo("Nowhere", by_key=True)] = to_one("order_id")


@dataclass(frozen=True)
class Plain:
    """Not declared."""

    a: int


@query(permission=None)
def plain(ctx: Context) -> Plain:
    """Shows a dataclass that is no output."""
    return Plain(1)


@query(permission=None, name="biggestOrder")
def same_name(ctx: Context) -> int:
    """Its name is taken."""
    return 1


@query(permission=None)
def union(ctx: Context) -> int | str:
    """Joins two types."""
    return 1


@output
class Unused:
    """Nobody shows it."""

    value: int


WRONG: dict[str, tuple[Any, tuple[str, ...]]] = {
    "type": (Order, ("type Order", "shop", "acme")),
    "list": (Thing, ("root field orders", "shop", "acme")),
    "field": (Taken, ("Order.number", "shop", "acme")),
    "query": (same_name, ("biggestOrder", "shop", "acme")),
    "object by object": (PerObject, ("PerObject.label", "@batch")),
    "column": (NoColumn, ("Shipment has no column 'colour'",)),
    "currency": (NoCurrency, ("Money needs a currency", "currency=")),
    "type by name": (Lost, ("Nowhere", "@node")),
    "dataclass": (plain, ("Plain", "@output")),
    "union": (union, ("int | str", "GraphQL needs one")),
}


@pytest.mark.parametrize(("item", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_declaration_is_named_with_the_remedy(item: Any, words: tuple[str, ...]) -> None:
    with pytest.raises(SetupError) as caught:
        built(("acme", declared(item)))
    for word in words:
        assert word in caught.value.message


@command(permission=None)
def order_steal(ctx: Context) -> models.Order:
    """Uses a noun of another module."""
    raise NotImplementedError


@command(permission=None)
def acme_line(ctx: Context) -> models.Line:
    """Returns a model that nobody mapped."""
    raise NotImplementedError


def test_a_mutation_starts_with_a_noun_of_its_module() -> None:
    with pytest.raises(SetupError, match="acme: command order_steal must start with one of its nouns"):
        built(commands=[(order_steal, "acme")])


def test_a_payload_needs_mapped_models() -> None:
    line_only = [("shop", declared(Unused))]
    parts = SchemaParts("tenant", line_only, [(acme_line, "acme")], (), (), {"acme": ("acme",)})
    with pytest.raises(SetupError, match=r"@node\(Line\) class LineType"):
        build_schema(parts)


def test_extensions_differ_by_composition_and_change_nothing_else() -> None:
    plain, extended = built(), built(("acme", declared(Deposits)))
    assert "deposited" in extended.core.type_map["Order"].fields  # type: ignore[attr-defined]
    assert "deposited" not in plain.core.type_map["Order"].fields  # type: ignore[attr-defined]
    assert "deposited" not in built().sdl
    assert "Deposits received for this order." in extended.sdl


def test_the_sdl_is_valid_and_says_what_everything_is(shop: Shop) -> None:
    schema = shop.scope.composition.schema
    core = build_core(schema.sdl)
    assert set(core.type_map) == set(schema.core.type_map)
    assert not list(undescribed(schema.core))
    assert "input OrderRef @oneOf" in schema.sdl
    assert "status: OrderStatus! = DRAFT" in schema.sdl
    assert "orderedOn: Date\n" in schema.sdl


def undescribed(schema: GraphQLSchema) -> Any:
    for name, type_ in schema.type_map.items():
        if name.startswith("__") or is_specified_scalar_type(type_):
            continue
        if not type_.description:
            yield name
        for key, field in getattr(type_, "fields", getattr(type_, "values", {})).items():
            if not field.description:
                yield f"{name}.{key}"
            for argument, item in getattr(field, "args", {}).items():
                if not item.description:
                    yield f"{name}.{key}({argument}:)"
    for directive in schema.directives:
        assert is_specified_directive(directive)


def test_a_composition_of_150_types_is_made_in_150_ms(shop: Shop) -> None:
    composition = shop.scope.composition
    parts = SchemaParts(
        "tenant",
        composition.declarations,
        [entry for entry in composition.commands.values() if entry[0].surface == "tenant"],
        [code for code, _ in composition.codes.values()],
        sorted(composition.events),
        {module.name: module.manifest.claimed_nouns for module in composition.modules},
    )
    build_schema(parts)
    times = []
    for _ in range(5):
        started = time.process_time()
        count = len(build_schema(parts).core.type_map)
        times.append((time.process_time() - started) / count * 150)
    assert min(times) < 0.15
    assert sys.getsizeof(parts) < 1_000
