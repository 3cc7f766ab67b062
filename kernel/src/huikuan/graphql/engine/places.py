"""Where values stand in the response, and what their failures do to it.

The engine computes a field for all objects of a group at once, so an error comes with the number of a value in a
column. Its path is worked out only then, from the chain of places up to the root. What null propagation removes is
worked out from the same chain: the response is the one that a depth-first executor gives, which stops at the first
error that removes an object and so never sees those behind it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError
from graphql.error import located_error

if TYPE_CHECKING:
    from huikuan.graphql.engine.fields import FieldPlan
    from huikuan.graphql.engine.groups import Group

__all__ = ["ChosenPlaces", "Failures", "FieldPlaces", "ItemPlaces", "Places"]

Step = tuple[int, str | int]
"""One step of a path: its rank among its siblings, and what the client reads."""


class Places:
    """The places of one column of values. Values are counted from 0."""

    __slots__ = ("field", "nullable")

    def __init__(self, field: FieldPlan, nullable: bool) -> None:
        self.field = field
        self.nullable = nullable

    def steps(self, value: int) -> tuple[Step, ...]:
        """The path of a value from the root."""
        raise NotImplementedError

    def above(self, value: int) -> tuple[Places | None, int]:
        """The place that becomes null if this one cannot be null; None above the root."""
        raise NotImplementedError


class FieldPlaces(Places):
    """The values of a field, one for each member of the group."""

    __slots__ = ("group",)

    def __init__(self, field: FieldPlan, group: Group) -> None:
        super().__init__(field, field.nullable)
        self.group = group

    def steps(self, value: int) -> tuple[Step, ...]:
        own = (self.field.rank, self.field.key)
        places = self.group.places
        return (own,) if places is None else (*places.steps(value), own)

    def above(self, value: int) -> tuple[Places | None, int]:
        return self.group.places, value


class ItemPlaces(Places):
    """The items of lists, list after list."""

    __slots__ = ("ends", "lists")

    def __init__(self, lists: Places, lengths: Sequence[int], nullable: bool) -> None:
        super().__init__(lists.field, nullable)
        self.lists = lists
        self.ends = list(accumulate(lengths))

    def list_of(self, value: int) -> tuple[int, int]:
        """Which list an item belongs to, and its index there."""
        place = bisect_right(self.ends, value)
        return place, value - (self.ends[place - 1] if place else 0)

    def steps(self, value: int) -> tuple[Step, ...]:
        place, index = self.list_of(value)
        return (*self.lists.steps(place), (index, index))

    def above(self, value: int) -> tuple[Places | None, int]:
        return self.lists, self.list_of(value)[0]


class ChosenPlaces(Places):
    """Some of the values of a column, by their numbers there."""

    __slots__ = ("chosen", "whole")

    def __init__(self, whole: Places, chosen: Sequence[int]) -> None:
        super().__init__(whole.field, whole.nullable)
        self.whole = whole
        self.chosen = chosen

    def steps(self, value: int) -> tuple[Step, ...]:
        return self.whole.steps(self.chosen[value])

    def above(self, value: int) -> tuple[Places | None, int]:
        return self.whole.above(self.chosen[value])


class Failures:
    """The errors of one operation, in the order in which they were found."""

    def __init__(self) -> None:
        self._found: list[tuple[Places, int, Exception]] = []

    def add(self, places: Places, value: int, error: Exception) -> None:
        """A value could not be computed."""
        self._found.append((places, value, error))

    def errors(self) -> list[GraphQLError]:
        """The errors of the response, in the order of the response."""
        if not self._found:
            return []
        located = sorted(
            (_Located(places, value, error) for places, value, error in self._found), key=lambda item: item.ranks
        )
        kept: list[GraphQLError] = []
        removed: tuple[int, ...] | None = None
        for item in located:
            if removed is not None and item.ranks[: len(removed)] == removed:
                continue
            removed = item.removed()
            nodes, path = item.places.field.nodes, [name for _, name in item.steps]
            kept.append(located_error(item.error, nodes, path))
        return kept


class _Located:
    __slots__ = ("error", "places", "ranks", "steps", "value")

    def __init__(self, places: Places, value: int, error: Exception) -> None:
        self.places = places
        self.value = value
        self.error = error
        self.steps = places.steps(value)
        self.ranks = tuple(rank for rank, _ in self.steps)

    def removed(self) -> tuple[int, ...]:
        """The place that becomes null: the nearest that may."""
        places: Places | None = self.places
        value = self.value
        while places is not None and not places.nullable:
            places, value = places.above(value)
        return () if places is None else tuple(rank for rank, _ in places.steps(value))


def fail_all(failures: Failures, places: Places, count: int, error: Exception) -> tuple[list[Any], set[int]]:
    """A whole column failed: null everywhere, and the same error for each value."""
    for value in range(count):
        failures.add(places, value, error)
    return [None] * count, set(range(count))
