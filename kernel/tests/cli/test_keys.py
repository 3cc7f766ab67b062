"""huikuan keys: a file of signing keys, made, listed and rotated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from huikuan.auth.key_files import load_ring
from kernel.tests.cli.kit import Cli


def test_a_key_file_is_made_for_its_owner_alone(cli: Cli, tmp_path: Path) -> None:
    ended = cli("keys", "generate", "keys.json")

    assert ended.code == 0
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    assert load_ring(tmp_path / "keys.json").signer.kid in ended.out


def test_keys_are_not_replaced_by_accident(cli: Cli, tmp_path: Path) -> None:
    cli("keys", "generate", "keys.json")
    before = (tmp_path / "keys.json").read_text()

    ended = cli("keys", "generate", "keys.json")

    assert ended.code == 2
    assert "Use `huikuan keys rotate`" in ended.err
    assert (tmp_path / "keys.json").read_text() == before


def test_after_a_rotation_the_new_key_signs_and_the_old_one_counts_for_a_while(cli: Cli, tmp_path: Path) -> None:
    cli("keys", "generate", "keys.json")
    old = load_ring(tmp_path / "keys.json").signer.kid

    assert cli("keys", "rotate", "keys.json").code == 0

    rows = json.loads(cli("keys", "list", "keys.json", "--json").out)
    assert [row["state"] for row in rows] == ["active", "verify_only"]
    assert rows[1]["key"] == old
    assert rows[1]["until"] is not None


def test_the_list_holds_no_secret(cli: Cli, tmp_path: Path) -> None:
    cli("keys", "generate", "keys.json")
    secret = json.loads((tmp_path / "keys.json").read_text())["keys"][0]["d"]

    assert secret not in cli("keys", "list", "keys.json").out


def test_the_file_may_come_from_the_environment(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HUIKUAN_KEYS", str(tmp_path / "mine.json"))

    cli("keys", "generate")

    assert (tmp_path / "mine.json").exists()


def test_a_file_that_is_not_there_is_one_line(cli: Cli) -> None:
    ended = cli("keys", "list", "none.json")

    assert ended.code == 2
    assert ended.err.startswith("huikuan: The key file none.json can't be read")
