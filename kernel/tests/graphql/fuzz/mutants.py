"""Bugs to seed into the engine, each of which a campaign must find."""

from __future__ import annotations

import copy
import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from huikuan.db.prepared import PreparedRead
from huikuan.graphql import ordering
from huikuan.graphql.engine import batches, fields, leaves, lists, operations, pages, places, rowfields, values, windows
from huikuan.graphql.engine.arguments import FieldArguments
from huikuan.graphql.ordering import Term

__all__ = ["MUTANTS", "Mutant"]

Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Mutant:
    """One bug: what goes wrong, and how it is put in."""

    name: str
    seed: Callable[[Patch], None]


# --- errors and nulls ---------------------------------------------------------------------------


def _failure_of_a_column_is_told_once(patch: Patch) -> None:
    def fail_all(failures: Any, where: Any, count: int, error: Exception) -> tuple[list[Any], set[int]]:
        failures.add(where, 0, error)
        return [None] * count, set(range(count))

    patch.setattr(fields, "fail_all", fail_all)


def _error_of_a_null_item_is_dropped(patch: Patch) -> None:
    def settle(run: Any, where: Any, found: Sequence[Any], failed: set[int] | None) -> Any:
        missing = {number for number, value in enumerate(found) if value is None}
        return found, (missing or failed) if not where.nullable else None

    patch.setattr(values, "settle", settle)


def _null_goes_up_one_level_too_little(patch: Patch) -> None:
    def gather(items: Any, failed: Any, where: Any, given: Any, lengths: Any) -> Any:
        return original(items, None, where, given, lengths)

    original = values.gather
    for module in (values, pages, lists):
        patch.setattr(module, "gather", gather)


def _object_without_a_promised_value_stays(patch: Patch) -> None:
    def settle(run: Any, where: Any, found: Sequence[Any], failed: set[int] | None) -> Any:
        return original(run, where, found, failed)[0], None

    original = fields.settle
    patch.setattr(fields, "settle", settle)


def _errors_behind_a_null_are_told_too(patch: Patch) -> None:
    def removed(self: Any) -> tuple[Any, ...]:
        return (object(),)

    patch.setattr(places._Located, "removed", removed)


def _int_may_be_of_any_size(patch: Patch) -> None:
    patch.setattr(leaves, "_INT_MAX", 2**63)


# --- lists and pages ----------------------------------------------------------------------------


class _Without:
    """Arguments without one of them."""

    def __init__(self, arguments: FieldArguments, name: str) -> None:
        self._arguments = arguments
        self._name = name

    def given(self, run: Any) -> Mapping[str, Any]:
        return {name: value for name, value in self._arguments.given(run).items() if name != self._name}


def _page_of_a_row_ignores_first(patch: Patch) -> None:
    def compute(self: Any, run: Any, group: Any) -> Any:
        if self.index is not None:
            self = copy.copy(self)
            self.arguments = _Without(self.arguments, "first")
        return original(self, run, group)

    original = pages.ConnectionField.compute
    patch.setattr(pages.ConnectionField, "compute", compute)


def _children_come_once(patch: Patch) -> None:
    def by_parent(rows: Sequence[Any], place: int, parents: Sequence[Any]) -> list[Sequence[Any]]:
        found = original(rows, place, parents)
        return [() if parent in parents[:number] else found[number] for number, parent in enumerate(parents)]

    original = lists.by_parent
    for module in (lists, pages):
        patch.setattr(module, "by_parent", by_parent)


def _count_forgets_the_filter(patch: Patch) -> None:
    def totals(self: Any, run: Any, window: Any, parents: Any) -> Any:
        return original(self, run, replace(window, conditions=[]), parents)

    original = windows.PageStatements.totals
    patch.setattr(windows.PageStatements, "totals", totals)


def _cursor_skips_rows_without_a_value(patch: Patch) -> None:
    def after(columns: Any, terms: Sequence[Term], given: Sequence[Any]) -> Any:
        blind = [Term(term.column, term.descending, nullable=False) for term in terms]
        return original(columns, terms if None in given else blind, given)

    original = ordering.after
    patch.setattr(windows, "after", after)
    patch.setattr(windows.PageStatements, "_prepared", _unkept)


def _unkept(self: Any, window: Any, many: bool) -> Any:
    return PreparedRead(self.statement(window, many), self.projection.dialect)


# --- plans and arguments ------------------------------------------------------------------------


def _twins_share_their_arguments(patch: Patch) -> None:
    def given(self: Any, run: Any) -> Mapping[str, Any]:
        known: dict[int, Mapping[str, Any]] = run.__dict__.setdefault("known", {})
        return known.setdefault(id(self._field), original(self, run))

    original = FieldArguments.given
    patch.setattr(FieldArguments, "given", given)


def _plan_is_kept_whatever_is_skipped(patch: Patch) -> None:
    def plan_of(schema: Any, prepared: Any, *rest: Any, **named: Any) -> Any:
        found = original(schema, prepared, *rest, **named)
        return kept.setdefault(id(prepared), (prepared, found))[1]

    kept: dict[int, Any] = {}
    original = operations.plan_of
    # The package shows a function of the module's name.
    patch.setattr(importlib.import_module("huikuan.graphql.execute"), "plan_of", plan_of)


def _objects_shift_where_one_is_missing(patch: Patch) -> None:
    def spread(found: Sequence[Any], failed: Any, chosen: Sequence[int], count: int) -> Any:
        return original(found, failed, range(len(chosen)), count)

    original = fields.spread
    patch.setattr(rowfields, "spread", spread)


def _output_gets_the_first_object_s_value(patch: Patch) -> None:
    def compute(self: Any, run: Any, group: Any) -> Any:
        call = copy.copy(self)
        call.asked = _First(self.asked)
        return original(call, run, group)

    original = batches.AddedField.compute
    patch.setattr(batches.AddedField, "compute", compute)


class _First:
    """A call that answers for the first object only."""

    def __init__(self, call: Any) -> None:
        self.call = call

    def __getattr__(self, name: str) -> Any:
        return getattr(self.call, name)

    def values(self, run: Any, members: Sequence[Any]) -> Sequence[Any]:
        return [self.call.values(run, members)[0]] * len(members)


MUTANTS = [
    Mutant("the failure of a column is told for one row only", _failure_of_a_column_is_told_once),
    Mutant("the error of a null item is dropped", _error_of_a_null_item_is_dropped),
    Mutant("a null goes up one level too little", _null_goes_up_one_level_too_little),
    Mutant("an object without a promised value stays", _object_without_a_promised_value_stays),
    Mutant("errors behind a null are told too", _errors_behind_a_null_are_told_too),
    Mutant("an Int may be of any size", _int_may_be_of_any_size),
    Mutant("a page of a row ignores first", _page_of_a_row_ignores_first),
    Mutant("the children of a row that stands there twice come once", _children_come_once),
    Mutant("totalCount forgets the filter", _count_forgets_the_filter),
    Mutant("a cursor skips rows without a value", _cursor_skips_rows_without_a_value),
    Mutant("a field under two aliases has the arguments of the first", _twins_share_their_arguments),
    Mutant("a plan is kept whatever is skipped", _plan_is_kept_whatever_is_skipped),
    Mutant("all objects of an output get what belongs to the first", _output_gets_the_first_object_s_value),
    Mutant("objects shift where one is missing", _objects_shift_where_one_is_missing),
]
