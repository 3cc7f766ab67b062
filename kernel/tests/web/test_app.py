"""The application over HTTP: GraphQL with its callers, GraphiQL, browsers' rules."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import structlog

import huikuan.web
from huikuan import logs
from huikuan.settings import Settings
from huikuan.web.app import create_app
from huikuan.web.deadlines import protocol_class
from kernel.tests.web.conftest import Site
from kernel.tests.web.servers import FAST, serving

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
STATIC = Path(huikuan.web.__path__[0]) / "static"


@pytest.fixture(autouse=True)
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure(Settings(log_format="json"), stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_signed_in_caller_is_answered_and_named_in_the_log(site: Site, stream: io.StringIO) -> None:
    token = site.sign_in()
    assert site.post("{ __typename }", token=token).json()["data"] == {"__typename": "Query"}
    requests = [line for line in map(json.loads, stream.getvalue().splitlines()) if line["event"] == "request"]
    anonymous, signed_in = requests
    assert (anonymous["tenant"], anonymous["actor"]) == ("platform", "anonymous")
    assert signed_in["tenant"] == "acme"
    assert re.fullmatch(r"user:[0-9a-f-]{36}", signed_in["actor"])
    assert token not in stream.getvalue()
    assert "@acme" not in stream.getvalue()


def test_a_forged_token_is_refused(site: Site) -> None:
    answer = site.post("{ __typename }", token="x.y.z")
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert "data" not in answer.json() or answer.json()["data"] is None


def test_a_body_above_the_limit_is_413(site: Site) -> None:
    assert site.post("{ __typename " + " " * 1_100_000 + "}").status_code == 413


def test_there_is_nothing_elsewhere(site: Site) -> None:
    answer = httpx.get(f"{site.url}/admin")
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (404, "NOT_FOUND")


def test_production_has_no_graphiql(site: Site) -> None:
    assert "text/html" not in httpx.get(f"{site.url}/graphql", headers=BROWSER).headers.get("content-type", "")
    assert httpx.get(f"{site.url}/graphiql/graphiql.min.js").status_code == 404


def test_graphiql_comes_with_all_it_needs_from_here(serve: Callable[..., Site]) -> None:
    site = serve(graphiql=True)
    page = httpx.get(f"{site.url}/graphql", headers=BROWSER)
    assert page.headers["content-type"].startswith("text/html")
    assert "script-src 'self';" in page.headers["content-security-policy"]
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(addresses) == 7
    for address in addresses:
        if not address.startswith("data:"):
            assert "//" not in address
            answer = httpx.get(f"{site.url}/{address}")
            assert answer.status_code == 200, address
            assert answer.headers["x-content-type-options"] == "nosniff"
    assert httpx.get(site.url, headers=BROWSER).headers["location"] == "/graphql"


def test_graphiql_is_no_answer_to_a_client(serve: Callable[..., Site]) -> None:
    site = serve(graphiql=True)
    assert site.post("{ __typename }").json()["data"] == {"__typename": "Query"}
    for parameter in ("query", "documentId", "extensions"):
        asked = httpx.get(f"{site.url}/graphql", params={parameter: "{ __typename }"}, headers=BROWSER)
        assert "GraphiQL" not in asked.text


@pytest.mark.parametrize("httptools", [pytest.param(True, marks=FAST), False])
def test_head_and_compression_pass_through_the_server(serve: Callable[..., Site], httptools: bool) -> None:
    site = serve(introspection=True)
    with (
        serving(create_app(site.kernel), Settings(), protocol=protocol_class(15, httptools=httptools)) as served,
        httpx.Client(base_url=served.url, timeout=30) as client,
    ):
        params = {"query": "{ __schema { types { name description } } }"}
        get, head = client.get("/graphql", params=params), client.head("/graphql", params=params)
        assert get.headers["content-encoding"] == head.headers["content-encoding"] == "gzip"
        assert get.headers["content-length"] == head.headers["content-length"]
        assert (head.content, "data" in get.json()) == (b"", True)
        assert client.get("/graphql", params=params).json() == get.json(), "the connection is still in step"


def test_the_page_loads_nothing_inline_and_is_small() -> None:
    page = (STATIC / "graphiql.html").read_text()
    assert not re.search(r"<script>|<style>|\son\w+=|style=", page)
    assert sum(file.stat().st_size for file in STATIC.iterdir()) < 3_000_000
    assert "MIT" in (STATIC / "NOTICE.md").read_text()


def _preflight(url: str, origin: str) -> httpx.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }
    return httpx.options(f"{url}/graphql", headers=headers)


def test_only_listed_origins_may_call_from_a_browser(serve: Callable[..., Site]) -> None:
    site = serve(allowed_origins=("https://shop.example",))
    allowed = _preflight(site.url, "https://shop.example")
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-credentials" not in allowed.headers
    refused = _preflight(site.url, "https://evil.example")
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers
    assert "access-control-allow-origin" in site.post("{ __typename }", Origin="https://shop.example").headers


def test_without_a_list_no_origin_may(site: Site) -> None:
    answer = _preflight(site.url, "https://shop.example")
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_what_a_form_can_send_is_refused(site: Site, kind: str) -> None:
    answer = httpx.post(f"{site.url}/graphql", content=b'{"query":"{ __typename }"}', headers={"Content-Type": kind})
    assert answer.status_code in (400, 415)
    assert "data" not in answer.text
