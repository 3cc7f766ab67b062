"""Field plans and object plans: what is computed for a group, and how its values become objects."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import repeat, starmap
from typing import TYPE_CHECKING, Any

import msgspec
from graphql import FieldNode

from huikuan.graphql.engine.groups import Group
from huikuan.graphql.engine.places import FieldPlaces, Places, fail_all

if TYPE_CHECKING:
    from huikuan.graphql.engine.run import Run

__all__ = ["Completed", "Constant", "FieldPlan", "ObjectPlan", "assemble", "settle", "shape_of", "spread"]

Completed = tuple[Sequence[Any], set[int] | None]
"""One value per object, and the numbers of those that are null because of an error below them."""


class NullInPlace(TypeError):
    """A value that the schema promises is missing."""


class FieldPlan:
    """One field of a selection: its key in the response, its rank among the others, the nodes that ask for it."""

    sure = False
    """Whether no null can come where the schema promises a value."""

    def __init__(self, key: str, nodes: list[FieldNode], nullable: bool) -> None:
        self.key = key
        self.nodes = nodes
        self.nullable = nullable
        self.name = nodes[0].name.value
        self.rank = 0
        self.parent = ""

    def compute(self, run: Run, group: Group) -> Completed:
        """The values for all members of the group, and which of them failed."""
        raise NotImplementedError

    def complete(self, run: Run, group: Group) -> Completed:
        """As `compute`; an exception is the failure of every member; and promised values are there."""
        try:
            values, failed = self.compute(run, group)
        except Exception as error:
            values, failed = fail_all(run.failures, FieldPlaces(self, group), group.count, error)
        if self.nullable:
            return values, None
        if self.sure or (failed is None and None not in values):
            return values, failed
        return settle(run, FieldPlaces(self, group), values, failed)


def settle(run: Run, places: Places, values: Sequence[Any], failed: set[int] | None) -> Completed:
    """Nulls where the schema promises values are errors; returns which objects they remove."""
    if places.nullable:
        return values, None
    if None in values:
        missing = {number for number, value in enumerate(values) if value is None}
        for number in missing.difference(failed or ()):
            error = NullInPlace(f"Cannot return null for non-nullable field {places.field.parent}.{places.field.name}.")
            run.failures.add(places, number, error)
        return values, missing
    return values, failed


class Constant(FieldPlan):
    """The same for every object: ``__typename``."""

    sure = True

    def __init__(self, key: str, nodes: list[FieldNode], value: Any) -> None:
        super().__init__(key, nodes, nullable=False)
        self.value = value

    def compute(self, run: Run, group: Group) -> Completed:
        return [self.value] * group.count, None


@lru_cache(maxsize=4_096)
def shape_of(keys: tuple[str, ...]) -> Any:
    """The class of objects with these keys.

    An instance costs a third of a dict, and msgspec writes it without looking anything up.
    """
    names = [f"f{rank}" for rank in range(len(keys))]
    return msgspec.defstruct("Selected", names, rename=dict(zip(names, keys, strict=True)), eq=False, gc=False)


def assemble(shape: Any, columns: Sequence[Sequence[Any]], count: int) -> list[Any]:
    """Objects from columns. A selection may be empty: @skip leaves nothing of it."""
    return list(starmap(shape, zip(*columns, strict=True))) if columns else [shape()] * count


class ObjectPlan:
    """A selection on one object type: its fields, and the shape of the objects that they make."""

    def __init__(self, type_name: str, fields: Sequence[FieldPlan]) -> None:
        self.type_name = type_name
        self.fields = fields
        for rank, field in enumerate(fields):
            field.rank, field.parent = rank, type_name
        self.shape = shape_of(tuple(field.key for field in fields))

    def complete(self, run: Run, group: Group) -> Completed:
        """One object per member; None where a promised value is missing."""
        if group.count == 0:
            return [], None
        columns: list[Sequence[Any]] = []
        removed: set[int] | None = None
        for field in self.fields:
            values, failed = field.complete(run, group)
            columns.append(values)
            if failed:
                removed = failed if removed is None else removed | failed
        objects = assemble(self.shape, columns, group.count)
        if removed:
            for number in removed:
                objects[number] = None
        return objects, removed


def spread(
    values: Sequence[Any], failed: set[int] | None, chosen: Sequence[int], count: int
) -> tuple[list[Any], set[int] | None]:
    """Values of some members, put where those members are; null for the others."""
    found: list[Any] = list(repeat(None, count))
    for number, value in zip(chosen, values, strict=True):
        found[number] = value
    return found, {chosen[number] for number in failed} if failed else None
