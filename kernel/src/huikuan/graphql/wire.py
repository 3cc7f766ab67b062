"""Requests as they come over HTTP, read strictly: one clear error for each slip."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from starlette.requests import Request

from huikuan.errors import BadInput, HuikuanError, LimitExceeded
from huikuan.graphql.negotiation import JSON, gunzip

__all__ = ["GraphQLRequest", "TooLarge", "WireError", "parse_json", "read_get", "read_parameters", "read_post"]

MAX_DEPTH = 64
MAX_PARAMETERS = 100
USUAL_LIMIT = 1_048_576
_SUSPECT = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class WireError(BadInput):
    """The request is malformed: ``status`` says how."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class TooLarge(LimitExceeded):
    """The body is larger than the limit once it is unpacked."""


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What a request asks to execute: a document, or one known by its SHA-256, or both.

    ``automatic`` says that the hash came by the protocol of automatic persisted queries.
    """

    document: str | None
    variables: Mapping[str, Any]
    operation_name: str | None
    sha256: str | None = None
    automatic: bool = False


def read_post(request: Request, body: bytes, limit: int) -> GraphQLRequest:
    """The request in a JSON body; ``limit`` is the most bytes of a compressed one."""
    # A form or plain text comes from any web page without its browser asking us first, JSON does not.
    given, _, parameters = request.headers.get("content-type", "").partition(";")
    if given.strip().lower() != JSON:
        raise WireError(f"Send the request as {JSON}.", 415)
    charset = re.search(r"charset=\"?([^\s;\"]+)", parameters.lower())
    if charset and charset[1] not in ("utf-8", "utf8"):
        raise WireError("Send the request in UTF-8.", 415)
    body = _unpacked(request.headers.get("content-encoding", ""), body, limit)
    if not body.strip():
        raise WireError('The request has no body; send {"query": …}.')
    return read_parameters(parse_json(body, "The body", max(limit, USUAL_LIMIT)))


def _unpacked(encoding: str, body: bytes, limit: int) -> bytes:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return body
    if name not in ("gzip", "x-gzip"):
        raise WireError("Send the body as it is, or compressed with gzip.", 415)
    try:
        found = gunzip(body, limit)
    except ValueError:
        raise WireError("The body is not compressed with gzip, or not whole.") from None
    if found is None:
        raise TooLarge(f"The request body is larger than {limit:,} bytes; send less at a time.", limit=limit)
    return found


def read_get(request: Request) -> GraphQLRequest:
    """The request in the parameters of a URL."""
    try:
        text = request.scope["query_string"].decode("utf-8")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except ValueError:
        raise WireError(f"The URL is not UTF-8, or has more than {MAX_PARAMETERS} parameters.") from None
    found: dict[str, Any] = dict(pairs)
    for name in ("variables", "extensions"):
        if given := found.pop(name, None):
            found[name] = parse_json(given.encode(), f"The parameter {name}")
    return read_parameters(found)


def parse_json(body: bytes, what: str, limit: int = USUAL_LIMIT) -> Any:
    """JSON, strictly: UTF-8, no NaN, no depth that nobody needs, no characters that cannot be stored.

    Within ``limit`` bytes many small values cost far more than a few long ones, so their number is bounded by it too.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise WireError(f"{what} is not UTF-8.") from None
    _check_count(text.count("[") + text.count("{"), limit // 20, what, "objects and lists")
    _check_count(text.count(","), limit // 10, what, "values")
    try:
        found = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError:
        raise WireError(f"{what} is nested deeper than {MAX_DEPTH} levels.") from None
    except HuikuanError:
        raise
    except ValueError as error:
        reason = str(error) if isinstance(error, json.JSONDecodeError) else "a number is too long"
        raise WireError(f"{what} is not JSON: {reason[:200]}.") from None
    _check_depth(found, what)
    if _SUSPECT.search(text):
        _check_texts(found, what)
    return found


def _check_count(count: int, most: int, what: str, things: str) -> None:
    """Counted in the text, before anything is made of it; that those in texts count too does no harm."""
    if count > most:
        raise LimitExceeded(f"{what} has more than {most:,} {things}; send less at a time.", limit=most)


def _refuse_constant(name: str) -> NoReturn:
    raise WireError(f"{name} is not JSON.")


def _finite(text: str) -> float:
    found = float(text)
    if not math.isfinite(found):
        raise WireError(f"The number {text[:20]} is too large.")
    return found


def _check_depth(value: Any, what: str) -> None:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MAX_DEPTH + 1):
        if not level:
            return
        inside = (item.values() if isinstance(item, dict) else item for item in level)
        level = [inner for items in inside for inner in items if isinstance(inner, dict | list)]
    raise WireError(f"{what} is nested deeper than {MAX_DEPTH} levels.")


def _check_texts(value: Any, what: str) -> None:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            stack += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            stack += item
        elif isinstance(item, str):
            if "\0" in item:
                raise WireError("Texts may not hold the character NUL.")
            try:
                item.encode()
            except UnicodeEncodeError:
                raise WireError(f"{what} holds half a character (a lone surrogate).") from None


def read_parameters(found: Any) -> GraphQLRequest:
    """The request in parsed JSON: query, variables, operationName and extensions, or documentId."""
    if isinstance(found, list):
        raise WireError("Batches are not taken; send one operation per request.")
    if not isinstance(found, dict):
        raise WireError('The request must be a JSON object: {"query": …}.')
    for key in ("variables", "extensions"):
        if found.get(key) is not None and not isinstance(found[key], dict):
            raise WireError(f"The parameter {key} must be an object.")
    sha256, automatic = _identity(found)
    name = found.get("operationName")
    if name is not None and not isinstance(name, str):
        raise WireError("The parameter operationName must be a string.")
    document = found.get("query")
    if sha256 is not None and document in (None, ""):
        document = None
    elif not isinstance(document, str) or not document.strip():
        raise WireError("The parameter query must be a GraphQL document." if "query" in found else "query is missing.")
    return GraphQLRequest(document, found.get("variables") or {}, name or None, sha256, automatic)


def _identity(found: Mapping[str, Any]) -> tuple[str | None, bool]:
    """The SHA-256 by which the document is known, and whether it came as an automatic persisted query."""
    given, persisted = found.get("documentId"), (found.get("extensions") or {}).get("persistedQuery")
    if given is not None:
        if not isinstance(given, str) or not _SHA256.fullmatch(given.removeprefix("sha256:")):
            raise WireError("The parameter documentId must be sha256: and 64 hexadecimal digits in lower case.")
        return given.removeprefix("sha256:"), False
    if persisted is None:
        return None, False
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        raise WireError("The extension persistedQuery must be an object of version 1.")
    sha256 = persisted.get("sha256Hash")
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise WireError("persistedQuery.sha256Hash must be 64 hexadecimal digits in lower case.")
    return sha256, True
