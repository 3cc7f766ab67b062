"""Apollo Client sends the hash of a document first, and its text when the server does not know it."""

from __future__ import annotations

from pathlib import Path

from kernel.tests.node import npm_packages, run_node
from kernel.tests.web.conftest import Site

PACKAGES = {"@apollo/client": "4.3.8", "graphql": "16.15.0", "rxjs": "7.8.2"}
SCRIPT = Path(__file__).with_name("apollo.mjs")


def test_its_automatic_persisted_queries_work(site: Site) -> None:
    found = run_node(npm_packages(PACKAGES), SCRIPT, f"{site.url}/graphql", site.sign_in())

    unknown = {"method": "POST", "query": False, "status": 400}
    with_text = {"method": "POST", "query": True, "status": 200}
    by_hash = {"method": "POST", "query": False, "status": 200}
    read = [{"__typename": "Me", "tenant": "acme", "kind": "user"}] * 3
    assert found["read"] == read
    assert found["sent"][:3] == [unknown, with_text, by_hash]
    assert found["sent"][3] == {"method": "GET", "query": False, "status": 200}
    assert found["sent"][4:] == [unknown, with_text]
    assert found["written"] == {"__typename": "SettingSetPayload", "key": "kernel.timezone"}
