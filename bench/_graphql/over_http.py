"""Rows over HTTP: the product against a raw-SQL endpoint, each a process with one worker, the client a third one."""

from __future__ import annotations

import json
import statistics
from typing import Any

from bench._graphql.children import child
from bench._graphql.engine import Engine, some_id
from bench._graphql.same import check_same, plain_id
from bench._graphql.selections import LIST, SMALL
from bench._graphql.servers import served
from bench._graphql.site import Site
from bench._graphql.timing import ratio

__all__ = ["over_http"]

CLIENTS = 8
SIDES = ("engine", "floor")


def over_http(site: Site) -> dict[str, float]:
    """``list_http`` and ``small_http_share``, and what they are made of."""
    size, id = site.size, some_id(Engine(site.kernel, site.scope(site.few)))
    with served(site) as (product, floor):
        lists, small = _load(
            {
                "engine": _graphql(site, product, LIST, {"first": size.listed}),
                "floor": _plain(floor, "/orders", {"first": size.listed}),
                "rounds": size.lists,
            },
            {
                "engine": _graphql(site, product, SMALL, {"id": id}),
                "floor": _plain(floor, "/number", {"id": plain_id(id)}),
                "clients": CLIENTS,
                "seconds": size.seconds,
                "slots": max(2, round(size.seconds)),
            },
        )
    return {
        "list_http": ratio(lists["engine"], lists["floor"]),
        "small_http_share": ratio(small["engine"], small["floor"]),
        **{f"list_http_{name}_ms": statistics.median(lists[name]) * 1e3 for name in SIDES},
        **{f"small_http_{name}_per_s": statistics.median(small[name]) for name in SIDES},
        "small_http_client_share": small["client_share"],
    }


def _graphql(site: Site, port: int, document: str, variables: dict[str, Any]) -> dict[str, Any]:
    body = {"query": document, "variables": variables}
    return _request(port, "/graphql", body, f"Authorization: Bearer {site.few.secret}\r\n")


def _plain(port: int, path: str, body: dict[str, Any]) -> dict[str, Any]:
    return _request(port, path, body, "")


def _request(port: int, path: str, body: dict[str, Any], headers: str) -> dict[str, Any]:
    text = json.dumps(body)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: application/json\r\n{headers}"
        f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
    )
    return {"port": port, "request": head + text}


def _load(*plans: dict[str, Any]) -> list[dict[str, Any]]:
    """Run the load generator; both servers must give the same answer."""
    found: list[dict[str, Any]] = child("load", {"plans": plans})["found"]
    for plan in found:
        check_same(*(body.encode() for body in plan["bodies"].values()))
    return found
