"""Documents by hash: registered ones, automatic ones, and tenants that execute no others."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from huikuan.core.commands.documents import MOST_DOCUMENTS
from huikuan.core.models import AuditEntry, PersistedDocument
from huikuan.graphql import Limits
from huikuan.graphql.persisted import Texts, sha256_of
from huikuan.ids import new_id
from huikuan.kernel import Kernel
from huikuan.settings import Settings
from huikuan.testing.shop import Shop
from kernel.tests.graphql.over_http import JSON, RESPONSE, Client

REQUIRED = "PERSISTED_DOCUMENT_REQUIRED"
NOT_FOUND = "PERSISTED_DOCUMENT_NOT_FOUND"
QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"


@pytest.fixture
def tenant(shop: Shop) -> Shop:
    """A tenant without documents."""
    return shop.other_tenant("shop", slug=f"documents-{new_id().hex[-12:]}")


@pytest.fixture
def client(tenant: Shop) -> Client:
    return Client(tenant)


@pytest.fixture
def only(tenant: Shop) -> Iterator[Shop]:
    """The tenant, when it executes registered documents only."""
    assert tenant.set("kernel.persisted_documents_only", "true").done
    yield tenant


def automatic(document: str, **more: Any) -> dict[str, Any]:
    """What a client of automatic persisted queries sends first."""
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256_of(document)}}, **more}


def by_id(document: str, **more: Any) -> dict[str, Any]:
    return {"documentId": f"sha256:{sha256_of(document)}", **more}


def add(tenant: Shop, document: str) -> str:
    """Register a document; its hash."""
    found: dict[str, Any] = tenant.mutate(
        "persistedDocumentAdd", document=document, select="persistedDocument { sha256 }"
    )["persistedDocument"]
    return str(found["sha256"])


def code(answer: httpx.Response) -> str:
    (error,) = answer.json()["errors"]
    assert "data" not in answer.json()
    return str(error["extensions"]["code"])


# --- automatic ----------------------------------------------------------------------------------


def test_an_automatic_query_is_sent_once_with_its_text(client: Client) -> None:
    document = "query($c: String) { customer(code: $c) { id } }"
    first = client.post(automatic(document))
    assert code(first) == QUERY_NOT_FOUND
    assert first.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert client.post(automatic(document, query=document)).json()["data"] == {"customer": None}
    assert client.post(automatic(document, variables={"c": "x"})).json()["data"] == {"customer": None}
    extensions = json.dumps(automatic(document)["extensions"])
    assert client.get(extensions=extensions).json()["data"] == {"customer": None}
    assert client.post(by_id(document)).json()["data"] == {"customer": None}


@pytest.mark.parametrize(("accept", "status"), [("*/*", 200), (JSON, 200), (RESPONSE, 400)])
def test_an_unknown_automatic_query_is_no_failure_to_older_clients(client: Client, accept: str, status: int) -> None:
    answer = client.post(automatic("{ unknown }"), accept=accept)
    assert (answer.status_code, code(answer)) == (status, QUERY_NOT_FOUND)


def test_a_hash_of_something_else_is_refused_and_not_remembered(client: Client) -> None:
    body = automatic("{ orders { totalCount } }", query="{ __typename }")
    assert code(client.post(body)) == "BAD_USER_INPUT"
    assert code(client.post(automatic("{ orders { totalCount } }"))) == QUERY_NOT_FOUND


def test_what_cannot_be_executed_is_not_remembered(client: Client) -> None:
    for document in ("{ nothing }", "{", "{ order(id: 1) " + "{ customer " * 20 + "{ id }" + "}" * 21):
        client.post(automatic(document, query=document))
        assert code(client.post(automatic(document))) == QUERY_NOT_FOUND


def test_a_mutation_may_be_automatic_but_not_by_get(client: Client) -> None:
    document = "mutation { customersImport(codes: []) { customers { id } } }"
    assert "errors" not in client.post(automatic(document, query=document)).json()
    answer = client.get(extensions=json.dumps(automatic(document)["extensions"]))
    assert (answer.status_code, code(answer)) == (405, "METHOD_NOT_ALLOWED")


def test_tenants_and_strangers_do_not_share_automatic_queries(shop: Shop, client: Client) -> None:
    kernel, document = shop.kernel, "{ __typename }"
    assert client.post(automatic(document, query=document)).json()["data"]
    assert code(Client(shop).post(automatic(document))) == QUERY_NOT_FOUND
    strangers = Client(shop, lambda request: kernel.request(kernel.admit(None, request_id="r")))
    assert code(strangers.post(automatic(document))) == QUERY_NOT_FOUND
    assert strangers.post(automatic(document, query=document)).json()["data"]
    assert strangers.post(automatic(document)).json()["data"]
    persisted = strangers.app._persisted
    assert (len(persisted.strangers), len(persisted.automatic)) == (1, 0)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"documentId": "abc"}, "documentId must be"),
        ({"documentId": 7}, "documentId must be"),
        ({"documentId": f"sha256:{'A' * 64}"}, "documentId must be"),
        ({"documentId": f"md5:{'a' * 32}"}, "documentId must be"),
        ({"extensions": {"persistedQuery": {"version": 2, "sha256Hash": "a" * 64}}}, "version 1"),
        ({"extensions": {"persistedQuery": "a" * 64}}, "version 1"),
        ({"extensions": {"persistedQuery": {"version": 1}}}, "sha256Hash must be"),
        ({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "sha256:" + "a" * 64}}}, "sha256Hash must be"),
    ],
)
def test_a_malformed_id_is_refused(client: Client, body: dict[str, Any], word: str) -> None:
    answer = client.post(body)
    assert (answer.status_code, code(answer)) == (400, "BAD_USER_INPUT")
    assert word in answer.json()["errors"][0]["message"]


# --- registered ---------------------------------------------------------------------------------


def test_a_registered_document_is_asked_for_by_its_hash(tenant: Shop, client: Client) -> None:
    document = "query Count { orders { totalCount } }\n"
    assert code(client.post(by_id(document))) == NOT_FOUND
    sha256 = add(tenant, document)
    assert sha256 == hashlib.sha256(document.encode()).hexdigest()
    for body in (by_id(document), automatic(document), {"documentId": sha256}, by_id(document, query=document)):
        assert client.post(body).json()["data"] == {"orders": {"totalCount": 0}}
    assert client.get(documentId=f"sha256:{sha256}").json()["data"] == {"orders": {"totalCount": 0}}
    listed = tenant.query("{ persistedDocuments { nodes { sha256 name document } } }")["persistedDocuments"]["nodes"]
    assert listed == [{"sha256": sha256, "name": "Count", "document": document}]


def test_adding_twice_changes_nothing(tenant: Shop) -> None:
    assert add(tenant, "{ __typename }") == add(tenant, "{ __typename }")
    assert tenant.query("{ persistedDocuments { totalCount } }") == {"persistedDocuments": {"totalCount": 1}}


@pytest.mark.parametrize(
    ("document", "word", "expected"),
    [
        ("{ nothing }", "Cannot query field", "BAD_USER_INPUT"),
        ("{", "Syntax Error", "BAD_USER_INPUT"),
        ("fragment F on Query { __typename }", "never used", "BAD_USER_INPUT"),
        ("{ order(id: 1) " + "{ customer " * 20 + "{ id }" + "}" * 21, "depth", "LIMIT_EXCEEDED"),
        ("{ __typename }" + " " * 100_000, "100,000 characters", "LIMIT_EXCEEDED"),
    ],
)
def test_only_what_can_be_executed_is_registered(tenant: Shop, document: str, word: str, expected: str) -> None:
    answer = tenant.mutate("persistedDocumentAdd", document=document)
    assert answer.failed(expected)
    assert word in answer.errors[0]["message"]


def test_the_limits_are_those_of_the_installation(shop: Shop) -> None:
    kernel = shop.kernel
    settings = Settings(graphql_depth=2)
    strict = Kernel(kernel.database, kernel.catalog, kernel.services.keys, clock=shop.clock, settings=settings)
    assert strict.services.limits.depth == 2
    assert kernel.services.limits == Limits()
    answer = Shop(strict, shop.tenant, shop.clock).mutate(
        "persistedDocumentAdd", document="{ orders { nodes { id } } }"
    )
    assert answer.failed("LIMIT_EXCEEDED")


def test_registering_needs_a_right_and_is_audited(tenant: Shop) -> None:
    somebody = tenant.acting_with("kernel.audit")
    for name, arguments in (("Add", {"document": "{ __typename }"}), ("Remove", {"sha256": "a" * 64})):
        assert somebody.mutate(f"persistedDocument{name}", **arguments).failed("FORBIDDEN")
    add(tenant, "{ __typename }")
    with tenant.reading() as ctx:
        entry = ctx.scalar(select(AuditEntry).where(AuditEntry.command == "persisted_document_add"))
        assert entry is not None
        assert entry.input == {"document": "{ __typename }"}


def test_a_tenant_has_so_many_documents_and_no_more(tenant: Shop) -> None:
    rows = [{"sha256": f"{n:064x}", "name": "", "document": f"# {n}"} for n in range(MOST_DOCUMENTS - 1)]
    with tenant.writing() as ctx:
        ctx.insert(PersistedDocument, rows)
    add(tenant, "{ a: __typename }")
    assert tenant.mutate("persistedDocumentAdd", document="{ b: __typename }").refused("TOO_MANY_DOCUMENTS")
    add(tenant, "{ a: __typename }")
    tenant.mutate("persistedDocumentRemove", sha256=f"{0:064x}")["sha256"]
    add(tenant, "{ b: __typename }")
    with tenant.reading() as ctx:
        assert ctx.scalar(select(func.count(PersistedDocument.id))) == MOST_DOCUMENTS


def test_a_document_belongs_to_its_tenant(shop: Shop, tenant: Shop) -> None:
    sha256 = add(tenant, "{ foreign: __typename }")
    assert code(Client(shop).post({"documentId": sha256})) == NOT_FOUND
    assert shop.mutate("persistedDocumentRemove", sha256=sha256).failed("NOT_FOUND")


def test_a_removal_is_seen_by_the_next_request_of_every_process(tenant: Shop) -> None:
    kernel = tenant.kernel
    second = Kernel(kernel.database, kernel.catalog, kernel.services.keys, clock=tenant.clock)
    processes = [Client(tenant), Client(Shop(second, tenant.tenant, tenant.clock))]
    for _ in range(2):
        sha256 = add(tenant, "{ orders { totalCount } }")
        for process in processes:
            assert process.post({"documentId": sha256}).json()["data"]
        assert tenant.mutate("persistedDocumentRemove", sha256=f"sha256:{sha256}")["sha256"] == sha256
        for process in processes:
            assert code(process.post({"documentId": sha256})) == NOT_FOUND


def test_what_is_registered_is_read_once(tenant: Shop, client: Client) -> None:
    add(tenant, "{ __typename }")
    for _ in range(3):
        assert client.post(by_id("{ __typename }")).json()["data"]
    assert len(client.app._persisted.registered) == 1


# --- nothing else -------------------------------------------------------------------------------


def test_a_tenant_may_execute_registered_documents_only(only: Shop, client: Client) -> None:
    document, other = "{ orders { totalCount } }", "{ orders { totalCount }  }"
    add(only, document)
    for body in ({"query": document}, by_id(document), automatic(document), automatic(document, query=document)):
        assert client.post(body).json()["data"] == {"orders": {"totalCount": 0}}
    for body in ({"query": other}, by_id(other), automatic(other), automatic(other, query=other), automatic(other)):
        answer = client.post(body, accept=JSON)
        assert (answer.status_code, code(answer)) == (400, REQUIRED)
    assert len(client.app._persisted.automatic) == 0


def test_what_was_automatic_before_is_refused_as_well(tenant: Shop, client: Client) -> None:
    document = "{ orders { totalCount } }"
    assert client.post(automatic(document, query=document)).json()["data"]
    tenant.set("kernel.persisted_documents_only", "true")
    assert code(client.post(automatic(document))) == REQUIRED
    tenant.set("kernel.persisted_documents_only", "false")
    assert client.post(automatic(document)).json()["data"]


def test_a_document_that_no_longer_fits_says_so(only: Shop, client: Client) -> None:
    sha256 = add(only, "{ orders { totalCount } }")
    only.disable("shop")
    assert code(client.post({"documentId": sha256})) == "GRAPHQL_VALIDATION_FAILED"


def test_strangers_may_still_sign_in(only: Shop) -> None:
    kernel = only.kernel
    strangers = Client(only, lambda request: kernel.request(kernel.admit(None, request_id="r")))
    assert strangers.post({"query": "{ __typename }"}).json()["data"]


# --- bounds -------------------------------------------------------------------------------------


def test_texts_are_kept_within_bounds() -> None:
    texts = Texts(count=3, size=100)
    for number in range(5):
        texts.keep(number, "x" * 10)
    assert (len(texts), texts.size) == (3, 30)
    assert texts.get(2) == "x" * 10
    texts.keep(5, "x")
    assert (texts.get(3), texts.get(2)) == (None, "x" * 10), "what was used last stays"
    texts.keep(6, "x" * 11)
    assert texts.get(6) is None, "one text does not take a large part of the room"
    texts = Texts(count=100, size=100)
    for number in range(20):
        texts.keep(number, "x" * 9)
        texts.keep(number, "x" * 9)
    assert (len(texts), texts.size) == (11, 99)
