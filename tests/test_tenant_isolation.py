"""Two tenants in one process, with different modules: not one byte of the other's, wherever one looks.

Every text of tenant A holds a canary. The documents are made from tenant B's schema, ask for A's ids,
and must between them visit every field, argument, filter and order; a new field that is not visited
fails the test.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import UUID

import pytest

from huikuan.graphql.ids import encode_id
from huikuan.ids import new_id
from huikuan.testing.shop import Shop
from tests.isolation.canaries import CANARY, fingerprint, plant
from tests.isolation.sweep import Sweep

MODULES = frozenset({"customers", "products", "orders"})


@pytest.fixture
def tenants(app_with: Callable[..., Shop]) -> tuple[Shop, Shop, dict[str, list[UUID]]]:
    """Tenant A full of canaries, tenant B beside it, and A's ids by GraphQL type."""
    mine = app_with(*MODULES)
    theirs = mine.other_tenant(*MODULES, slug="victim")
    planted = plant(mine.kernel.database, theirs.scope.tenant.id, MODULES)
    nodes = mine.scope.composition.nodes
    ids = {
        name: planted[node.model.__tablename__] for name, node in nodes.items() if node.model.__tablename__ in planted
    }
    return mine, theirs, ids


def test_no_query_shows_a_foreign_byte(tenants: tuple[Shop, Shop, dict[str, list[UUID]]]) -> None:
    mine, theirs, ids = tenants
    foreign = {encode_id(name, item) for name, found in ids.items() for item in found}
    sweep = Sweep(mine.scope.composition.schema.core, ids)
    shown = 0
    for document in [*sweep.queries(), *sweep.nested()]:
        answer = json.dumps(mine.execute(document))
        assert CANARY not in answer, document
        asked = document.count('"')
        assert asked or not any(item in answer for item in foreign), document
        shown += CANARY in json.dumps(theirs.execute(document))
    list(sweep.mutations())
    assert not sweep.missed()
    assert shown > len(ids), "the owner sees its own canaries in these documents, or they prove nothing"


def test_no_mutation_reaches_a_foreign_row(tenants: tuple[Shop, Shop, dict[str, list[UUID]]]) -> None:
    mine, theirs, ids = tenants
    database, victim = mine.kernel.database, theirs.scope.tenant.id
    before = fingerprint(database, victim, MODULES)
    sweep = Sweep(mine.scope.composition.schema.core, ids)
    for document in sweep.mutations():
        assert CANARY not in json.dumps(mine.execute(document, key=str(new_id()))), document
    assert fingerprint(database, victim, MODULES) == before


def test_foreign_and_absent_ids_answer_alike(tenants: tuple[Shop, Shop, dict[str, list[UUID]]]) -> None:
    mine, _, ids = tenants
    core = mine.scope.composition.schema.core
    absent = {name: [new_id() for _ in found] for name, found in ids.items()}
    for theirs, nobody in zip(Sweep(core, ids).mutations(), Sweep(core, absent).mutations(), strict=True):
        told = [
            _without_ids(mine.execute(document, key=str(new_id())), found)
            for document, found in ((theirs, ids), (nobody, absent))
        ]
        assert told[0] == told[1], theirs


def test_schemas_differ_as_the_modules_do(app_with: Callable[..., Shop]) -> None:
    full = app_with("orders")
    small = full.other_tenant("customers", slug="small")
    types = {shop.tenant: set(shop.scope.composition.schema.core.type_map) for shop in (full, small)}
    assert "Order" in types["shop"] and "Order" not in types["small"]
    assert not any(name.startswith(("Order", "Product")) for name in types["small"])
    errors = small.execute("{ orders { totalCount } }")["errors"]
    assert errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "orders" not in small.scope.composition.schema.sdl


def _without_ids(response: dict[str, object], ids: dict[str, list[UUID]]) -> str:
    """A response with everything that differs from one call to the next taken out."""
    text = json.dumps(response, sort_keys=True)
    for name, found in ids.items():
        for item in found:
            text = text.replace(encode_id(name, item), "ID").replace(str(item), "UUID")
    return text
