"""Two answers to one document: what clients would see, compared."""

from __future__ import annotations

import json
import traceback
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graphql import ExecutionResult, GraphQLError

from huikuan.codec import encode
from huikuan.errors import HookError, HuikuanError
from huikuan.graphql.naming import camel
from huikuan.money import MoneyError

Answer = dict[str, Any]


def answer_of(response: Mapping[str, Any]) -> Answer:
    """Our response: its data, if it has any, and its errors."""
    found: Answer = {"errors": [_comparable(error) for error in response.get("errors", ())]}
    if "data" in response:
        found["data"] = response["data"]
    return found


def _comparable(error: Mapping[str, Any]) -> dict[str, Any]:
    """The reference into the log differs from run to run."""
    extensions = {key: value for key, value in error["extensions"].items() if key != "reference"}
    return {**error, "extensions": extensions}


def reference_answer(result: ExecutionResult) -> Answer:
    """The reference's result, its errors as clients see them. Without data if it was not executed at all."""
    errors = result.errors or []
    found: Answer = {"errors": [_shown(error) for error in errors]}
    if result.data is not None or any(error.path is not None for error in errors):
        found["data"] = result.data
    return found


def _shown(error: GraphQLError) -> dict[str, Any]:
    found: dict[str, Any] = {"message": error.message}
    if error.locations:
        found["locations"] = [{"line": item.line, "column": item.column} for item in error.locations]
    if error.path is not None:
        found["path"] = list(error.path)
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return {**found, **_described(cause)} if cause is not None else {**found, "extensions": {"code": "BAD_USER_INPUT"}}


def _described(cause: BaseException) -> dict[str, Any]:
    _check_own(cause)
    if isinstance(cause, HookError):
        text = f"{cause.module} {cause.version} failed in {cause.hook}."
        return {"message": text, "extensions": {"code": cause.code, **encode(cause.data)}}
    if isinstance(cause, HuikuanError):
        data = {camel(name): encode(value) for name, value in cause.data.items()}
        code = "BAD_USER_INPUT" if isinstance(cause, MoneyError) else cause.code
        return {"message": cause.message, "extensions": {"code": code, **data}}
    module = getattr(cause, "huikuan_module", None)
    extensions = {"code": "INTERNAL", **({"module": module} if module else {})}
    return {"message": "Internal error.", "extensions": extensions}


def _check_own(cause: BaseException) -> None:
    """What the rules raise is part of the test; what else fails in here is a mistake of the reference."""
    root = cause.__cause__ if isinstance(cause, HookError) and cause.__cause__ is not None else cause
    if isinstance(root, HuikuanError) or root.__traceback__ is None:
        return
    last = Path(traceback.extract_tb(root.__traceback__)[-1].filename)
    if last.parent == Path(__file__).parent and last.name != "rules.py":
        raise AssertionError(f"the reference is wrong: {root!r}") from root


def differences(ours: Answer, theirs: Answer) -> list[str]:
    """How our answer differs from the reference's; nothing if it does not. Order counts, but not that of errors."""
    found = []
    if ("data" in ours) != ("data" in theirs):
        found.append(f"data: ours {'has' if 'data' in ours else 'lacks'} it")
    elif _text(ours.get("data")) != _text(theirs.get("data")):
        found += list(_first_difference(ours.get("data"), theirs.get("data"), "data"))
    mine, other = (Counter(_text(error, sort=True) for error in answer["errors"]) for answer in (ours, theirs))
    found += [f"error only in ours: {text}" for text in list((mine - other).elements())[:5]]
    found += [f"error missing in ours: {text}" for text in list((other - mine).elements())[:5]]
    return found


def _text(value: Any, *, sort: bool = False) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=sort)


def _first_difference(ours: Any, theirs: Any, path: str) -> list[str]:
    """Where two values differ, as deep inside as can be."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        if list(ours) != list(theirs):
            return [f"{path}: keys {list(ours)}, wanted {list(theirs)}"]
        pairs: list[tuple[Any, Any, Any]] = [(ours[key], theirs[key], key) for key in ours]
    elif isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            return [f"{path}: {len(ours)} items, wanted {len(theirs)}"]
        pairs = [(one, other, place) for place, (one, other) in enumerate(zip(ours, theirs, strict=True))]
    else:
        return [f"{path}: {_text(ours)[:300]}, wanted {_text(theirs)[:300]}"]
    for one, other, key in pairs:
        if _text(one) != _text(other):
            return _first_difference(one, other, f"{path}.{key}")
    return []
