"""Subscriptions without a connection: their schema, what is refused at the beginning, the response to each value."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from huikuan.catalog import InstalledModule, ModuleCatalog
from huikuan.composition import compose
from huikuan.context import Context
from huikuan.core.feed import cursor_of, position_of, read_on
from huikuan.errors import BadInput, SetupError
from huikuan.graphql import FeedEvent, Stream, subscription
from huikuan.graphql.limits import Limits
from huikuan.graphql.subscriptions import Opened, begin, execute_event
from huikuan.manifest import Module
from huikuan.testing.shop import Shop
from huikuan.values import Ref

EVENTS = (
    "subscription ($after: String, $types: [EventType!]) { events(after: $after, types: $types) { id type cursor } }"
)


def opened(shop: Shop, document: str = EVENTS, **variables: Any) -> Opened:
    found = begin(shop.kernel.request(shop.scope), document, variables)
    assert isinstance(found, Opened), found
    return found


def refused(shop: Shop, document: str, operation_name: str | None = None, **variables: Any) -> dict[str, Any]:
    """The first error of a subscription that was not opened."""
    found = begin(shop.kernel.request(shop.scope), document, variables, operation_name)
    assert isinstance(found, dict) and "data" not in found, found
    error: dict[str, Any] = found["errors"][0]
    return error


def code(error: dict[str, Any]) -> str:
    return str(error["extensions"]["code"])


def happen(shop: Shop, count: int = 1) -> list[FeedEvent]:
    """Events that are new in the feed."""
    with shop.reading() as ctx:
        before = opened(shop).stream.after
    for number in range(count):
        email = f"{before}-{number}@shop.example"
        assert not shop.mutate("userCreate", email=email, name="U", roles=[], password="long-enough-1").codes
    shop.work()
    with shop.kernel.database.read(ctx.tenant.id, shop.clock) as session:
        return read_on(session, before, None, 100)


def test_the_schema_has_the_subscription_with_the_type_of_the_feed(shop: Shop) -> None:
    schema = shop.scope.composition.schema
    assert (
        'events(\n    """The cursor to go on from; from now on without it."""\n    after: String\n\n'
        '    """Only events of these types."""\n    types: [EventType!]\n  ): Event!'
    ) in schema.sdl
    shown = shop.query("{ __schema { subscriptionType { name } } }")
    assert shown["__schema"] == {"subscriptionType": {"name": "Subscription"}}


def test_only_tenants_have_subscriptions() -> None:
    for surface in ("control", "anonymous"):
        assert "type Subscription" not in compose(ModuleCatalog([]), (), surface).schema.sdl


def test_a_stream_begins_now_or_after_the_cursor(shop: Shop) -> None:
    *_, last = happen(shop, 2)
    assert opened(shop).stream.after == last.position
    assert opened(shop, after=cursor_of(last.position - 1)).stream.after == last.position - 1
    chosen = opened(shop, after=cursor_of(0), types=["USER_CREATED"]).stream
    assert (chosen.after, chosen.types) == (0, frozenset({"USER_CREATED"}))


def test_each_event_is_shown_with_its_cursor_and_all_that_was_asked_for(shop: Shop) -> None:
    document = """subscription ($full: Boolean!) { happened: events { ...E position @include(if: $full) payload
      same: type __typename } } fragment E on Event { type cursor }"""
    found = happen(shop, 2)
    stream = opened(shop, document, full=True).stream
    with shop.kernel.request(shop.scope) as request:
        shown = [execute_event(request, document, {"full": True}, None, stream.show(event)) for event in found]
    assert not any("errors" in response for response in shown), shown
    for event, response in zip(found, shown, strict=True):
        data = response["data"]["happened"]
        assert list(data) == ["type", "cursor", "position", "payload", "same", "__typename"]
        assert (data["type"], data["same"], data["position"]) == (event.type, event.type, event.position)
        assert (position_of(data["cursor"]), data["__typename"]) == (event.position, "Event")


def test_the_feed_tells_the_same_cursors(shop: Shop) -> None:
    happen(shop, 3)
    document = "query ($after: String) { events(after: $after, first: 2) { nodes { cursor } endCursor latestCursor } }"
    page = shop.query(document)["events"]
    assert page["nodes"][-1]["cursor"] == page["endCursor"] == cursor_of(2)
    assert page["latestCursor"] == cursor_of(opened(shop).stream.after)
    end = shop.query(document, after=page["latestCursor"])["events"]
    assert (end["nodes"], end["endCursor"]) == ([], page["latestCursor"])


def test_an_event_that_is_gone_is_an_error_of_that_value_alone(shop: Shop) -> None:
    [event] = happen(shop)
    other = shop.other_tenant(slug=f"other-{event.position}")
    with other.kernel.request(other.scope) as request:
        response = execute_event(request, EVENTS, {}, None, Ref(event.id))
    assert response["data"] is None
    assert response["errors"][0]["path"] == ["events"]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("subscription { events { id ", "GRAPHQL_PARSE_FAILED"),
        ("subscription { events { nothing } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { events { id } other: events { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { __typename }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription ($x: Boolean!) { events @skip(if: $x) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ('subscription { events(after: "17") { id } }', "BAD_USER_INPUT"),
        ("subscription { events(types: [NOTHING]) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription ($after: String!) { events(after: $after) { id } }", "BAD_USER_INPUT"),
        ("subscription A { events { id } } subscription B { events { id } }", "BAD_USER_INPUT"),
    ],
    ids=["syntax", "field", "two roots", "introspection", "skipped", "cursor", "type", "variable", "operation"],
)
def test_what_cannot_be_followed_is_refused_at_the_beginning(shop: Shop, document: str, expected: str) -> None:
    assert code(refused(shop, document)) == expected


def test_the_permission_is_that_of_the_feed(shop: Shop) -> None:
    error = refused(shop.acting_with("shop.read"), EVENTS)
    assert (code(error), error["extensions"]["permission"]) == ("FORBIDDEN", "kernel.events")
    [event] = happen(shop)
    without = shop.acting_with("shop.read")
    with without.kernel.request(without.scope) as request:
        response = execute_event(request, EVENTS, {}, None, Ref(event.id))
    assert (response["data"], code(response["errors"][0])) == (None, "FORBIDDEN")
    assert opened(shop.acting_with("kernel.events")).decl.permission == "kernel.events"


def test_the_limits_hold(shop: Shop) -> None:
    request = shop.kernel.request(shop.scope)
    request.limits = Limits(cost=3)
    found = begin(request, EVENTS)
    assert isinstance(found, dict)
    assert code(found["errors"][0]) == "LIMIT_EXCEEDED"


def test_queries_and_mutations_begin_and_end_at_once(shop: Shop) -> None:
    assert begin(shop.kernel.request(shop.scope), "{ __typename }")["data"] == {"__typename": "Query"}  # type: ignore[index]


def test_a_request_that_ends_names_the_websocket(shop: Shop) -> None:
    error = shop.execute("subscription { events { id } }")["errors"][0]
    assert (code(error), error["message"]) == ("BAD_USER_INPUT", "Subscriptions need a WebSocket.")


# --- declaring one -------------------------------------------------------------------------------


def installed(name: str, **functions: Any) -> InstalledModule:
    """A module whose graphql.py holds these functions."""
    part = ModuleType(f"{name}.graphql")
    for function_name, function in functions.items():
        function.__module__ = part.__name__
        setattr(part, function_name, function)
    return InstalledModule(Module(name=name, title=name), "1.0", name, {"graphql": part})


def test_a_module_may_declare_its_own() -> None:
    @subscription(permission=None)
    def positions(ctx: Context, step: int = 1) -> Stream[int]:
        """Positions of the feed."""
        return Stream(0, lambda event: event.position * step)

    sdl = compose(ModuleCatalog([installed("acme", positions=positions)]), ("acme",)).schema.sdl
    assert '"""Positions of the feed."""\n  positions(\n    """Step."""\n    step: Int! = 1\n  ): Int!' in sdl


def test_a_clash_names_both_modules() -> None:
    @subscription(permission=None, name="events")
    def mine(ctx: Context) -> Stream[int]:
        """Mine."""
        return Stream(0, lambda event: 1)

    with pytest.raises(SetupError, match="subscription events is declared by kernel and by acme"):
        compose(ModuleCatalog([installed("acme", mine=mine)]), ("acme",)).schema  # noqa: B018


def test_what_is_no_stream_and_has_no_description_is_refused() -> None:
    def plain(ctx: Context) -> int:
        """Plain."""
        return 1

    declared = subscription(permission=None)(plain)
    with pytest.raises(SetupError, match=r"must return Stream\[…\]"):
        compose(ModuleCatalog([installed("acme", plain=declared)]), ("acme",)).schema  # noqa: B018
    with pytest.raises(SetupError, match="needs a docstring"):
        subscription(permission=None)(lambda ctx: SimpleNamespace())


def test_only_cursors_of_the_feed_are_positions() -> None:
    assert (position_of(None), position_of(cursor_of(12))) == (0, 12)
    for text in ("12", "event-", "event-x", "event-١", "event-" + "9" * 30):
        with pytest.raises(BadInput):
            position_of(text)
