"""Rows and their siblings: whatever stands in one list is loaded together, field by field.

A source (a row, an output, a payload) knows its group and its place in it. The first access to a
field computes it for the whole group; the others read their place. Children of a group form one
group again, so the number of statements depends on the selection, never on the number of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from huikuan.errors import SetupError
from huikuan.graphql.decls import NodeDecl
from huikuan.graphql.fielddecls import BatchDecl, ColumnDecl, FieldDecl, ToAnyDecl, ToOneDecl
from huikuan.graphql.resolve import raw_columns
from huikuan.money import Money

if TYPE_CHECKING:
    from huikuan.graphql.execution import Execution

__all__ = ["Group", "Item", "NodePlan", "Row", "Source"]

_Failure = tuple[Exception, TracebackType | None]


class Group:
    """Siblings: sources of one kind that were produced together."""

    __slots__ = ("_columns", "execution", "members")

    def __init__(self, execution: Execution) -> None:
        self.execution = execution
        self.members: list[Any] = []
        self._columns: dict[Any, list[Any] | _Failure] = {}

    def column(self, key: Any, load: Callable[[], list[Any]]) -> list[Any]:
        """The values of one field for all members; a failure is the same for each of them."""
        found = self._columns.get(key)
        if found is None:
            try:
                found = load()
            except Exception as error:
                found = (error, error.__traceback__)
            self._columns[key] = found
        if isinstance(found, tuple):
            raise found[0].with_traceback(found[1])
        return found


class Source:
    """One member of a group."""

    __slots__ = ("_group", "_place")
    _group: Group
    _place: int


class Item(Source):
    """A value that is no row: an output, a payload, a page."""

    __slots__ = ("value",)

    def __init__(self, group: Group, value: Any) -> None:
        self._group = group
        self._place = len(group.members)
        self.value = value
        group.members.append(self)


class RowGroup(Group):
    """Rows of one type."""

    __slots__ = ("plan",)

    def __init__(self, execution: Execution, plan: NodePlan) -> None:
        super().__init__(execution)
        self.plan = plan


class Row(Source):
    """The selected columns of one row; attributes are named as on the model."""

    __slots__ = ("_values",)
    _group: RowGroup

    def __init__(self, group: RowGroup, values: Sequence[Any]) -> None:
        self._group = group
        self._place = len(group.members)
        self._values = values
        group.members.append(self)

    def __getattr__(self, name: str) -> Any:
        read = self._group.plan.readers.get(name)
        if read is None:
            raise AttributeError(f"{self._group.plan.decl.name} row has no {name!r}: name it in requires=[…]")
        return read(self._values)

    def __repr__(self) -> str:
        return f"<{self._group.plan.decl.name} {self.id}>"


class NodePlan:
    """Which columns of a type are selected in one composition, and how attributes are read from them."""

    def __init__(self, decl: NodeDecl, fields: Mapping[str, FieldDecl]) -> None:
        self.decl = decl
        self.fields = fields
        self.tenanted = "tenant_id" in decl.model.__mapper__.column_attrs
        self.columns = tuple(dict.fromkeys(self._needed()))
        self.index = {key: place for place, key in enumerate(self.columns)}
        self.readers: dict[str, Callable[[Sequence[Any]], Any]] = {
            key: _reader(place) for key, place in self.index.items()
        }
        for name in decl.model.__mapper__.composites.keys():  # noqa: SIM118
            parts = raw_columns(decl.model, name, decl.name)
            if all(part in self.index for part in parts):
                self.readers[name] = _money_reader(self.index[parts[0]], self.index[parts[1]])

    def _needed(self) -> list[str]:
        found = ["id"]
        for field in self.fields.values():
            if isinstance(field, ColumnDecl):
                found += field.columns
            elif isinstance(field, ToOneDecl):
                found.append(field.attribute)
            elif isinstance(field, ToAnyDecl):
                found += [field.type_attribute, field.id_attribute]
            elif isinstance(field, BatchDecl):
                for attribute in field.requires:
                    found += raw_columns(self.decl.model, attribute, f"{field.module}: {self.decl.name}.{field.name}")
        for attribute in self.decl.orderable:
            found += raw_columns(self.decl.model, attribute, self.decl.name)
        return found

    def select(self, tenant_id: UUID, *extra: Any) -> Any:
        """A select of the columns, fenced to the tenant."""
        model = self.decl.model
        statement = select(*(getattr(model, key) for key in self.columns), *extra)
        return statement.where(model.tenant_id == tenant_id) if self.tenanted else statement

    def attribute(self, name: str) -> Any:
        """The model's attribute, for conditions; of an amount with its currency the amount."""
        return getattr(self.decl.model, raw_columns(self.decl.model, name, self.decl.name)[0])

    def group(self, execution: Execution, rows: Sequence[Sequence[Any]]) -> RowGroup:
        """Rows as one group of siblings."""
        group = RowGroup(execution, self)
        for values in rows:
            Row(group, values)
        return group


def _reader(place: int) -> Callable[[Sequence[Any]], Any]:
    return lambda values: values[place]


def _money_reader(amount: int, currency: int) -> Callable[[Sequence[Any]], Any]:
    def read(values: Sequence[Any]) -> Money | None:
        return None if values[amount] is None else Money(values[amount], values[currency])

    return read


def id_of(value: Any, where: str) -> UUID | None:
    """The id in a reference: a Ref, a row, a model, or the id itself."""
    if value is None or isinstance(value, UUID):
        return value
    found = getattr(value, "id", None)
    if not isinstance(found, UUID):
        raise SetupError(f"{where} answered a {type(value).__name__} where an object is wanted: give a Ref or its id")
    return found
