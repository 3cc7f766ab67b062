"""Fields of rows: columns, amounts of money, and the objects that rows refer to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from graphql import FieldNode

from huikuan.errors import HuikuanError
from huikuan.graphql.engine.codecs import Encode, Memo, unscaled
from huikuan.graphql.engine.fetching import ById
from huikuan.graphql.engine.fields import Completed, FieldPlan, ObjectPlan, spread
from huikuan.graphql.engine.groups import Group, Rows
from huikuan.graphql.engine.money import MoneyShape
from huikuan.graphql.engine.places import ChosenPlaces, FieldPlaces
from huikuan.graphql.engine.values import ValuePlan
from huikuan.graphql.ids import encode_ids
from huikuan.graphql.scalars import amount_text
from huikuan.money import Money

if TYPE_CHECKING:
    from huikuan.graphql.engine.run import Run

__all__ = ["AmountField", "ColumnField", "GlobalId", "ReferredField", "ToOneField", "ValueField"]


class RowField(FieldPlan):
    """A field of rows that may need a permission."""

    def __init__(self, key: str, nodes: list[FieldNode], nullable: bool, permission: str | None) -> None:
        super().__init__(key, nodes, nullable)
        self.permission = permission

    def compute(self, run: Run, group: Group) -> Completed:
        assert isinstance(group, Rows)
        if self.permission is not None:
            run.require(self.permission)
        return self.of_rows(run, group)

    def of_rows(self, run: Run, rows: Rows) -> Completed:
        """The values for all rows."""
        raise NotImplementedError


class GlobalId(RowField):
    """The global id of each row."""

    sure = True

    def __init__(self, key: str, nodes: list[FieldNode], type_name: str, index: int) -> None:
        super().__init__(key, nodes, nullable=False, permission=None)
        self.type_name = type_name
        self.index = index

    def of_rows(self, run: Run, rows: Rows) -> Completed:
        return encode_ids(self.type_name, rows.column(self.index)), None


class ColumnField(RowField):
    """A column whose values are written as the driver gives them, or after one conversion of them all."""

    def __init__(
        self,
        key: str,
        nodes: list[FieldNode],
        nullable: bool,
        permission: str | None,
        index: int,
        encode: Encode,
        *,
        sure: bool,
    ) -> None:
        super().__init__(key, nodes, nullable, permission)
        self.index = index
        self.encode = encode
        self.sure = sure and permission is None

    def of_rows(self, run: Run, rows: Rows) -> Completed:
        return self.encode(rows.column(self.index)), None


class ValueField(RowField):
    """A column whose values are looked at one by one."""

    def __init__(
        self, key: str, nodes: list[FieldNode], nullable: bool, permission: str | None, index: int, value: ValuePlan
    ) -> None:
        super().__init__(key, nodes, nullable, permission)
        self.index = index
        self.value = value

    def of_rows(self, run: Run, rows: Rows) -> Completed:
        return self.value.compute(run, FieldPlaces(self, rows), rows.python(self.index))


class AmountField(RowField):
    """Two columns, an amount and its currency, as Money."""

    def __init__(
        self,
        key: str,
        nodes: list[FieldNode],
        nullable: bool,
        permission: str | None,
        columns: tuple[int, int],
        scale: int | None,
        shape: MoneyShape,
    ) -> None:
        super().__init__(key, nodes, nullable, permission)
        self.columns = columns
        self.shape = shape
        self.texts = _amount_texts(scale) if scale is not None else None

    def of_rows(self, run: Run, rows: Rows) -> Completed:
        amounts, currencies = rows.column(self.columns[0]), rows.column(self.columns[1])
        if self.texts is None:
            made = [
                None if amount is None else Money(amount, currency)
                for amount, currency in zip(rows.python(self.columns[0]), currencies, strict=True)
            ]
            return self.shape.of(made), None
        try:
            texts = list(map(self.texts.__getitem__, zip(amounts, currencies, strict=True)))
        except HuikuanError:  # a currency that nobody knows: its rows fail, the others don't
            return self._one_by_one(run, rows, amounts, currencies)
        return self.shape.make(texts, currencies), None

    def _one_by_one(self, run: Run, rows: Rows, amounts: Sequence[Any], currencies: Sequence[Any]) -> Completed:
        assert self.texts is not None
        places, failed, texts = FieldPlaces(self, rows), set(), list[Any]()
        for number, key in enumerate(zip(amounts, currencies, strict=True)):
            try:
                texts.append(self.texts[key])
            except HuikuanError as error:
                run.failures.add(places, number, error)
                failed.add(number)
                texts.append(None)
        return self.shape.make(texts, currencies), failed


@lru_cache(maxsize=8)
def _amount_texts(scale: int) -> Memo:
    def text(key: tuple[int | None, str]) -> str | None:
        stored, currency = key
        if stored is None:
            return None
        return str(amount_text(Money(unscaled(stored, scale), currency)))

    return Memo(text)


class ToOneField(RowField):
    """The object that a row refers to, joined to it."""

    def __init__(
        self,
        key: str,
        nodes: list[FieldNode],
        nullable: bool,
        permissions: tuple[str | None, str | None],
        plan: ObjectPlan,
        identity: int,
    ) -> None:
        super().__init__(key, nodes, nullable, permissions[0])
        self.target_permission = permissions[1]
        self.plan = plan
        self.identity = identity

    def of_rows(self, run: Run, rows: Rows) -> Completed:
        run.require(self.target_permission)
        ids = rows.column(self.identity)
        places = FieldPlaces(self, rows)
        if None not in ids:
            return self.plan.complete(run, rows.at(places))
        chosen = [number for number, id in enumerate(ids) if id is not None]
        objects, failed = self.plan.complete(run, rows.choose(chosen, ChosenPlaces(places, chosen)))
        return spread(objects, failed, chosen, rows.count)


class ReferredField(RowField):
    """The object that a row refers to, by a statement of its own."""

    def __init__(
        self, key: str, nodes: list[FieldNode], nullable: bool, permission: str | None, index: int, target: ById
    ) -> None:
        super().__init__(key, nodes, nullable, permission)
        self.index = index
        self.target = target

    def of_rows(self, run: Run, rows: Rows) -> Completed:
        return self.target.complete(run, rows.column(self.index), FieldPlaces(self, rows))
