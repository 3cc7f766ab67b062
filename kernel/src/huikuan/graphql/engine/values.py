"""Values: what modules' functions answer, completed by the type that the schema promises.

Each plan takes the values of one column, wherever they stand, and gives the JSON values or objects in their places.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from graphql import GraphQLError
from graphql.pyutils import is_iterable

from huikuan.errors import HuikuanError, SetupError
from huikuan.graphql.engine.fetching import ById, raw_id
from huikuan.graphql.engine.fields import Completed, ObjectPlan, settle, spread
from huikuan.graphql.engine.groups import Items
from huikuan.graphql.engine.leaves import Leaf
from huikuan.graphql.engine.money import MoneyShape
from huikuan.graphql.engine.places import ChosenPlaces, ItemPlaces, Places
from huikuan.graphql.ids import encode_id
from huikuan.money import Money

if TYPE_CHECKING:
    from huikuan.graphql.engine.run import Run

__all__ = [
    "AnyValue",
    "IdValue",
    "LeafValue",
    "ListValue",
    "MoneyValue",
    "NodeListValue",
    "NodeValue",
    "OutputValue",
    "ValuePlan",
    "id_of",
]


class ValuePlan:
    """How the values of one type are completed."""

    def compute(self, run: Run, places: Places, values: Sequence[Any]) -> Completed:
        """The completed values, and the numbers of those that failed."""
        raise NotImplementedError


class LeafValue(ValuePlan):
    """Scalars and enums."""

    def __init__(self, leaf: Leaf) -> None:
        self.leaf = leaf

    def compute(self, run: Run, places: Places, values: Sequence[Any]) -> Completed:
        found, failed = self.leaf(values)
        if failed is None:
            return found, None
        for number, error in failed.items():
            run.failures.add(places, number, error)
        return found, set(failed)


class IdValue(ValuePlan):
    """Global ids of objects of one type."""

    def __init__(self, type_name: str, where: str) -> None:
        self.type_name = type_name
        self.where = where

    def compute(self, run: Run, places: Places, values: Sequence[Any]) -> Completed:
        ids = [id_of(value, self.where) for value in values]
        return [None if id is None else encode_id(self.type_name, id) for id in ids], None


class MoneyValue(ValuePlan):
    """Amounts with their currencies."""

    def __init__(self, shape: MoneyShape) -> None:
        self.shape = shape

    def compute(self, run: Run, places: Places, values: Sequence[Any]) -> Completed:
        wrong = {number for number, value in enumerate(values) if value is not None and not isinstance(value, Money)}
        for number in wrong:
            run.failures.add(places, number, TypeError(f"a {type(values[number]).__name__} is no Money"))
        if wrong:
            values = [None if number in wrong else value for number, value in enumerate(values)]
        return self.shape.of(values), wrong or None


class OutputValue(ValuePlan):
    """Outputs: objects whose fields are attributes."""

    def __init__(self, plan: ObjectPlan) -> None:
        self.plan = plan

    def compute(self, run: Run, places: Places, values: Sequence[Any]) -> Completed:
        members = [number for number, value in enumerate(values) if value is not None]
        if len(members) == len(values):
            return self.plan.complete(run, Items(values, places))
        group = Items([values[number] for number in members], ChosenPlaces(places, members))
        objects, failed = self.plan.complete(run, group)
        return spread(objects, failed, members, len(values))


class NodeValue(ValuePlan):
    """Objects of a mapped type, named by references."""

    def __init__(self, target: ById, where: str, *, checked: bool = True) -> None:
        self.target = target
        self.where = where
        self.checked = checked

    def ids(self, values: Sequence[Any]) -> list[str | None]:
        """The ids as rows hold them."""
        dialect = self.target.projection.dialect
        found = [id_of(value, self.where) for value in values]
        return [None if id is None else raw_id(id, dialect) for id in found]

    def compute(self, run: Run, places: Places, values: Sequence[Any]) -> Completed:
        return self.target.complete(run, self.ids(values), places, checked=self.checked)


class ListValue(ValuePlan):
    """Lists of anything."""

    def __init__(self, item: ValuePlan, nullable_items: bool) -> None:
        self.item = item
        self.nullable_items = nullable_items

    def compute(self, run: Run, places: Places, values: Sequence[Any]) -> Completed:
        lists, wrong = as_lists(run, places, values)
        lengths = [0 if value is None else len(value) for value in lists]
        flat = [item for value in lists if value is not None for item in value]
        standing = ItemPlaces(places, lengths, self.nullable_items)
        items, failed = self.item.compute(run, standing, flat)
        items, failed = settle(run, standing, items, failed)
        return also(gather(items, failed, standing, [value is not None for value in lists], lengths), wrong)


class NodeListValue(ListValue):
    """Lists of mapped objects; what does not exist any more is left out."""

    def __init__(self, item: NodeValue) -> None:
        super().__init__(item, nullable_items=False)
        self.node = item

    def compute(self, run: Run, places: Places, values: Sequence[Any]) -> Completed:
        target = self.node.target
        run.require(target.permission)
        found, wrong = as_lists(run, places, values)
        lists = [self.node.ids(value) if value is not None else None for value in found]
        rows, where = target.rows(run, (id for value in lists if value is not None for id in value))
        numbers = [[] if value is None else [where[id] for id in value if id in where] for value in lists]
        lengths = [len(some) for some in numbers]
        standing = ItemPlaces(places, lengths, nullable=False)
        items, failed = target.place(run, rows, [number for some in numbers for number in some], standing)
        return also(gather(items, failed, standing, [value is not None for value in lists], lengths), wrong)


def as_lists(run: Run, places: Places, values: Sequence[Any]) -> tuple[list[list[Any] | None], set[int]]:
    """The values as lists; what is none is an error in its place."""
    wrong = {number for number, value in enumerate(values) if value is not None and not is_iterable(value)}
    for number in wrong:
        text = f"Expected Iterable, but did not find one for field '{places.field.parent}.{places.field.name}'."
        run.failures.add(places, number, GraphQLError(text))
    return [None if value is None or number in wrong else list(value) for number, value in enumerate(values)], wrong


def also(completed: Completed, wrong: set[int]) -> Completed:
    """A completed column of which some values failed before."""
    values, failed = completed
    return (values, failed | wrong if failed else wrong) if wrong else completed


def gather(
    items: Sequence[Any], failed: set[int] | None, places: ItemPlaces, given: Sequence[bool], lengths: Sequence[int]
) -> Completed:
    """Items back into their lists; a list is null where it was not given, or one of its items removes it."""
    found: list[Any] = []
    start = 0
    for there, length in zip(given, lengths, strict=True):
        found.append(list(items[start : start + length]) if there else None)
        start += length
    if not failed:
        return found, None
    removed = {places.list_of(number)[0] for number in failed}
    for number in removed:
        found[number] = None
    return found, removed


class AnyValue(ValuePlan):
    """Objects of any mapped type: one statement for each type that comes."""

    def __init__(self, targets: Mapping[str, Callable[[], ById]], names: Collection[str]) -> None:
        self.targets = targets
        self.names = names

    def compute(self, run: Run, places: Places, values: Sequence[Any]) -> Completed:
        names = [None if value is None else (str(value.type_name), value.id) for value in values]
        return self.named(run, places, names)

    def require(self, run: Run, names: Sequence[tuple[str, UUID] | None]) -> None:
        """Raise Forbidden unless the actor may read all of these types."""
        for type_name in dict.fromkeys(name[0] for name in names if name is not None):
            run.require(self.targets[type_name]().permission)

    def named(self, run: Run, places: Places, names: Sequence[tuple[str, UUID | str] | None]) -> Completed:
        """Objects by type name and id."""
        by_type: dict[str, list[int]] = {}
        for number, name in enumerate(names):
            if name is not None and name[0] in self.targets:
                by_type.setdefault(name[0], []).append(number)
        found: list[Any] = [None] * len(names)
        failed: set[int] = set()
        for type_name, members in by_type.items():
            target = self.targets[type_name]()
            try:
                run.require(target.permission)
            except HuikuanError as error:
                for number in members:
                    run.failures.add(places, number, error)
                failed.update(members)
                continue
            ids = [_raw(names[number], target) for number in members]
            objects, gone = target.complete(run, ids, ChosenPlaces(places, members), checked=False)
            for number, item in zip(members, objects, strict=True):
                found[number] = item
            failed.update(members[number] for number in gone or ())
        return found, failed or None


def _raw(name: tuple[str, UUID | str] | None, target: ById) -> str | None:
    id = name[1] if name is not None else None
    return raw_id(id, target.projection.dialect) if isinstance(id, UUID) else id


def id_of(value: Any, where: str) -> UUID | None:
    """The id in a reference: a Ref, a row, a model, or the id itself."""
    if value is None or isinstance(value, UUID):
        return value
    found = getattr(value, "id", None)
    if not isinstance(found, UUID):
        raise SetupError(f"{where} answered a {type(value).__name__} where an object is wanted: give a Ref or its id")
    return found
