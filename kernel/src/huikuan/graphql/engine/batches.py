"""Batch fields: a module's function of all rows at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphql import FieldNode

from huikuan.errors import HookError
from huikuan.graphql.engine.fields import Completed
from huikuan.graphql.engine.groups import Group, Rows
from huikuan.graphql.engine.places import FieldPlaces
from huikuan.graphql.engine.rowfields import RowField
from huikuan.graphql.engine.values import ValuePlan
from huikuan.graphql.fielddecls import BatchDecl
from huikuan.graphql.inputs import plain_arguments
from huikuan.money import Money

if TYPE_CHECKING:
    from huikuan.graphql.engine.arguments import FieldArguments
    from huikuan.graphql.engine.run import Run

__all__ = ["BatchField", "BatchRow", "RowType"]


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


class BatchField(RowField):
    """One call for all rows; an object that stands there several times is asked about once."""

    def __init__(
        self,
        key: str,
        nodes: list[FieldNode],
        nullable: bool,
        decl: BatchDecl,
        rows: RowType,
        identity: int,
        value: ValuePlan,
        arguments: FieldArguments | None,
    ) -> None:
        super().__init__(key, nodes, nullable, decl.permission)
        self.decl = decl
        self.rows = rows
        self.identity = identity
        self.value = value
        self.arguments = arguments

    def compute(self, run: Run, group: Group) -> Completed:
        if self.arguments is not None:
            self.arguments.given(run)  # what is wrong in the request comes before who may ask
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
        decl, where = self.decl, f"{self.rows.name}.{self.decl.name}"
        arguments: Mapping[str, Any] = {}
        if self.arguments is not None:
            plain = plain_arguments(run.build, decl.arguments, self.arguments.given(run))
            arguments = run.request.resolve(decl.arguments, plain)
        members = self.rows.make(rows)
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
