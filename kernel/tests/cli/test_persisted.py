"""huikuan persisted: registering, listing and removing documents."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from kernel.tests.cli.kit import Cli

ME = "query Me { me { tenant } }\n"
SETTINGS = "query Settings {\r\n  settings { key value }\r\n}"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def listed(ready: Cli) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(ready("persisted", "list", "--tenant", "acme", "--json").out)
    return found


@pytest.fixture
def queries(tmp_path: Path) -> Path:
    """A folder as a client's sources have it."""
    folder = tmp_path / "queries"
    (folder / "deeper").mkdir(parents=True)
    (folder / "me.graphql").write_bytes(ME.encode())
    (folder / "deeper" / "settings.gql").write_bytes(SETTINGS.encode())
    (folder / "README.md").write_text("no document")
    return folder


def test_a_folder_of_documents_is_registered_byte_by_byte(ready: Cli, queries: Path) -> None:
    ended = ready("persisted", "add", str(queries), "--tenant", "acme")

    assert (ended.code, ended.out) == (0, "registered 2 documents of acme\n")
    assert [(row["operations"], row["sha256"], row["characters"]) for row in listed(ready)] == [
        ("Me", sha256(ME), len(ME)),
        ("Settings", sha256(SETTINGS), len(SETTINGS)),
    ]
    assert ready("persisted", "add", str(queries / "me.graphql"), "--tenant", "acme").code == 0
    assert len(listed(ready)) == 2
    table = ready("persisted", "list", "--tenant", "acme").out.splitlines()
    assert table[0].split() == ["SHA256", "ADDED", "CHARACTERS", "OPERATIONS"]


@pytest.mark.parametrize(
    "manifest",
    [
        {sha256(ME): ME, f"sha256:{sha256(SETTINGS)}": SETTINGS},
        {
            "format": "apollo-persisted-query-manifest",
            "version": 1,
            "operations": [
                {"id": sha256(ME), "name": "Me", "type": "query", "body": ME},
                {"id": sha256(SETTINGS), "name": "Settings", "type": "query", "body": SETTINGS},
            ],
        },
    ],
    ids=["codegen", "apollo"],
)
def test_a_manifest_of_a_code_generator_is_registered(ready: Cli, tmp_path: Path, manifest: dict[str, Any]) -> None:
    file = tmp_path / "persisted-documents.json"
    file.write_text(json.dumps(manifest))

    assert ready("persisted", "add", str(file), "--tenant", "acme").code == 0
    assert {row["sha256"] for row in listed(ready)} == {sha256(ME), sha256(SETTINGS)}


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("bad.graphql", b"{ nothing }", "bad.graphql: The document cannot be executed: Cannot query field 'nothing'"),
        ("bad.graphql", b"{ \xff }", "bad.graphql is not UTF-8"),
        ("bad.json", b"[1]", "is no manifest"),
        ("bad.json", b"{", "is not JSON"),
        ("bad.json", b'{"a": 1}', "is no manifest"),
        ("bad.json", b'{"da39a3ee": "{ me { kind } }"}', "'da39a3ee' is not the SHA-256 of its text"),
        ("missing.graphql", None, "missing.graphql can't be read"),
        (".", None, "holds no file that ends with .graphql or .gql"),
    ],
)
def test_what_is_no_document_is_one_line(
    ready: Cli, tmp_path: Path, name: str, content: bytes | None, word: str
) -> None:
    folder = tmp_path / "sent"
    folder.mkdir()
    if content is not None:
        (folder / name).write_bytes(content)
    ended = ready("persisted", "add", str(folder / name), "--tenant", "acme")

    assert ended.code == 2
    assert word in ended.err
    assert ended.err.count("\n") == 1
    assert listed(ready) == []


def test_a_document_is_removed_by_the_beginning_of_its_hash(ready: Cli, queries: Path) -> None:
    ready("persisted", "add", str(queries), "--tenant", "acme")

    ended = ready("persisted", "remove", sha256(ME)[:8], "--tenant", "acme")
    assert (ended.code, ended.out) == (0, f"removed {sha256(ME)}\n")
    assert [row["operations"] for row in listed(ready)] == ["Settings"]
    assert "No document of acme begins" in ready("persisted", "remove", sha256(ME)[:8], "--tenant", "acme").err


def test_an_ambiguous_hash_removes_nothing(ready: Cli, queries: Path) -> None:
    ready("persisted", "add", str(queries), "--tenant", "acme")

    ended = ready("persisted", "remove", "", "--tenant", "acme")
    assert ended.code == 2
    assert "2 documents of acme begin" in ended.err


def test_a_tenant_is_switched_to_registered_documents_only_and_back(ready: Cli) -> None:
    for switch, said in (("on", "acme executes registered documents only\n"), ("off", "acme executes all documents\n")):
        ended = ready("persisted", "only", switch, "--tenant", "acme")
        assert (ended.code, ended.out) == (0, said)
