"""Fields of Python objects: outputs of modules' functions, payloads of commands, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from graphql import FieldNode

from huikuan.graphql.engine.fields import Completed, FieldPlan
from huikuan.graphql.engine.groups import Group, Items, Rows
from huikuan.graphql.engine.places import FieldPlaces
from huikuan.graphql.engine.rowfields import RowField
from huikuan.graphql.engine.values import AnyValue, ValuePlan

if TYPE_CHECKING:
    from huikuan.graphql.engine.run import Run

__all__ = ["ReadField", "ToAnyField"]


class ReadField(FieldPlan):
    """What a function reads of each object."""

    def __init__(
        self, key: str, nodes: list[FieldNode], nullable: bool, read: Callable[[Any], Any], value: ValuePlan
    ) -> None:
        super().__init__(key, nodes, nullable)
        self.read = read
        self.value = value

    def compute(self, run: Run, group: Group) -> Completed:
        assert isinstance(group, Items)
        return self.value.compute(run, FieldPlaces(self, group), list(map(self.read, group.values)))


class ToAnyField(RowField):
    """The object that a type column and an id column name together."""

    def __init__(
        self, key: str, nodes: list[FieldNode], permission: str | None, columns: tuple[int, int], value: AnyValue
    ) -> None:
        super().__init__(key, nodes, nullable=True, permission=permission)
        self.columns = columns
        self.value = value

    def of_rows(self, run: Run, rows: Rows) -> Completed:
        types, ids = rows.python(self.columns[0]), rows.column(self.columns[1])
        names = [None if id is None else (str(name), id) for name, id in zip(types, ids, strict=True)]
        return self.value.named(run, FieldPlaces(self, rows), names)
