"""Answers that the server gives by itself, in the shape that GraphQL clients read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse

__all__ = ["error"]


def error(
    status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None, **extensions: Any
) -> JSONResponse:
    """One error as GraphQL writes it, so that a client needs no second way to read errors."""
    body = {"errors": [{"message": message, "extensions": {"code": code, **extensions}}]}
    return JSONResponse(body, status, headers={"cache-control": "no-store", **(headers or {})})
