"""Where errors stand in the response, and which of them are told: those that a depth-first executor would meet."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import FieldNode, NameNode

from huikuan.graphql.engine.fields import FieldPlan, settle
from huikuan.graphql.engine.groups import Group, Items
from huikuan.graphql.engine.places import ChosenPlaces, Failures, FieldPlaces, ItemPlaces, Places
from huikuan.graphql.engine.values import gather


class Sink:
    """What `settle` needs of a run."""

    def __init__(self) -> None:
        self.failures = Failures()


def field(key: str, rank: int = 0, *, nullable: bool = True) -> FieldPlan:
    """A field of a selection."""
    found = FieldPlan(key, [FieldNode(name=NameNode(value=key))], nullable)
    found.rank, found.parent = rank, "Row"
    return found


def root(key: str, rank: int = 0, *, nullable: bool = True) -> FieldPlaces:
    """The place of a root field."""
    return FieldPlaces(field(key, rank, nullable=nullable), Group(1, None))


def below(places: Places, key: str, rank: int = 0, *, count: int = 1, nullable: bool = True) -> FieldPlaces:
    """The places of a field of the objects that stand at ``places``."""
    return FieldPlaces(field(key, rank, nullable=nullable), Items([None] * count, places))


def told(failures: Failures) -> list[tuple[Any, str]]:
    """Path and message of each error."""
    return [(error.path, error.message) for error in failures.errors()]


# --- paths --------------------------------------------------------------------------------------


def test_a_path_leads_through_lists_of_different_lengths() -> None:
    lists = root("orders")
    orders = ItemPlaces(lists, [3], nullable=False)
    lines = ItemPlaces(below(orders, "lines", 1, count=3), [2, 0, 3], nullable=False)
    skus = below(lines, "sku", 4, count=5)
    paths = [[name for _, name in skus.steps(value)] for value in range(5)]
    assert paths == [
        ["orders", 0, "lines", 0, "sku"],
        ["orders", 0, "lines", 1, "sku"],
        ["orders", 2, "lines", 0, "sku"],
        ["orders", 2, "lines", 1, "sku"],
        ["orders", 2, "lines", 2, "sku"],
    ]


def test_empty_lists_at_either_end_shift_nothing() -> None:
    lists = FieldPlaces(field("tags"), Items([None] * 4, ItemPlaces(root("rows"), [4], nullable=False)))
    items = ItemPlaces(lists, [0, 1, 0, 2], nullable=True)
    assert [items.list_of(value) for value in range(3)] == [(1, 0), (3, 0), (3, 1)]
    assert [name for _, name in items.steps(0)] == ["rows", 1, "tags", 0]


def test_chosen_values_stand_where_they_stood() -> None:
    items = ItemPlaces(root("rows"), [5], nullable=True)
    chosen = ChosenPlaces(below(items, "customer", count=5), [1, 4])
    assert [[name for _, name in chosen.steps(value)] for value in (0, 1)] == [
        ["rows", 1, "customer"],
        ["rows", 4, "customer"],
    ]
    assert chosen.above(1) == (items, 4)


# --- order and loss -----------------------------------------------------------------------------


def test_errors_come_in_the_order_of_the_response() -> None:
    """The engine finds them field by field, a client reads object by object."""
    rows = ItemPlaces(root("rows"), [3], nullable=True)
    first, second = below(rows, "a", 0, count=3), below(rows, "b", 1, count=3)
    failures = Failures()
    for places in (second, first):
        for value in (2, 0, 1):
            failures.add(places, value, ValueError(f"{places.field.key}{value}"))
    assert [message for _, message in told(failures)] == ["a0", "b0", "a1", "b1", "a2", "b2"]


def test_an_object_that_is_removed_has_one_error() -> None:
    """A depth-first executor stops at the first field that may not be null."""
    rows = ItemPlaces(root("rows"), [2], nullable=True)
    failures = Failures()
    for key, rank in (("a", 0), ("b", 1), ("c", 2)):
        failures.add(below(rows, key, rank, count=2, nullable=key == "a"), 0, ValueError(key))
    failures.add(below(rows, "c", 2, count=2, nullable=False), 1, ValueError("other"))
    assert told(failures) == [
        (["rows", 0, "a"], "a"),
        (["rows", 0, "b"], "b"),
        (["rows", 1, "c"], "other"),
    ]


def test_null_rises_to_the_nearest_place_that_may_be_null() -> None:
    """From an item through its list and the object above, up to the field that may be null; siblings stay."""
    rows = ItemPlaces(root("rows"), [2], nullable=False)
    owner = below(rows, "owner", 0, count=2)
    tags = ItemPlaces(below(owner, "tags", 0, count=2, nullable=False), [2, 2], nullable=False)
    failures = Failures()
    failures.add(tags, 0, ValueError("removes owner of row 0"))
    failures.add(tags, 1, ValueError("lost with it"))
    failures.add(below(owner, "name", 1, count=2), 0, ValueError("lost with it"))
    failures.add(below(rows, "code", 1, count=2), 0, ValueError("stays"))
    failures.add(tags, 3, ValueError("removes owner of row 1"))
    assert told(failures) == [
        (["rows", 0, "owner", "tags", 0], "removes owner of row 0"),
        (["rows", 0, "code"], "stays"),
        (["rows", 1, "owner", "tags", 1], "removes owner of row 1"),
    ]


def test_nothing_is_left_where_no_place_may_be_null() -> None:
    """All of data is null, and the first error is the only one."""
    rows = ItemPlaces(root("rows", nullable=False), [2], nullable=False)
    failures = Failures()
    failures.add(root("later", 1), 0, ValueError("behind it"))
    failures.add(below(rows, "a", count=2, nullable=False), 1, ValueError("second"))
    failures.add(below(rows, "a", count=2, nullable=False), 0, ValueError("first"))
    assert told(failures) == [(["rows", 0, "a"], "first")]


def test_what_came_before_the_removal_is_told_as_well() -> None:
    """It was executed before: its object is gone, its error is not."""
    rows = ItemPlaces(root("rows"), [1], nullable=False)
    failures = Failures()
    failures.add(below(rows, "hard", 1, nullable=False), 0, ValueError("removes"))
    failures.add(below(rows, "soft", 0), 0, ValueError("before"))
    assert [message for _, message in told(failures)] == ["before", "removes"]


def test_keys_that_sort_otherwise_as_texts_and_numbers() -> None:
    rows = ItemPlaces(root("rows"), [12], nullable=True)
    failures = Failures()
    for value in (10, 9, 11, 1):
        failures.add(rows, value, ValueError(str(value)))
    failures.add(root("a-later-root", 1), 0, ValueError("last"))
    assert [message for _, message in told(failures)] == ["1", "9", "10", "11", "last"]


def test_the_error_names_the_nodes_that_asked() -> None:
    failures = Failures()
    places = root("rows")
    failures.add(places, 0, ValueError("x"))
    [error] = failures.errors()
    assert error.nodes == places.field.nodes
    assert isinstance(error.original_error, ValueError)


# --- settling -----------------------------------------------------------------------------------


@pytest.mark.parametrize("nullable", [True, False])
def test_a_missing_value_is_an_error_only_where_one_is_promised(nullable: bool) -> None:
    run: Any = Sink()
    places = below(ItemPlaces(root("rows"), [3], nullable=True), "a", count=3, nullable=nullable)
    run.failures.add(places, 2, ValueError("said already"))
    found = settle(run, places, [1, None, None], {2})
    assert found == ([1, None, None], None if nullable else {1, 2})
    messages = [message for _, message in told(run.failures)]
    wanted = ["Cannot return null for non-nullable field Row.a."]
    assert messages == [*([] if nullable else wanted), "said already"]


def test_lists_take_their_items_back() -> None:
    places = ItemPlaces(root("rows"), [2, 0, 1, 0], nullable=False)
    found = gather(["a", None, "c"], {1}, places, [True, True, True, False], [2, 0, 1, 0])
    assert found == ([None, [], ["c"], None], {0})
    assert gather("abc", None, places, [True, True, True, False], [2, 0, 1, 0]) == (
        [["a", "b"], [], ["c"], None],
        None,
    )
