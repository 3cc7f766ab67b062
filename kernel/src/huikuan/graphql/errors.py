"""Errors as clients see them: a code, data that helps, and nothing from the inside."""

from __future__ import annotations

import math
import re
import traceback
from collections.abc import Mapping
from typing import Any

import structlog
from graphql import GraphQLError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from huikuan.codec import encode
from huikuan.db.errors import ReadOnlyError, SessionUseError, TenantGuardError
from huikuan.errors import HookError, HuikuanError, SetupError
from huikuan.graphql.documents import RequestErrors
from huikuan.graphql.naming import camel
from huikuan.ids import new_id
from huikuan.money import MoneyError
from huikuan.retry import is_lost

__all__ = ["ErrorLog", "request_errors"]

log = structlog.get_logger("huikuan.graphql")
BAD_INPUT = "BAD_USER_INPUT"
INTERNAL = "INTERNAL"
# Their messages are for whoever mends the module, not for clients.
_INSIDE = (SetupError, TenantGuardError, SessionUseError, ReadOnlyError)
_LOG_BYTES = 3_500
_LOGGED_PER_OPERATION = 5
# Messages quote what was sent, which may be long, and name every place, which may be many.
_MESSAGE_LENGTH = 500
_MOST_LOCATIONS = 10


class ErrorLog:
    """Formats the errors of one operation; what is unexpected is logged, each kind once."""

    def __init__(self, request_id: str = "", operation: str | None = None) -> None:
        self._request_id = request_id
        self._operation = operation
        self._references: dict[tuple[str, str], str] = {}

    def format(self, error: GraphQLError, code: str = BAD_INPUT) -> dict[str, Any]:
        """One error of a response; ``code`` is for errors that graphql-core itself found."""
        found: dict[str, Any] = {"message": _short(error.message)}
        if error.locations:
            places = error.locations[:_MOST_LOCATIONS]
            found["locations"] = [{"line": item.line, "column": item.column} for item in places]
        if error.path is not None:
            found["path"] = list(error.path)
        original = _original(error)
        if original is None:
            return {**found, "extensions": {"code": code}}
        return {**found, **self.describe(original, error.path)}

    def describe(self, error: BaseException, path: Any = None) -> dict[str, Any]:
        """Message and extensions of an exception."""
        extensions: dict[str, Any]
        if isinstance(error, MoneyError):
            return {"message": error.message, "extensions": {"code": BAD_INPUT, **_data(error.data)}}
        if isinstance(error, HookError):
            text = f"{error.module} {error.version} failed in {error.hook}."
            extensions = {"code": error.code, **_data(error.data), "reference": self._reference(error, path)}
            return {"message": text, "extensions": extensions}
        if isinstance(error, HuikuanError) and error.code != INTERNAL and not isinstance(error, _INSIDE):
            return {"message": _short(error.message), "extensions": {"code": error.code, **_data(error.data)}}
        if isinstance(error, PoolTimeout):
            return {
                "message": "Too many requests at once; try again.",
                "extensions": {"code": "OVERLOADED", "retryAfter": 1},
            }
        if is_lost(error):
            return {
                "message": "The database was lost on the way; send the request again, with the same idempotencyKey.",
                "extensions": {"code": "OVERLOADED", "retryAfter": 1, "reference": self._reference(error, path)},
            }
        extensions = {"code": INTERNAL, "reference": self._reference(error, path)}
        module = error.data.get("module") if isinstance(error, HuikuanError) else None
        if module := module or getattr(error, "huikuan_module", None):
            extensions["module"] = module
        return {"message": "Internal error.", "extensions": extensions}

    def _reference(self, error: BaseException, path: Any) -> str:
        names = [item for item in path or () if isinstance(item, str)]
        kind = (type(error).__name__, str(error)[:200])
        found = self._references.get(kind)
        if found is None:
            found = self._references[kind] = new_id().hex
            if len(self._references) <= _LOGGED_PER_OPERATION:
                log.error(
                    "internal error",
                    reference=found,
                    request_id=self._request_id,
                    operation=(self._operation or "")[:100],
                    field=".".join(names)[:200],
                    trace=_trace(error),
                )
        return found


def _original(error: GraphQLError) -> Exception | None:
    found: Exception | None = error.original_error
    while isinstance(found, GraphQLError):
        found = found.original_error
    return found


def _data(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of an error; what has no JSON form is left out."""
    found = {}
    for name, value in data.items():
        try:
            found[camel(name)] = math.ceil(value) if isinstance(value, float) else encode(value)
        except TypeError:
            continue
    return found


def _short(message: str) -> str:
    return message if len(message) <= _MESSAGE_LENGTH else f"{message[:_MESSAGE_LENGTH]}…"


def _trace(error: BaseException) -> str:
    """The end of the traceback, where the cause stands, in one line of bounded length."""
    text = "".join(traceback.format_exception(error)).strip()
    return re.sub(r"\n\s*", " | ", text)[-_LOG_BYTES:]


def request_errors(error: Exception, log_: ErrorLog) -> list[dict[str, Any]]:
    """The errors of a request that was not executed."""
    if isinstance(error, RequestErrors):
        return [log_.format(item, error.code) for item in error.errors]
    return [log_.describe(error)]
