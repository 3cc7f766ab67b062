"""The GraphQL-over-HTTP wire: requests read strictly, media types chosen, one clear error for each slip."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from starlette.requests import Request

from huikuan.errors import BadInput, HuikuanError

__all__ = ["JSON", "RESPONSE", "GraphQLRequest", "WireError", "media_type", "read_get", "read_post"]

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
MAX_DEPTH = 64
_SUSPECT = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")


class WireError(BadInput):
    """The request is malformed: ``status`` says how."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What a request asks to execute."""

    document: str
    variables: Mapping[str, Any]
    operation_name: str | None


def media_type(accept: str | None) -> str:
    """The media type to answer in; anything goes unless the client says otherwise."""
    if not accept or not accept.strip():
        return JSON
    best, chosen = 0.0, None
    for part in accept.split(","):
        name, _, parameters = part.strip().partition(";")
        weight = _weight(parameters)
        found = {RESPONSE: RESPONSE, JSON: JSON, "application/*": JSON, "*/*": JSON}.get(name.strip().lower())
        if found is not None and weight > best:
            best, chosen = weight, found
    if chosen is None:
        raise WireError(f"Accept {RESPONSE} or {JSON}; nothing else is answered here.", 406)
    return chosen


def _weight(parameters: str) -> float:
    found = re.search(r"(?:^|;)\s*q=([0-9.]{1,6})", parameters)
    try:
        return float(found[1]) if found else 1.0
    except ValueError:
        return 0.0


def read_post(request: Request, body: bytes) -> GraphQLRequest:
    """The request in a JSON body."""
    given, _, parameters = request.headers.get("content-type", "").partition(";")
    if given.strip().lower() != JSON:
        raise WireError(f"Send the request as {JSON}.", 415)
    charset = re.search(r"charset=\"?([^\s;\"]+)", parameters.lower())
    if charset and charset[1] not in ("utf-8", "utf8"):
        raise WireError("Send the request in UTF-8.", 415)
    if not body.strip():
        raise WireError('The request has no body; send {"query": …}.')
    return _request(parse_json(body, "The body"))


def read_get(request: Request) -> GraphQLRequest:
    """The request in the parameters of a URL."""
    parameters = request.query_params
    found: dict[str, Any] = {"query": parameters.get("query"), "operationName": parameters.get("operationName")}
    for name in ("variables", "extensions"):
        text = parameters.get(name)
        if text:
            found[name] = parse_json(text.encode("utf-8", "surrogatepass"), f"The parameter {name}")
    return _request(found)


def parse_json(body: bytes, what: str) -> Any:
    """JSON, strictly: UTF-8, no NaN, no depth that nobody needs, no characters that cannot be stored."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise WireError(f"{what} is not UTF-8.") from None
    try:
        found = json.loads(text, parse_constant=_refuse_constant)
        if _SUSPECT.search(text):
            _check_texts(found)
    except RecursionError:
        raise WireError(f"{what} is nested deeper than {MAX_DEPTH} levels.") from None
    except UnicodeEncodeError:
        raise WireError(f"{what} holds half a character (a lone surrogate).") from None
    except HuikuanError:
        raise
    except ValueError as error:
        reason = str(error) if isinstance(error, json.JSONDecodeError) else "a number is too long"
        raise WireError(f"{what} is not JSON: {reason[:200]}.") from None
    _check_depth(found, what)
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise WireError(f"{name} is not JSON.")


def _check_texts(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    text.encode()
    if "\\u0000" in text:
        raise WireError("Texts may not hold the character NUL.")


def _check_depth(value: Any, what: str) -> None:
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH + 1):
        following: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                following += [inner for inner in item.values() if isinstance(inner, dict | list)]
            elif isinstance(item, list):
                following += [inner for inner in item if isinstance(inner, dict | list)]
        if not following:
            return
        level = following
    raise WireError(f"{what} is nested deeper than {MAX_DEPTH} levels.")


def _request(found: Any) -> GraphQLRequest:
    if isinstance(found, list):
        raise WireError("Batches are not taken; send one operation per request.")
    if not isinstance(found, dict):
        raise WireError('The request must be a JSON object: {"query": …}.')
    document, name = found.get("query"), found.get("operationName")
    if not isinstance(document, str) or not document.strip():
        raise WireError("The parameter query must be a GraphQL document." if "query" in found else "query is missing.")
    if name is not None and not isinstance(name, str):
        raise WireError("The parameter operationName must be a string.")
    for key in ("variables", "extensions"):
        if found.get(key) is not None and not isinstance(found[key], dict):
            raise WireError(f"The parameter {key} must be an object.")
    return GraphQLRequest(document, found.get("variables") or {}, name or None)
