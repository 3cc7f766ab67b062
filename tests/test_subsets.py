"""Every set of modules that holds what its members require is a product of its own."""

from collections.abc import Iterator
from functools import cache
from itertools import chain, combinations
from pathlib import Path

import pytest
from graphql import GraphQLEnumType, GraphQLObjectType
from sqlalchemy import inspect

from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.composition import Composition, Compositions
from huikuan.core.module import migration_sources
from huikuan.db import Base, Database
from huikuan.db.admin import connect
from huikuan.testing.databases import DatabaseTemplates
from huikuan.testing.shop import make_shop
from tests.trading import trade
from tools.schemas import module_sets
from tools.workspace import members

OURS = frozenset().union(*module_sets().values())
ROOT_FIELDS = 40
"""Asked for in one document; more are refused."""


@cache
def compositions() -> Compositions:
    """Of our modules alone, whatever else is installed."""
    found = ModuleCatalog.discover()
    return Compositions(ModuleCatalog(found.ordered(OURS & found.names), found.refused))


def subsets() -> Iterator[frozenset[str]]:
    """All sets of our modules that are closed under their requirements, small ones first."""
    catalog = compositions().catalog
    names = sorted(catalog.names)
    for chosen in chain.from_iterable(combinations(names, size) for size in range(len(names) + 1)):
        if catalog.closure(chosen) == frozenset(chosen):
            yield frozenset(chosen)


@cache
def types_of(module: str) -> set[str]:
    """Types of the whole product's schema that a module declares."""
    everything = compositions().get(OURS)
    found = [declared for owner, declared in everything.declarations if owner == module]
    names = {node.name for declared in found for node in declared.nodes}
    names |= {output.name for declared in found for output in declared.outputs}
    return names & everything.schema.core.type_map.keys()


@cache
def nodes_of(module: str) -> set[str]:
    """Those of its types that have rows."""
    found = [declared for owner, declared in compositions().get(OURS).declarations if owner == module]
    return {node.name for declared in found for node in declared.nodes}


def called(subset: frozenset[str]) -> str:
    return "+".join(sorted(subset)) or "kernel"


def few() -> list[frozenset[str]]:
    """Sets in which any two modules are there together, each without the other, and both absent, where they can be."""
    every = list(subsets())
    left = set().union(*map(_pairs, every))
    found = [OURS]
    while left := left - _pairs(found[-1]):
        found.append(max(every, key=lambda subset: len(left & _pairs(subset))))
    return found


def _pairs(subset: frozenset[str]) -> set[tuple[str, bool, str, bool]]:
    """Which of any two modules are there."""
    return {(one, one in subset, two, two in subset) for one, two in combinations(sorted(OURS), 2)}


def each_subset() -> pytest.MarkDecorator:
    """A few of them, and in a soak all."""
    chosen = few()
    marks = {subset: () if subset in chosen else (pytest.mark.soak,) for subset in subsets()}
    return pytest.mark.parametrize(
        "subset", [pytest.param(subset, marks=mark, id=called(subset)) for subset, mark in marks.items()]
    )


def test_all_our_modules_are_usable() -> None:
    assert {f"huikuan-{name.replace('_', '-')}" for name in OURS} == members().keys() - {"huikuan"}
    assert not compositions().catalog.refused
    assert compositions().catalog.names == OURS


def test_each_holds_what_its_modules_bring_and_no_two_are_alike() -> None:
    """One test for all of them: each schema is built once."""
    seen: dict[frozenset[tuple[str, str]], frozenset[str]] = {}
    for subset in subsets():
        here = compositions().get(subset)
        holds_the_types_of_its_modules_and_no_others(here)
        knows_no_codes_and_events_of_absent_modules(here)
        fields = fields_of(here)
        assert fields not in seen, f"{called(subset)} is like {called(seen[fields])}"
        seen[fields] = subset
    assert len(seen) > 1


def holds_the_types_of_its_modules_and_no_others(here: Composition) -> None:
    names, schema = here.names, here.schema.core
    for module in OURS:
        there = types_of(module) & schema.type_map.keys()
        missing = types_of(module) - there
        if module not in names:
            assert not there, f"types of {module} in {called(names)}"
        else:  # an output that only a bridge shows comes with its partner
            assert not missing & nodes_of(module), f"types of {module} in {called(names)}"
            assert not missing or names != OURS


def knows_no_codes_and_events_of_absent_modules(here: Composition) -> None:
    everything = compositions().get(OURS)
    present = {*here.names, "kernel"}
    known = {
        "RefusalCode": {code for code, (_, owner) in everything.codes.items() if owner in present},
        "EventType": {name for name, (_, owner) in everything.events.items() if owner in present},
    }
    assert set(here.codes) == known["RefusalCode"], called(here.names)
    assert set(here.events) == known["EventType"], called(here.names)
    for name, values in known.items():
        shown = here.schema.core.type_map.get(name)
        assert shown is None or (isinstance(shown, GraphQLEnumType) and shown.values.keys() == values), name


def fields_of(here: Composition) -> frozenset[tuple[str, str]]:
    """What may be asked for; schemas that differ in it differ as texts too."""
    types = here.schema.core.type_map.values()
    return frozenset(
        (type_.name, name) for type_ in types if isinstance(type_, GraphQLObjectType) for name in type_.fields
    )


@each_subset()
def test_it_migrates_from_empty_answers_and_trades(
    subset: frozenset[str], tmp_path: Path, database_templates: DatabaseTemplates, signing_keys: KeyRing
) -> None:
    catalog = ModuleCatalog(compositions().catalog.ordered(subset))
    url = database_templates.sqlite(migration_sources(catalog), tmp_path / "subset.db")
    assert tables_in(url) == tables_of(subset)
    database = Database(url, sqlite_synchronous="OFF")
    try:
        shop = make_shop(database, catalog, tuple(subset), keys=signing_keys)
        fields = root_lists(shop.scope.composition)
        for start in range(0, len(fields), ROOT_FIELDS):
            some = fields[start : start + ROOT_FIELDS]
            answer = shop.query(" ".join(["{", *(f"{name}(first: 1) {{ nodes {{ id }} }}" for name in some), "}"]))
            assert answer.keys() == set(some)
        assert set(trade(shop, 1)) == subset
        shop.work()
        assert shop.check() == []
    finally:
        database.dispose()


def tables_of(subset: frozenset[str]) -> set[str]:
    present = {*subset, "kernel"}
    return {name for name, table in Base.metadata.tables.items() if table.info.get("module") in present}


def tables_in(url: str) -> set[str]:
    with connect(url) as connection:
        names = set(inspect(connection).get_table_names())
    return {name for name in names if not name.startswith("alembic_version_")}


def root_lists(composition: Composition) -> list[str]:
    """The lists that queries start from."""
    return [node.plural for node in composition.nodes.values() if node.root and node.surface == "tenant"]
