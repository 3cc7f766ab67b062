"""Responses: which keys are there, and that their bytes are JSON whatever stands in them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from huikuan.graphql.engine.fields import shape_of
from huikuan.graphql.response import Response

ERROR: dict[str, Any] = {"message": "no", "path": ["a", 0], "extensions": {"code": "INTERNAL"}}


def data(**values: Any) -> Any:
    """What the engine hands to the writer."""
    return shape_of(tuple(values))(*values.values())


def test_data_is_there_only_if_the_operation_was_executed() -> None:
    assert json.loads(Response([ERROR]).body()) == {"errors": [ERROR]}
    assert json.loads(Response([ERROR], executed=True).body()) == {"errors": [ERROR], "data": None}
    assert json.loads(Response(executed=True, data=data(a=1)).body()) == {"data": {"a": 1}}


def test_errors_and_extensions_are_there_only_if_there_are_any() -> None:
    """The specification wants a list of errors that is not empty, or none."""
    assert Response(executed=True, data=data(a=None)).plain() == {"data": {"a": None}}
    found = Response(executed=True, data=data(), extensions={"cost": 1}).plain()
    assert found == {"data": {}, "extensions": {"cost": 1}}


def test_errors_come_first() -> None:
    """As the specification advises, so that nobody misses them."""
    assert Response([ERROR], executed=True, data=data(a=1)).body().startswith(b'{"errors":[{')


def test_keys_stand_in_the_order_of_the_document() -> None:
    body = Response(executed=True, data=data(z=1, a=data(m=None, b=[]), k_1="x")).body()
    assert body == b'{"data":{"z":1,"a":{"m":null,"b":[]},"k_1":"x"}}'


@pytest.mark.parametrize(
    ("found", "empty"),
    [(None, True), (data(a=None, b=None), True), (data(a=None, b=0), False), (data(a=[]), False), (data(), True)],
)
def test_empty_is_what_has_no_value_at_its_root(found: Any, empty: bool) -> None:
    assert Response(executed=True, data=found).empty is empty


@pytest.mark.parametrize("number", [2**53, 2**63 - 1, 2**63, 2**64, -(2**63), -(2**64), 10**400])
def test_whole_numbers_of_any_size(number: int) -> None:
    error = {**ERROR, "extensions": {"code": "X", "limit": number, "tried": [number]}}
    assert Response([error], executed=True, data=data(a=number)).plain() == {"errors": [error], "data": {"a": number}}


def test_an_error_that_quotes_half_a_character_is_still_told() -> None:
    """Whatever can be told of it; data stays as it is."""
    error = {
        "message": "No \ud800 here.",
        "extensions": {"code": "X", "\udfff": ["\ud83d\ude00", {"given": "é\udc80"}]},
    }
    found = Response([error], executed=True, data=data(a="é😀"))
    assert found.plain() == {
        "errors": [{"message": "No ? here.", "extensions": {"code": "X", "?": ["??", {"given": "é?"}]}}],
        "data": {"a": "é😀"},
    }
    assert found.body() == found.body()
    assert error["message"] == "No \ud800 here.", "the error itself is not changed"
