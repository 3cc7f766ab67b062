"""Two tenants in one process, with different modules: not one byte of the other's, wherever one looks.

Every text of tenant A holds a canary. The documents are made from tenant B's schema, ask for A's ids,
and must between them visit every field, argument, filter and order of all installed modules; a new field
that is not visited fails the test.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from uuid import UUID

import pytest

from huikuan.catalog import ModuleCatalog
from huikuan.graphql import FeedEvent, Limits, execute
from huikuan.graphql.ids import encode_id
from huikuan.graphql.subscriptions import Opened, begin, execute_event
from huikuan.ids import new_id
from huikuan.testing.shop import Shop
from tests.isolation.canaries import CANARY, fingerprint, plant
from tests.isolation.sweep import Sweep

# The documents are larger than clients may send: here it counts that each of them is executed.
MADE = re.compile(r'"id": "[\w-]+"')
"""The id of something that the request made: another one each time."""

EACH_SWEEP = pytest.mark.parametrize(
    "thorough", [pytest.param(False, id="once"), pytest.param(True, id="everywhere", marks=pytest.mark.soak)]
)
"""What stands below a type is asked for once, or, for minutes, wherever the type comes from."""

WIDE = Limits(tokens=50_000, cost=10**9, source=10**6, root_fields=100, aliases=10_000)


class Client:
    """Somebody of a tenant with every right in it."""

    def __init__(self, shop: Shop) -> None:
        self._kernel, self._scope = shop.kernel, shop.scope

    def ask(self, document: str) -> str:
        """The response as text; the document must at least have been executed."""
        request = self._kernel.request(self._scope, idempotency_key=str(new_id()))
        request.limits = WIDE
        response = execute(request, document)
        assert "data" in response, (response, document)
        return json.dumps(response, sort_keys=True)

    def follow(self, document: str, events: list[UUID]) -> str:
        """What a subscription answers, also of events that are not the tenant's."""
        with self._kernel.request(self._scope) as request:
            request.limits = WIDE
            opened = begin(request, document)
            if not isinstance(opened, Opened):
                return json.dumps(opened)
            shown = [opened.stream.show(FeedEvent(event, 1, "OrderCreated")) for event in events]
            return json.dumps([execute_event(request, document, None, None, value) for value in shown])


@pytest.fixture
def tenants(
    app_with: Callable[..., Shop], installed_modules: ModuleCatalog
) -> tuple[Shop, Shop, dict[str, list[UUID]]]:
    """Tenant A full of canaries, tenant B beside it, and A's ids by GraphQL type."""
    mine = app_with(*installed_modules.names)
    theirs = mine.other_tenant(*installed_modules.names, slug="victim")
    planted = plant(mine.kernel.database, theirs.scope.tenant.id, installed_modules.names)
    nodes = mine.scope.composition.nodes
    ids = {
        name: planted[node.model.__tablename__] for name, node in nodes.items() if node.model.__tablename__ in planted
    }
    return mine, theirs, ids


@EACH_SWEEP
def test_no_query_shows_a_foreign_byte(tenants: tuple[Shop, Shop, dict[str, list[UUID]]], thorough: bool) -> None:
    mine, theirs, ids = tenants
    foreign = {encode_id(name, item) for name, found in ids.items() for item in found}
    sweep = Sweep(mine.scope.composition.schema.core, ids, thorough=thorough)
    stranger, owner, shown = Client(mine), Client(theirs), 0
    for document in [*sweep.queries(), *sweep.nested()]:
        answer = stranger.ask(document)
        assert CANARY not in answer, document
        assert not [item for item in foreign if item in answer and item not in document], document
        shown += shown <= len(ids) and CANARY in owner.ask(document)
    list(sweep.mutations())
    list(sweep.subscriptions())
    assert not sweep.missed()
    assert shown > len(ids), "the owner sees its own canaries in these documents, or they prove nothing"


@EACH_SWEEP
def test_no_subscription_shows_a_foreign_byte(
    tenants: tuple[Shop, Shop, dict[str, list[UUID]]], thorough: bool
) -> None:
    mine, theirs, ids = tenants
    sweep = Sweep(mine.scope.composition.schema.core, ids, thorough=thorough)
    stranger, owner, shown = Client(mine), Client(theirs), 0
    for document in sweep.subscriptions():
        assert CANARY not in stranger.follow(document, ids["Event"]), document
        shown += CANARY in owner.follow(document, ids["Event"])
    assert shown, "the owner sees its own canaries, or this proves nothing"


@EACH_SWEEP
def test_no_mutation_reaches_a_foreign_row(
    tenants: tuple[Shop, Shop, dict[str, list[UUID]]], installed_modules: ModuleCatalog, thorough: bool
) -> None:
    mine, theirs, ids = tenants
    database, victim = mine.kernel.database, theirs.scope.tenant.id
    before = fingerprint(database, victim, installed_modules.names)
    sweep, stranger = Sweep(mine.scope.composition.schema.core, ids, thorough=thorough), Client(mine)
    for document in sweep.mutations():
        assert CANARY not in stranger.ask(document), document
    assert fingerprint(database, victim, installed_modules.names) == before


@EACH_SWEEP
def test_foreign_and_absent_ids_answer_alike(tenants: tuple[Shop, Shop, dict[str, list[UUID]]], thorough: bool) -> None:
    mine, _, ids = tenants
    core = mine.scope.composition.schema.core
    absent = {name: [new_id() for _ in found] for name, found in ids.items()}
    client = Client(mine)
    foreign, unknown = (Sweep(core, of, thorough=thorough).mutations() for of in (ids, absent))
    for theirs, nobody in zip(foreign, unknown, strict=True):
        assert _without_ids(client.ask(theirs), ids) == _without_ids(client.ask(nobody), absent), theirs


def test_schemas_differ_as_the_modules_do(app_with: Callable[..., Shop]) -> None:
    full = app_with("orders")
    small = full.other_tenant("customers", slug="small")
    types = {shop.tenant: set(shop.scope.composition.schema.core.type_map) for shop in (full, small)}
    assert "Order" in types["shop"] and "Order" not in types["small"]
    assert not any(name.startswith(("Order", "Product")) for name in types["small"])
    errors = small.execute("{ orders { totalCount } }")["errors"]
    assert errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "OrderConfirmed" not in small.scope.composition.schema.sdl


def _without_ids(text: str, ids: dict[str, list[UUID]]) -> str:
    """A response with everything that differs from one call to the next taken out."""
    for name, found in ids.items():
        for item in found:
            text = text.replace(encode_id(name, item), "ID").replace(str(item), "UUID")
    return MADE.sub('"id": "ID"', text)
