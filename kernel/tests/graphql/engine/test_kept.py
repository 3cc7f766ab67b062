"""What is kept between requests: bounded by number and bytes, dropped for good, and shared by threads."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from graphql import GraphQLSchema, OperationType, print_ast
from graphql.execution.values import VariableValues
from sqlalchemy.dialects import sqlite

from huikuan.composition import Composition, Compositions
from huikuan.graphql import Documents, Limits, TenantSchema
from huikuan.graphql.documents import RequestErrors, cost
from huikuan.graphql.engine import codecs, plan_of
from huikuan.graphql.engine.codecs import Memo
from huikuan.graphql.engine.operations import MOST_PLANS
from kernel.tests.graphql.engine.lab.catalog import CATALOG

T = TypeVar("T")
LIMITS = Limits()


@pytest.fixture
def core(composition: Composition) -> GraphQLSchema:
    """The schema of the laboratory."""
    return composition.schema.core


def document(number: int, length: int = 0) -> str:
    """One of many documents, with a remark of so many characters."""
    return f"{{ a{number}: __typename }} #{'x' * length}"


# --- documents ----------------------------------------------------------------------------------


def test_those_that_were_used_last_are_kept(core: GraphQLSchema) -> None:
    documents = Documents(count=3)
    kept = [documents.prepare(core, document(number), LIMITS) for number in range(3)]
    assert documents.prepare(core, document(0), LIMITS) is kept[0]
    documents.prepare(core, document(3), LIMITS)
    assert len(documents) == 3
    assert documents.prepare(core, document(0), LIMITS) is kept[0], "it was used again"
    assert documents.prepare(core, document(1), LIMITS) is not kept[1], "it was not"


def test_bytes_are_counted_and_given_back(core: GraphQLSchema) -> None:
    documents = Documents(count=1_000, size=1_000_000)
    for number in range(200):
        documents.prepare(core, document(number, length=number), LIMITS)
        assert documents.size <= 1_000_000
    assert 0 < len(documents) < 200
    before = documents.size
    documents.prepare(core, document(199, length=199), LIMITS)
    assert documents.size == before, "one that is kept counts once"


def test_a_document_that_would_push_out_all_others_is_not_kept(core: GraphQLSchema) -> None:
    documents = Documents(count=1_000, size=1_000_000)
    small = documents.prepare(core, document(1), LIMITS)
    large = documents.prepare(core, document(2, length=1_000), LIMITS)
    assert large.operation(None).operation is OperationType.QUERY
    assert documents.prepare(core, document(1), LIMITS) is small
    assert documents.prepare(core, document(2, length=1_000), LIMITS) is not large
    assert len(documents) == 1


def test_what_was_refused_is_not_kept(core: GraphQLSchema) -> None:
    documents = Documents()
    for text in ("{ nothing }", "{", "{ knots { nodes } }"):
        with pytest.raises(RequestErrors):
            documents.prepare(core, text, LIMITS)
    assert (len(documents), documents.size) == (0, 0)


def test_who_may_not_read_the_schema_is_served_no_document_of_those_who_may(core: GraphQLSchema) -> None:
    documents = Documents()
    documents.prepare(core, "{ __schema { description } }", LIMITS)
    with pytest.raises(RequestErrors):
        documents.prepare(core, "{ __schema { description } }", LIMITS, introspection=False)


def test_a_document_and_its_plans_go_together(composition: Composition, core: GraphQLSchema) -> None:
    """Nothing else holds what was worked out of a document that is dropped."""
    documents = Documents(count=1)
    prepared = documents.prepare(core, "{ knots { nodes { code beads { place } ref0 { ref1 { code } } } } }", LIMITS)
    plan = weakref.ref(_plan(composition.schema, prepared))
    nodes = weakref.ref(prepared.operation(None))
    del prepared
    gc.collect()
    assert plan() is not None
    assert nodes() is not None
    documents.prepare(core, document(1), LIMITS)
    gc.collect()
    assert plan() is None
    assert nodes() is None


def test_a_document_keeps_few_plans_and_costs(composition: Composition, core: GraphQLSchema) -> None:
    """One for each combination of its switches, and there may be many of those."""
    names = [f"v{number}" for number in range(5)]
    fields = " ".join(f"{name}: code @include(if: ${name})" for name in names)
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    text = f"query({declared}, $first: Int) {{ knots(first: $first) {{ nodes {{ id {fields} }} }} }}"
    prepared = Documents().prepare(core, text, LIMITS)
    operation = prepared.operation(None)
    for bits in range(2 ** len(names)):
        values = {name: bool(bits >> place & 1) for place, name in enumerate(names)}
        plan = _plan(composition.schema, prepared, values)
        shown = plan.fields[0].plan.fields[0].plan.fields
        assert [field.key for field in shown] == ["id", *(name for name in names if values[name])]
        cost(core, prepared, operation, {**values, "first": bits})
        assert len(prepared.plans) <= MOST_PLANS
        assert len(prepared.costs) <= 16


def _plan(schema: TenantSchema, prepared: Any, values: dict[str, Any] | None = None) -> Any:
    variables = VariableValues({}, values or {})
    return plan_of(schema, prepared, prepared.operation(None), variables, sqlite.dialect(), hide=False)


def test_threads_that_ask_at_once_get_documents_that_fit(core: GraphQLSchema) -> None:
    """A small cache, out of which others push what one has just put in."""
    documents = Documents(count=4)

    def ask(number: int) -> str:
        found = documents.prepare(core, document(number), LIMITS)
        return print_ast(found.document).split()[1]

    numbers = [number % 9 for number in range(900)]
    assert at_once(ask, numbers) == [f"a{number}:" for number in numbers]
    assert len(documents) == 4
    assert documents.size == sum(200 * len(document(number)) for number in range(4)), "all are as long"


# --- values -------------------------------------------------------------------------------------


def test_a_memo_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codecs, "_MOST", 10)
    memo = Memo(lambda key: key * 2)
    assert [memo[number] for number in range(100)] == [number * 2 for number in range(100)]
    assert len(memo) <= 10
    assert memo[None] is None


def test_a_memo_that_is_emptied_meanwhile_still_answers() -> None:
    """Another thread may empty it between any two steps."""

    def turn(key: int) -> int:
        memo.clear()
        return key + 1

    memo = Memo(turn)
    assert [memo[number] for number in (1, 2, 1, 2)] == [2, 3, 2, 3]
    stop = threading.Event()

    def empty() -> None:
        while not stop.is_set():
            memo.clear()

    thread = threading.Thread(target=empty)
    thread.start()
    try:
        assert [memo[number % 7] for number in range(20_000)] == [number % 7 + 1 for number in range(20_000)]
    finally:
        stop.set()
        thread.join()


def test_what_failed_is_tried_again() -> None:
    answers: list[str] = []

    def turn(key: str) -> str:
        answers.append(key)
        if len(answers) == 1:
            raise ValueError("not yet")
        return "now"

    memo = Memo(turn)
    with pytest.raises(ValueError, match="not yet"):
        memo["a"]
    assert memo["a"] == "now"


# --- schemas ------------------------------------------------------------------------------------


def test_threads_that_come_first_share_one_schema() -> None:
    """Each document is kept by its schema: two of them would keep everything twice."""
    compositions = Compositions(CATALOG)
    barrier = threading.Barrier(8)

    def schema(_number: int) -> TenantSchema:
        barrier.wait()
        return compositions.get({"lab"}).schema

    assert len({id(found) for found in at_once(schema, range(8))}) == 1


def at_once(call: Callable[[int], T], numbers: Iterable[int]) -> list[T]:
    """What a call answers for each number, on 8 threads."""
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(call, numbers))
