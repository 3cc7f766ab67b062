"""Documents by hash over a WebSocket: what a tenant does not execute over HTTP, it does not execute here either."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.core.module import migration_sources
from huikuan.db import Database
from huikuan.graphql.persisted import sha256_of
from huikuan.testing.databases import DatabaseTemplates
from kernel.tests.web.sockets import EVENTS, Belfry, Client, belfry_of

FOLLOW = EVENTS % "payload"
FROM_START = {"after": "event-0"}


@pytest.fixture
def belfry(tmp_path: Path, database_templates: DatabaseTemplates, signing_keys: KeyRing) -> Iterator[Belfry]:
    database = Database(database_templates.sqlite(migration_sources(ModuleCatalog([])), tmp_path / "bell.db"))
    with belfry_of(database, signing_keys) as found:
        yield found
    database.dispose()


def ask(client: Client, **payload: Any) -> Client:
    client.send({"id": "1", "type": "subscribe", "payload": payload})
    return client


def refused(client: Client) -> str:
    message = client.take()
    assert message["type"] == "error", message
    return str(message["payload"][0]["extensions"]["code"])


def only(belfry: Belfry, value: str = "true") -> None:
    belfry.run("setting_set", key="kernel.persisted_documents_only", value=value)


def test_a_subscription_is_begun_by_the_hash_of_its_document(belfry: Belfry) -> None:
    belfry.run("persisted_document_add", document=FOLLOW)
    belfry.ring(1)
    client = ask(belfry.client(), documentId=f"sha256:{sha256_of(FOLLOW)}", variables=FROM_START)
    assert client.event()["payload"]["number"] == 1
    belfry.ring(2)
    assert client.event()["payload"]["number"] == 2


def test_an_automatic_query_is_registered_by_its_text(belfry: Belfry) -> None:
    client, extensions = belfry.client(), {"persistedQuery": {"version": 1, "sha256Hash": sha256_of("{ __typename }")}}
    assert refused(ask(client, extensions=extensions)) == "PERSISTED_QUERY_NOT_FOUND"
    for payload in ({"query": "{ __typename }"}, {}):
        assert ask(client, extensions=extensions, **payload).take()["payload"] == {
            "data": {"__typename": "Query"},
            "extensions": {"cost": 0},
        }
        assert client.take()["type"] == "complete"


def test_a_tenant_that_executes_registered_documents_only_does_so_here(belfry: Belfry) -> None:
    only(belfry)
    belfry.run("persisted_document_add", document="{ __typename }")
    client = belfry.client()
    assert refused(client.follow()) == "PERSISTED_DOCUMENT_REQUIRED"
    assert refused(client.subscribe("{ me { tenant } }")) == "PERSISTED_DOCUMENT_REQUIRED"
    assert client.answer("{ __typename }")["data"] == {"__typename": "Query"}


def test_a_subscription_ends_when_its_document_is_removed(belfry: Belfry) -> None:
    belfry.run("persisted_document_add", document=FOLLOW)
    only(belfry)
    belfry.ring(1)
    client = belfry.client().subscribe(FOLLOW, **FROM_START)
    assert client.event()["payload"]["number"] == 1
    belfry.run("persisted_document_remove", sha256=sha256_of(FOLLOW))
    belfry.ring(2)
    assert refused(client) == "PERSISTED_DOCUMENT_REQUIRED"
