"""The table of the reference: which resolver answers which field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huikuan.graphql.scalars import amount_text
from kernel.tests.graphql.fuzz import rules
from kernel.tests.graphql.fuzz.inputs import HOW_BROKEN, RATING, Arg
from kernel.tests.graphql.fuzz.outputs import Failure
from kernel.tests.graphql.fuzz.pages import Edge
from kernel.tests.graphql.fuzz.payloads import PAYLOADS
from kernel.tests.graphql.fuzz.reference import Resolver
from kernel.tests.graphql.fuzz.resolvers import (
    Turned,
    any_refs,
    attribute,
    batch,
    connection,
    guarded,
    ident,
    list_of,
    maybe_refs,
    money,
    own_id,
    refs,
    to_any,
    to_many,
    to_one,
)
from kernel.tests.graphql.fuzz.roots import queries
from kernel.tests.graphql.fuzz.worlds import MODELS

Table = dict[tuple[str, str], Resolver]


def _failing(row: Any, how: Failure) -> int:
    rules.fail(how)
    if how is Failure.SHAPE:
        rules.fail(Failure.BROKEN)
    return 1


def all_resolvers() -> Table:
    """By type and field."""
    found: Table = {
        **_of("Query", queries()),
        **_rooms(),
        **_shelves(),
        **_others(),
        **_outputs(),
        **_page_info(),
        **PAYLOADS,
    }
    for type_name in MODELS:
        found[type_name, "id"] = own_id
        found[type_name, "createdAt"] = attribute("created_at")
        found[type_name, "updatedAt"] = attribute("updated_at")
        found.update(_pages(type_name))
    return found


def _of(type_name: str, fields: Mapping[str, Resolver]) -> Table:
    return {(type_name, name): resolver for name, resolver in fields.items()}


def _plain_fields(*names: str) -> dict[str, Resolver]:
    return {name: attribute(name) for name in names}


def _page_info() -> Table:
    return _of(
        "PageInfo",
        {
            "hasNextPage": attribute("has_next"),
            "hasPreviousPage": attribute("has_previous"),
            "startCursor": lambda page, info: page.cursor(page.rows[0]) if page.rows else None,
            "endCursor": lambda page, info: page.cursor(page.rows[-1]) if page.rows else None,
        },
    )


def _pages(type_name: str) -> Table:
    page = {
        "nodes": attribute("rows"),
        "edges": lambda page, info: [Edge(page, row) for row in page.rows],
        "pageInfo": lambda page, info: page,
        "totalCount": attribute("total"),
    }
    edge = {"cursor": lambda edge, info: edge.page.cursor(edge.row), "node": attribute("row")}
    return {**_of(f"{type_name}Connection", page), **_of(f"{type_name}Edge", edge)}


def _rooms() -> Table:
    return _of(
        "Room",
        {
            **_plain_fields("code", "name", "floor", "area", "budget", "heated"),
            "floorText": attribute("floor"),
            "halfBudget": batch("Room.half_budget", rules.half_budget),
            "openedOn": attribute("opened_on"),
            "shelves": connection("Shelf", "room_id"),
            "spares": connection("Shelf", "spare_room_id"),
            "shelfList": to_many("Shelf", "room_id", lambda row: (-row.weight, row.id)),
            "vaults": to_many("Vault", "room_id", lambda row: row.id),
            "motto": batch(
                "Room.motto",
                lambda row, times: None if rules.luck(row, 4) == 0 else row.code * min(times, 4),
                {"times": Arg(default=1)},
            ),
            "must": batch("Room.must", lambda row: None if rules.luck(row, 5) == 0 else 1),
        },
    )


def _shelves() -> Table:
    several = lambda row, count: (  # noqa: E731 - a table of rules
        None if rules.luck(row, 5) == 0 else [rules.rating(row, **_unset_rating())] * min(count, 3)
    )
    return _of(
        "Shelf",
        {
            **_plain_fields("code", "label", "kind", "height", "capacity", "weight", "spec", "odd", "fragile"),
            "price": money("price"),
            "discount": money("discount"),
            "net": attribute("price"),
            "exactHeight": attribute("height"),
            "kindText": attribute("kind"),
            "spareRef": ident("spare_room_id", "Room"),
            "secretRoom": guarded("depot.secret", to_one("spare_room_id", "Room")),
            "secretBoxes": guarded("depot.secret", connection("Box", "shelf_id")),
            "secretList": guarded("depot.secret", to_many("Box", "shelf_id", lambda row: row.id)),
            "paintedOn": attribute("painted_on"),
            "checkedAt": attribute("checked_at"),
            "roomRef": ident("room_id", "Room"),
            "secret": attribute("secret", "depot.secret"),
            "room": to_one("room_id", "Room"),
            "spareRoom": to_one("spare_room_id", "Room"),
            "vault": to_one("vault_id", "Vault"),
            "boxes": connection("Box", "shelf_id"),
            "boxList": to_many("Box", "shelf_id", lambda row: (row.sealed, Turned(row.sku), row.id)),
            "visits": connection("Visit", "shelf_id"),
            "visitList": to_many("Visit", "shelf_id", lambda row: (-row.visited_at.timestamp(), row.id)),
            "ownLabel": batch(
                "Shelf.own_label", rules.own_label, {"prefix": Arg(default="N"), "loud": Arg(default=False)}
            ),
            "nick": batch("Shelf.nick", rules.nick),
            "rooms": batch("Shelf.rooms", rules.rooms, finish=refs("Room")),
            "maybeRooms": batch("Shelf.maybe_rooms", rules.maybe_rooms, finish=maybe_refs("Room")),
            "around": batch("Shelf.around", rules.around, finish=any_refs),
            "rating": batch("Shelf.rating", rules.rating, RATING),
            "ratings": batch("Shelf.ratings", several, {"count": Arg(default=2)}),
            "shaky": batch("Shelf.shaky", rules.shaky),
            "loose": batch("Shelf.loose", rules.loose, {"above": Arg(default=2)}),
            "hue": batch("Shelf.hue", rules.hue),
            "moment": batch("Shelf.moment", rules.moment),
            "marks": batch("Shelf.marks", rules.marks),
            "looseMarks": batch("Shelf.loose_marks", rules.loose_marks),
            "fee": batch("Shelf.fee", rules.fee),
            "looseList": batch("Shelf.loose_list", rules.loose_list),
            "fees": batch("Shelf.fees", rules.fees),
            "hues": batch("Shelf.hues", rules.hues),
            "cube": batch("Shelf.cube", rules.cube),
            "labelRows": batch("Shelf.label_rows", rules.label_rows, {"most": Arg(default=3)}),
            "looseText": batch("Shelf.loose_text", rules.loose_text),
            "looseFlag": batch("Shelf.loose_flag", rules.loose_flag),
            "looseRatio": batch("Shelf.loose_ratio", rules.loose_ratio),
            "looseDay": batch("Shelf.loose_day", rules.loose_day),
            "looseSum": batch("Shelf.loose_sum", rules.loose_sum),
            "failing": batch("Shelf.failing", _failing, HOW_BROKEN),
            "hidden": guarded("survey.more", batch("Shelf.hidden", lambda row: 7)),
        },
    )


def _unset_rating() -> dict[str, Any]:
    return {name: arg.default for name, arg in RATING.items()}


def _others() -> Table:
    return {
        **_of("Vault", {**_plain_fields("code", "depth"), "room": to_one("room_id", "Room")}),
        **_of(
            "Box", {**_plain_fields("sku", "grade", "sealed", "content", "ratio"), "shelf": to_one("shelf_id", "Shelf")}
        ),
        **_of("Tag", {"text": attribute("text"), "subject": to_any}),
        **_of("Wish", {"text": attribute("text")}),
        **_of(
            "Visit",
            {
                **_plain_fields("verdict", "score", "fee"),
                "visitedAt": attribute("visited_at"),
                "shelf": to_one("shelf_id", "Shelf"),
            },
        ),
        **_of("Money", {"amount": lambda money, info: amount_text(money), "currency": attribute("currency")}),
    }


def _outputs() -> Table:
    rating = (*("echo", "scale", "amount", "fee", "at", "day", "verdict", "steps", "notes", "grid", "free", "remark"),)
    return {
        **_of(
            "Label",
            {
                **_plain_fields("text", "weight"),
                "room": to_one("room", "Room"),
                "vault": to_one("vault", "Vault"),
                "stamp": batch("Label.stamp", rules.stamp, {"times": Arg(default=1)}),
                "weakStamp": batch("Label.weak_stamp", rules.weak_stamp),
                "twins": batch("Label.twins", rules.twins, {"count": Arg(default=1)}),
                "failingStamp": batch("Label.failing_stamp", _failing, HOW_BROKEN),
                "hiddenStamp": guarded("survey.more", batch("Label.hidden_stamp", lambda label: 8)),
            },
        ),
        **_of(
            "Step",
            {
                **_plain_fields("name", "share", "labels"),
                "room": to_one("room", "Room"),
                "nextRoom": to_one("room", "Room"),
            },
        ),
        **_of(
            "Rating",
            {
                **_plain_fields(*rating),
                "shelfId": ident("shelf_id", "Shelf"),
                "best": to_one("best", "Room"),
                "rooms": list_of("rooms", refs("Room")),
                "maybeRooms": list_of("maybe_rooms", maybe_refs("Room")),
            },
        ),
        **_of(
            "Report",
            {
                **_plain_fields("labels", "total"),
                "room": to_one("room", "Room"),
                "shelves": list_of("shelves", refs("Shelf")),
            },
        ),
        **_of("Weighed", {**_plain_fields("labels", "total"), "room": to_one("room", "Room")}),
    }
