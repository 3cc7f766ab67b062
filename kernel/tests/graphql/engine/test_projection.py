"""What rows refer to: joined while there is room in the statement, by ids beyond it, and the same answer either way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import pytest
from graphql.execution.values import VariableValues

from huikuan.graphql import Limits
from huikuan.graphql.engine import plan_of
from huikuan.graphql.engine.fetching import ById
from huikuan.graphql.engine.fields import FieldPlan, ObjectPlan
from huikuan.graphql.engine.projection import MAX_JOINS
from huikuan.graphql.engine.rowfields import ReferredField, ToOneField
from huikuan.graphql.execute import execute
from huikuan.ids import new_id
from huikuan.testing.shop import Shop
from kernel.tests.graphql.engine.lab.models import Knot

REFS = [f"ref{number}" for number in range(10)]
DEEP = Limits(depth=100, aliases=1_000)
assert len(REFS) > MAX_JOINS

Knots = dict[str, dict[str, str | None]]


@pytest.fixture(scope="module")
def knots(lab: Shop) -> Knots:
    """What refers to what, by code: a chain, a star, one that refers to itself, a ring, and some to nothing."""
    chain = [f"c{number:02}" for number in range(14)]
    found: Knots = {code: {"ref0": after} for code, after in zip(chain, [*chain[1:], None], strict=True)}
    found["star"] = {ref: chain[number] for number, ref in enumerate(REFS)}
    found["half"] = {ref: chain[number] if number % 2 else None for number, ref in enumerate(REFS)}
    found["own"] = dict.fromkeys(REFS, "own")
    found["ring a"], found["ring b"] = dict.fromkeys(REFS, "ring b"), dict.fromkeys(REFS, "ring a")
    found["gone"] = dict.fromkeys(REFS, "a knot that is not there")
    ids: dict[str | None, UUID | None] = {None: None}
    with lab.writing() as ctx:
        for refs in found.values():
            for code in refs.values():
                if code is not None:
                    ids.setdefault(code, new_id())
        ctx.add_all(
            Knot(id=ids.get(code) or new_id(), code=code, **{ref: ids[to] for ref, to in refs.items()})
            for code, refs in found.items()
        )
    return found


def shown(knots: Knots, code: str | None, below: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a selection shows of a knot: its code, and what is selected of those it refers to."""
    if code is None or code not in knots:
        return None
    refs = {ref: shown(knots, knots[code].get(ref), inner) for ref, inner in below.items()}
    return {"code": code, **refs}


def text(below: Mapping[str, Any]) -> str:
    """The selection as it stands in a document."""
    return " ".join(["code", *(f"{ref} {{ {text(inner)} }}" for ref, inner in below.items())])


def chain(length: int, ref: str = "ref0") -> dict[str, Any]:
    """A selection that follows one reference so many times."""
    return {ref: chain(length - 1, ref)} if length else {}


def wide(count: int) -> dict[str, Any]:
    """A selection of so many references."""
    return {ref: {} for ref in REFS[:count]}


SELECTIONS: dict[str, dict[str, Any]] = {
    "one": wide(1),
    "as many as fit": wide(MAX_JOINS),
    "one more": wide(MAX_JOINS + 1),
    "all": wide(10),
    "deep": chain(13),
    "deep in the last": {**wide(9), "ref9": chain(12)},
    "wide and deep": {ref: wide(3) for ref in REFS},
}


@pytest.mark.parametrize("below", SELECTIONS.values(), ids=SELECTIONS)
def test_every_knot_shows_what_it_refers_to(lab: Shop, knots: Knots, below: dict[str, Any]) -> None:
    """Also where nothing, or something that is gone, or the row itself is referred to."""
    found = ask(lab, f"{{ knots(first: 100) {{ nodes {{ {text(below)} }} }} }}")
    assert {node["code"]: node for node in found["knots"]["nodes"]} == {
        code: shown(knots, code, below) for code in knots
    }
    for code in ("star", "gone", "c12"):
        document = f"query($code: String!) {{ knot(code: $code) {{ {text(below)} }} }}"
        assert ask(lab, document, code=code) == {"knot": shown(knots, code, below)}


def ask(lab: Shop, document: str, **variables: Any) -> dict[str, Any]:
    """The data of an answer without errors."""
    with lab.kernel.request(lab.scope) as request:
        request.limits = DEEP
        answer = execute(request, document, variables)
    assert "errors" not in answer, answer["errors"]
    data: dict[str, Any] = answer["data"]
    return data


# --- how ----------------------------------------------------------------------------------------


def test_no_statement_joins_more_than_its_share(lab: Shop, knots: Knots) -> None:
    """Each that is read by ids is a statement of its own, which joins again."""
    assert kinds(lab, SELECTIONS["as many as fit"]) == {ToOneField: 8}
    assert kinds(lab, SELECTIONS["all"]) == {ToOneField: 8, ReferredField: 2}
    assert kinds(lab, SELECTIONS["deep"]) == {ToOneField: 12, ReferredField: 1}
    assert kinds(lab, SELECTIONS["deep in the last"]) == {ToOneField: 8 + 8 + 3, ReferredField: 2 + 1}


def kinds(lab: Shop, below: dict[str, Any]) -> dict[type[FieldPlan], int]:
    """How the references of a selection are planned."""
    schema, dialect = lab.scope.composition.schema, lab.kernel.database.engine.dialect
    prepared = schema.documents.prepare(schema.core, f'{{ knot(code: "x") {{ {text(below)} }} }}', DEEP)
    operation = prepared.operation(None)
    plan = plan_of(schema, prepared, operation, VariableValues({}, {}), dialect, hide=False)
    counted: dict[type[FieldPlan], int] = {}
    for field in fields(plan):
        if isinstance(field, ToOneField | ReferredField):
            counted[type(field)] = counted.get(type(field), 0) + 1
    return counted


def fields(plan: ObjectPlan) -> Iterator[FieldPlan]:
    """All fields of a plan."""
    for field in plan.fields:
        yield field
        target = getattr(field, "target", None)
        below = target.plan if isinstance(target, ById) else getattr(field, "plan", None)
        if isinstance(below, ObjectPlan):
            yield from fields(below)
