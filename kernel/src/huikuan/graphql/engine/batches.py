"""Batch fields: a module's function of all rows, or of all objects of an output, at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphql import FieldNode

from huikuan.errors import HookError
from huikuan.graphql.engine.fields import Completed, FieldPlan
from huikuan.graphql.engine.groups import Group, Items, Rows
from huikuan.graphql.engine.places import FieldPlaces
from huikuan.graphql.engine.rowfields import RowField
from huikuan.graphql.engine.values import ValuePlan
from huikuan.graphql.fielddecls import BatchDecl
from huikuan.graphql.inputs import plain_arguments
from huikuan.money import Money

if TYPE_CHECKING:
    from huikuan.graphql.engine.arguments import FieldArguments
    from huikuan.graphql.engine.run import Run

__all__ = ["AddedField", "BatchCall", "BatchField", "BatchRow", "RowType"]


class BatchRow:
    """What a batch function reads of a row: the attributes that its field requires, and the id."""

    __slots__ = ("_type", "_values")

    def __init__(self, type_: RowType, values: Sequence[Any]) -> None:
        self._type = type_
        self._values = values

    def __getattr__(self, name: str) -> Any:
        place = self._type.places.get(name)
        if place is None:
            raise AttributeError(f"{self._type.name} row has no {name!r}: name it in requires=[…]")
        return self._values[place]

    def __repr__(self) -> str:
        return f"<{self._type.name} {self.id}>"


class RowType:
    """Which attributes the rows of one batch field have, and from which columns of the statement."""

    def __init__(self, name: str, attributes: Mapping[str, tuple[int, ...]]) -> None:
        self.name = name
        self.places = {attribute: place for place, attribute in enumerate(attributes)}
        self._columns = tuple(attributes.values())

    def make(self, rows: Rows) -> list[BatchRow]:
        """The rows with their values."""
        columns = [_values(rows, indexes) for indexes in self._columns]
        return [BatchRow(self, values) for values in zip(*columns, strict=True)]


def _values(rows: Rows, indexes: tuple[int, ...]) -> Sequence[Any]:
    first = rows.python(indexes[0])
    if len(indexes) == 1:
        return first
    currencies = rows.python(indexes[1])
    return [
        None if amount is None else Money(amount, currency) for amount, currency in zip(first, currencies, strict=True)
    ]


class BatchCall:
    """A module's function with the arguments of one field."""

    def __init__(self, decl: BatchDecl, type_name: str, arguments: FieldArguments | None) -> None:
        self.decl = decl
        self.type_name = type_name
        self.arguments = arguments

    def check(self, run: Run) -> None:
        """What is wrong in the request, before who may ask."""
        if self.arguments is not None:
            self.arguments.given(run)

    def values(self, run: Run, members: Sequence[Any]) -> Sequence[Any]:
        """The function's values, one per member; a dict of them goes by the members' ids."""
        decl, where = self.decl, f"{self.type_name}.{self.decl.name}"
        arguments: Mapping[str, Any] = {}
        if self.arguments is not None:
            plain = plain_arguments(run.build, decl.arguments, self.arguments.given(run))
            arguments = run.request.resolve(decl.arguments, plain)
        with run.calling(decl.module, where):
            found = decl.function(run.ctx, list(members), **arguments)
        if isinstance(found, Mapping):
            found = [found.get(row.id) for row in members]
        if isinstance(found, list | tuple) and len(found) == len(members):
            return found
        got = f"{len(found)} values" if isinstance(found, list | tuple) else type(found).__name__
        raise HookError(
            module=decl.module,
            version=run.build.versions.get(decl.module, "?"),
            hook=where,
            reason=f"a batch field answers one value per row: {got} came for {len(members)} rows",
        )


class BatchField(RowField):
    """One call for all rows; an object that stands there several times is asked about once."""

    def __init__(
        self,
        key: str,
        nodes: list[FieldNode],
        nullable: bool,
        call: BatchCall,
        rows: RowType,
        identity: int,
        value: ValuePlan,
    ) -> None:
        super().__init__(key, nodes, nullable, call.decl.permission)
        self.asked = call
        self.rows = rows
        self.identity = identity
        self.value = value

    def compute(self, run: Run, group: Group) -> Completed:
        self.asked.check(run)
        return super().compute(run, group)

    def of_rows(self, run: Run, rows: Rows) -> Completed:
        ids = rows.column(self.identity)
        first = {id: number for number, id in reversed(list(enumerate(ids)))}
        places = FieldPlaces(self, rows)
        if len(first) == len(ids):
            return self.value.compute(run, places, self.call(run, rows))
        chosen = sorted(first.values())
        found = self.call(run, rows.choose(chosen, places))
        by_id = {ids[number]: value for number, value in zip(chosen, found, strict=True)}
        return self.value.compute(run, places, [by_id[id] for id in ids])

    def call(self, run: Run, rows: Rows) -> Sequence[Any]:
        """The function's values, one per row."""
        return self.asked.values(run, self.rows.make(rows))


class AddedField(FieldPlan):
    """What a module contributes to an output: one call for all its objects."""

    def __init__(self, key: str, nodes: list[FieldNode], nullable: bool, call: BatchCall, value: ValuePlan) -> None:
        super().__init__(key, nodes, nullable)
        self.asked = call
        self.value = value

    def compute(self, run: Run, group: Group) -> Completed:
        assert isinstance(group, Items)
        self.asked.check(run)
        run.require(self.asked.decl.permission)
        return self.value.compute(run, FieldPlaces(self, group), self.asked.values(run, group.values))
