"""The server audits of the GraphQL-over-HTTP specification, as the npm package graphql-http makes them."""

from __future__ import annotations

from pathlib import Path

from kernel.tests.node import npm_packages, run_node
from kernel.tests.web.conftest import Site

AUDITS = 61
PACKAGES = {"graphql-http": "1.23.1", "graphql": "16.15.0"}
SCRIPT = Path(__file__).with_name("audits.mjs")


def test_every_audit_of_the_specification_passes(site: Site) -> None:
    found = run_node(npm_packages(PACKAGES), SCRIPT, f"{site.url}/graphql", site.sign_in())["audits"]

    assert [audit for audit in found if audit["status"] != "ok"] == []
    assert len({audit["id"] for audit in found}) == AUDITS
