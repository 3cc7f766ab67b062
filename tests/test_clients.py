"""Clients as integrators use them: gql for Python, graphql-request and graphql-ws for JavaScript, generated types."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXTransport
from gql.transport.websockets import WebsocketsTransport
from graphql import GraphQLError

from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.core.module import migration_sources
from huikuan.db import Database
from huikuan.jobs.worker import Worker
from huikuan.testing.databases import DatabaseTemplates
from kernel.tests.node import npm_packages, run_node
from tests.reliability.served import Server, Site, order_input, serve
from tools.examples import files
from tools.workspace import ROOT

CLIENTS = Path(__file__).with_name("clients")
SHOWN = files(ROOT / "docs" / "graphql.md")
REQUEST = {"graphql-request": "7.4.0", "graphql": "16.15.0"}
SOCKETS = {"graphql-ws": "6.4.2", "ws": "8.23.0"}
GENERATOR = {
    "@graphql-codegen/core": "6.2.1",
    "@graphql-codegen/typescript": "6.1.0",
    "@graphql-codegen/typescript-operations": "6.1.9",
    "@graphql-codegen/typed-document-node": "7.1.1",
    "@types/node": "26.6.6",
    "typescript": "7.0.2",
}


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def server(
    request: pytest.FixtureRequest,
    database_templates: DatabaseTemplates,
    installed_modules: ModuleCatalog,
    signing_keys: KeyRing,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    """A server with every module and a worker beside it, whose events are sent within moments."""
    sources = migration_sources(installed_modules)
    with ExitStack() as stack:
        if request.param == "sqlite":
            database = Database(database_templates.sqlite(sources, tmp_path_factory.mktemp("clients") / "shop.db"))
        else:
            urls = stack.enter_context(database_templates.postgres(request.getfixturevalue("postgres_server"), sources))
            database = Database(urls.app, system_url=urls.system)
        stack.callback(database.dispose)
        server = stack.enter_context(serve(database, installed_modules, signing_keys, events_interval=0.05))
        stack.enter_context(working(server))
        yield server


@contextmanager
def working(server: Server) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=Worker(server.kernel).run_forever, args=(stop, 0.05))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def url(site: Site) -> str:
    return f"{site.url}/graphql"


@pytest.fixture
def token(site: Site) -> str:
    """An access token of the tenant acme."""
    return str(site.caller().http.headers["Authorization"]).removeprefix("Bearer ")


def confirmed(site: Site, *references: str) -> None:
    """Orders that were confirmed, one after the other."""
    caller = site.caller()
    for reference in references:
        order = caller.create(reference, reference=reference)["data"]["orderCreate"]["order"]["id"]
        assert caller.confirm(order, f"confirm {reference}")["data"]["orderConfirm"]["order"]["status"] == "CONFIRMED"


# --- gql, for Python -----------------------------------------------------------------------------


CREATE = """mutation Create($input: OrderCreateInput!) {
  orderCreate(input: $input) { order { id number status } refusals { code } } }"""
WITHOUT_KEY = 'mutation { contactAdd(customer: { code: "C1" }, input: { name: "A" }) { contact { id } } }'
ORDERS = """query Orders($first: Int!, $after: String) {
  orders(first: $first, after: $after, orderBy: [REFERENCE_ASC]) {
    nodes { reference total { amount currency } lines { sku quantity } }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
}"""
FOLLOW = """subscription Follow($after: String) { events(after: $after, types: [ORDER_CONFIRMED]) {
  cursor subject { ... on Order { reference } } } }"""


@pytest.fixture
def client(url: str, token: str) -> Client:
    """It reads the schema first, and checks documents against it before it sends them."""
    transport = HTTPXTransport(url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    return Client(transport=transport, fetch_schema_from_transport=True)


def test_gql_sends_a_mutation_twice_and_has_one_order(client: Client) -> None:
    asked = GraphQLRequest(CREATE, variable_values={"input": order_input("3", reference="gql-1")})
    with client as session:
        options: dict[str, Any] = {
            "extra_args": {"headers": {"Idempotency-Key": "gql-1"}},
            "get_execution_result": True,
        }
        first, again = (session.execute(asked, **options) for _ in range(2))
    assert first.data == again.data
    assert first.data["orderCreate"]["order"]["status"] == "DRAFT"
    assert again.extensions["idempotency"] == {"replayed": ["orderCreate"]}


def test_gql_pages_through_a_list_to_its_end(client: Client, site: Site) -> None:
    for number in range(7):
        site.caller().create(f"page-{number}", reference=f"page-{number}")
    nodes: list[dict[str, Any]] = []
    after, more = None, True
    with client as session:
        while more:
            page = session.execute(GraphQLRequest(ORDERS, variable_values={"first": 3, "after": after}))["orders"]
            assert len(page["nodes"]) <= 3 and page["totalCount"] == 7
            nodes += page["nodes"]
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert [node["reference"] for node in nodes] == [f"page-{number}" for number in range(7)]
    assert nodes[0]["lines"] == [{"sku": "A1", "quantity": "1"}]


def test_gql_raises_our_codes(client: Client, url: str) -> None:
    def code(document: str, given: Client = client, **variables: Any) -> str:
        with pytest.raises(TransportQueryError) as problem:
            given.execute(GraphQLRequest(document, variable_values=variables))
        [error] = problem.value.errors or []
        return str(error["extensions"]["code"])

    stranger = Client(transport=HTTPXTransport(url=url, headers={"Authorization": "Bearer x.y.z"}))
    assert code(WITHOUT_KEY) == "BAD_USER_INPUT"
    assert code('mutation { orderConfirm(id: "x") { order { id } } }') == "BAD_USER_INPUT"
    assert code("{ me { name } }", stranger) == "UNAUTHENTICATED"
    with pytest.raises(GraphQLError, match="Cannot query field 'nothing'"):
        client.execute(GraphQLRequest("{ nothing }"))  # the client knows the schema


def test_gql_follows_events_and_goes_on_after_its_last_cursor(url: str, token: str, site: Site) -> None:
    async def follow(after: str | None, count: int) -> list[dict[str, Any]]:
        transport = WebsocketsTransport(
            url=url.replace("http", "ws", 1),
            init_payload={"Authorization": f"Bearer {token}"},
            connect_args={"max_size": 8 * 2**20},  # the schema of all modules is larger than the client's own limit
        )
        found: list[dict[str, Any]] = []
        async with Client(transport=transport, fetch_schema_from_transport=True) as session:
            async for answer in session.subscribe(GraphQLRequest(FOLLOW, variable_values={"after": after})):
                found.append(answer["events"])
                if len(found) == count:
                    break
        return found

    with ThreadPoolExecutor() as threads:
        orders = threads.submit(confirmed, site, *(f"gql-{number}" for number in range(6)))
        first = asyncio.run(follow("event-0", 2))
        rest = asyncio.run(follow(first[-1]["cursor"], 4))
        orders.result()
    assert [event["subject"]["reference"] for event in first + rest] == [f"gql-{number}" for number in range(6)]


# --- JavaScript ----------------------------------------------------------------------------------


def test_graphql_request_reads_and_writes(url: str, token: str) -> None:
    found = run_node(npm_packages(REQUEST), CLIENTS / "requests.mjs", url, token)
    assert found["first"] == found["again"]
    assert found["extensions"]["idempotency"] == {"replayed": ["orderCreate"]}
    assert [len(page["nodes"]) for page in found["pages"]] == [2, 2, 2, 1]
    assert {page["totalCount"] for page in found["pages"]} == {7}
    nodes = [node for page in found["pages"] for node in page["nodes"]]
    assert [node["reference"] for node in nodes] == [f"js-{number}" for number in range(7)]
    assert nodes[0]["total"] == {"amount": "200.00", "currency": "EUR"}
    assert found["errors"] == {
        "unknown field": "GRAPHQL_VALIDATION_FAILED",
        "wrong type": "BAD_USER_INPUT",
        "no such order": "BAD_USER_INPUT",
        "no key": "BAD_USER_INPUT",
        "no token": "UNAUTHENTICATED",
    }


def test_graphql_ws_connects_again_by_itself_and_misses_nothing(url: str, token: str, site: Site) -> None:
    references = [f"ws-{number}" for number in range(10)]
    folder = npm_packages(SOCKETS | {"graphql": REQUEST["graphql"]})
    with program(folder, CLIENTS / "resume.mjs", url, token, "10") as lines:
        assert next(lines) == "following"
        confirmed(site, *references[:3])
        assert next(lines) == "cut"
        confirmed(site, *references[3:])
        found = json.loads(next(line for line in lines if line != "cut"))
    assert found["heard"] == [{"reference": reference, "status": "CONFIRMED"} for reference in references]
    assert found["connections"] > 1


@pytest.mark.parametrize("name", ["follow.py", "follow.mjs"])
def test_the_followers_of_the_guide_print_what_is_confirmed(
    name: str, url: str, token: str, site: Site, tmp_path: Path
) -> None:
    folder = tmp_path if name.endswith(".py") else npm_packages(REQUEST | SOCKETS)
    (tmp_path / name).write_text(SHOWN[name])
    with program(folder, tmp_path / name, url, HUIKUAN_TOKEN=token) as lines:
        assert next(lines) == "following"
        confirmed(site, "a", "b")
        heard = [next(lines), next(lines)]
    if name == "follow.py":
        confirmed(site, "c")
        with program(folder, tmp_path / name, url, HUIKUAN_TOKEN=token) as lines:
            heard.append(next(line for line in lines if line not in heard))  # at least once, so perhaps again
    numbers = site.caller().send("{ orders(orderBy: [REFERENCE_ASC]) { nodes { number } } }")["orders"]["nodes"]
    assert heard == [node["number"] for node in numbers]


@contextmanager
def program(folder: Path, script: Path, *arguments: str, **environment: str) -> Iterator[Iterator[str]]:
    """A program of JavaScript or Python that goes on: its lines, as they come; ended with the block."""
    beside = folder / f"{uuid4().hex}-{script.name}"
    shutil.copyfile(script, beside)
    runner = sys.executable if script.suffix == ".py" else shutil.which("node")
    assert runner is not None
    command = [runner, str(beside), *arguments]
    with subprocess.Popen(
        command, cwd=folder, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        watch = threading.Timer(60, process.kill)
        watch.start()
        try:
            assert process.stdout is not None
            yield (line.rstrip("\n") for line in process.stdout)
        finally:
            watch.cancel()
            process.kill()
            beside.unlink()


# --- types, generated from the committed schema --------------------------------------------------


@pytest.fixture
def typed(tmp_path: Path) -> Iterator[Path]:
    """A folder with the files of the guide and the types generated from them, beside the packages they import."""
    packages = npm_packages(REQUEST | GENERATOR)
    folder = packages / uuid4().hex
    folder.mkdir()
    (folder / "package.json").write_text('{"type": "module"}')
    shutil.copyfile(ROOT / "schemas" / "all.graphql", folder / "schema.graphql")
    for name in ("codegen.json", "shop.graphql", "shop.ts"):
        (folder / name).write_text(SHOWN[name])
    generated = run_node(packages, CLIENTS / "generate.mjs", str(folder / "codegen.json"))
    assert generated == {"written": ["generated.ts"]}
    yield folder
    shutil.rmtree(folder)


def compiled(folder: Path, *arguments: str) -> dict[str, Any]:
    return run_node(folder.parent, CLIENTS / "compile.mjs", str(folder / "shop.ts"), *arguments)


def test_the_typed_client_of_the_guide_compiles_and_reads_every_page(
    typed: Path, url: str, token: str, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIKUAN_TOKEN", token)
    confirmed(site, "ts-1", "ts-2", "ts-3")
    found = compiled(typed, url)
    assert (found["complaints"], found["failed"]) == ("", "")
    rows = [line.split() for line in found["said"].splitlines()]
    assert [row[1:3] for row in rows] == [["100.00", "EUR"]] * 3


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("order.number", "order.nummer"), ("{ after }", "{ after: 7 }")],
    ids=["a field that is not read", "a variable of another type"],
)
def test_the_compiler_finds_what_does_not_fit_the_schema(typed: Path, server: Server, right: str, wrong: str) -> None:
    program = typed / "shop.ts"
    assert right in program.read_text()
    program.write_text(program.read_text().replace(right, wrong))
    assert "error TS" in compiled(typed)["complaints"]
