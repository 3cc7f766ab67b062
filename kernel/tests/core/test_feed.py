"""The pull feed: every event once, in an order that nothing is inserted into."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from huikuan.testing.shop import Shop

FEED = """query($after: String, $types: [EventType!], $first: Int!) {
  events(after: $after, types: $types, first: $first) {
    nodes { id type at aggregate sequence position payload } endCursor hasNextPage } }"""


def page(shop: Shop, after: str | None = None, types: list[str] | None = None, first: int = 100) -> dict[str, Any]:
    found: dict[str, Any] = shop.query(FEED, after=after, types=types, first=first)["events"]
    return found


def test_events_appear_after_commit_and_are_paged_without_gaps(app_with: Callable[..., Shop]) -> None:
    shop = app_with()
    for number in range(5):
        shop.mutate("userCreate", email=f"u{number}@example.com", name="U", roles=[], password="long-enough-1")
    assert page(shop)["nodes"] == []
    shop.work()
    seen, after = [], None
    while True:
        found = page(shop, after, first=2)
        seen += [item["position"] for item in found["nodes"]]
        after = found["endCursor"]
        if not found["hasNextPage"]:
            break
    assert seen == list(range(1, len(seen) + 1)) and len(seen) >= 5
    assert page(shop, after) == {"nodes": [], "endCursor": after, "hasNextPage": False}


def test_an_event_shows_what_it_happened_to(app_with: Callable[..., Shop]) -> None:
    shop = app_with()
    shop.mutate("userCreate", email="u@example.com", name="U", roles=[], password="long-enough-1")
    shop.work()
    document = """query ($types: [EventType!]) { events(types: $types) { nodes { aggregate subject {
      __typename id ... on User { email } } } } }"""
    [created] = shop.query(document, types=["USER_CREATED"])["events"]["nodes"]
    user = shop.query('{ user(email: "u@example.com") { id } }')["user"]["id"]
    assert created["subject"] == {"__typename": "User", "id": user, "email": "u@example.com"}
    without = shop.acting_with("kernel.events").execute(document, types=["USER_CREATED"])
    assert without["data"]["events"]["nodes"] == [{"aggregate": "user", "subject": None}]
    assert without["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def test_types_filter_and_bad_cursors_are_told(app_with: Callable[..., Shop]) -> None:
    shop = app_with()
    shop.mutate("userCreate", email="a@example.com", name="A", roles=[], password="long-enough-1")
    shop.work()
    assert {item["type"] for item in page(shop, types=["USER_CREATED"])["nodes"]} == {"USER_CREATED"}
    assert page(shop, types=["HOLD_PLACED"])["nodes"] == []
    for cursor in ("17", "event-", "event-x", "event-" + "9" * 30):
        assert shop.execute(FEED, after=cursor, first=1)["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert shop.execute(FEED, first=0)["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
