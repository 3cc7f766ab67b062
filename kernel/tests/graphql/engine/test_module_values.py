"""Values that modules' functions answer: what has no JSON form is an error of its field, never a broken response."""

from __future__ import annotations

import json
from typing import Any

import pytest

from huikuan.errors import BadInput
from huikuan.graphql import respond
from huikuan.testing.shop import Shop
from kernel.tests.graphql.engine.lab.models import Sample
from kernel.tests.graphql.engine.lab.types import SAID

LONE = "half \ud83d of it"


@pytest.fixture(autouse=True)
def row(lab: Shop) -> None:
    """The row that is asked about; other tests of this file have added others."""
    with lab.writing() as ctx:
        if not ctx.exists(Sample, code="one"):
            ctx.add(Sample(code="one"))


def ask(lab: Shop, selection: str, **said: Any) -> dict[str, Any]:
    """The response, from its bytes."""
    SAID.clear()
    SAID.update(said)
    with lab.kernel.request(lab.scope) as request:
        found: dict[str, Any] = json.loads(respond(request, f'{{ sample(code: "one") {{ {selection} }} }}').body())
    return found


def failed(answer: dict[str, Any], *path: Any) -> bool:
    """Whether the answer has just one error, an internal one with a reference, at this place."""
    [error] = answer["errors"]
    extensions = error["extensions"]
    return extensions["code"] == "INTERNAL" and bool(extensions["reference"]) and error["path"] == ["sample", *path]


def test_half_a_character_fails_in_its_field(lab: Shop) -> None:
    answer = ask(lab, "code saidText", text=LONE)
    assert answer["data"] == {"sample": {"code": "one", "saidText": None}}
    assert failed(answer, "saidText")


def test_half_a_character_in_a_list_removes_what_may_not_be_null(lab: Shop) -> None:
    answer = ask(lab, "code saidTexts", texts=["whole", LONE])
    assert answer["data"] == {"sample": None}
    assert failed(answer, "saidTexts", 1)


@pytest.mark.parametrize(
    "value",
    [LONE, {"a": [LONE]}, {LONE: 1}, {1, 2, object()}, object()],
    ids=["half", "half within", "half as a key", "set", "object"],
)
def test_free_json_that_is_none(lab: Shop, value: Any) -> None:
    answer = ask(lab, "code saidFree", free=value)
    assert answer["data"] == {"sample": {"code": "one", "saidFree": None}}
    assert failed(answer, "saidFree")


@pytest.mark.parametrize("value", [2**63, 2**64 - 1, 2**64, -(2**63) - 1, 10**400, {"deep": [2**80, {"a": -(2**90)}]}])
def test_free_json_takes_whole_numbers_of_any_size(lab: Shop, value: Any) -> None:
    """As the database does, and as the next reader of the response does."""
    assert ask(lab, "saidFree", free=value)["data"] == {"sample": {"saidFree": value}}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [float("-inf")]], ids=repr)
def test_free_json_holds_no_number_that_json_does_not_know(lab: Shop, value: Any) -> None:
    body = json.dumps(ask(lab, "saidFree", free=value))
    assert "NaN" not in body and "Infinity" not in body


def test_an_error_may_quote_any_number_and_text(lab: Shop) -> None:
    """What a module says of an error comes from outside, too."""
    answer = ask(lab, "code saidText", text=BadInput(f"There is no {LONE!s}.", limit=2**70, given=LONE, field=LONE))
    [error] = answer["errors"]
    assert answer["data"] == {"sample": {"code": "one", "saidText": None}}
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["limit"] == 2**70
    assert error["message"].startswith("There is no half ")


def test_what_a_function_does_with_its_arguments_changes_no_plan(lab: Shop) -> None:
    """The same document is planned once, and its literals are coerced once."""
    for _ in range(3):
        answer = ask(lab, 'eaten(given: { a: 1, b: ["x", { c: true }] })')
        assert answer["data"] == {"sample": {"eaten": {"a": 1, "b": ["x", {"c": True}]}}}
