"""huikuan user, operator, token and api-key: who may come in, and with what."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from huikuan.kernel import Kernel
from huikuan.settings import Settings
from kernel.tests.cli.kit import Cli, Ended


@pytest.fixture
def kernel(ready: Cli, tmp_path: Path) -> Iterator[Kernel]:
    """The server's side, on the same file."""
    kernel = Kernel.open(Settings.load({}, {"database_url": str(tmp_path / "huikuan.db")}))
    yield kernel
    kernel.close()


def shown_password(ended: Ended) -> str:
    return ended.out.rpartition(": ")[2].strip()


def sign_in(kernel: Kernel, email: str, password: str) -> str | None:
    anonymous = kernel.admit(None, request_id="test", client="test")
    result = kernel.run(anonymous, "login", {"email": email, "password": password})
    tenant: str | None = result.values["tokens"]["tenant"]
    return tenant


def test_a_user_signs_in_with_the_password_that_was_shown(ready: Cli, kernel: Kernel) -> None:
    ended = ready("user", "create", "ann@acme.example", "--tenant", "acme", "--roles", "cli_top_writer")

    assert ended.code == 0, ended.err
    assert sign_in(kernel, "ann@acme.example", shown_password(ended)) == "acme"
    rows = json.loads(ready("user", "list", "--tenant", "acme", "--json").out)
    assert rows[0] == {"email": "ann@acme.example", "name": "ann", "active": True, "roles": ["cli_top_writer"]}


def test_somebody_known_keeps_their_password_in_another_tenant(ready: Cli) -> None:
    ended = ready("tenant", "create", "second", "--admin", "boss@acme.example")

    assert ended.code == 0
    assert "administrator: boss@acme.example, who keeps the password they have" in ended.out


def test_a_password_may_come_from_standard_input(ready: Cli, kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))

    ended = ready("user", "password", "boss@acme.example", "--password-stdin")

    assert ended.out == "set the password of boss@acme.example, with the given password\n"
    assert sign_in(kernel, "boss@acme.example", "correct horse battery") == "acme"


def test_a_new_password_ends_the_tokens_that_are_out(ready: Cli, kernel: Kernel) -> None:
    token = ready("token", "issue", "--tenant", "acme", "--user", "boss@acme.example").out.strip()
    assert kernel.admit(f"Bearer {token}", request_id="test").actor.name == "boss@acme.example"

    ready("user", "password", "boss@acme.example")

    with pytest.raises(Exception, match="sign in again"):
        kernel.admit(f"Bearer {token}", request_id="test")


def test_a_weak_password_is_wrong_usage(ready: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))

    ended = ready("user", "password", "boss@acme.example", "--password-stdin")

    assert ended.code == 2
    assert "short" not in ended.err.replace("shorter", "")


def test_an_unknown_role_is_answered_with_those_there_are(ready: Cli) -> None:
    ended = ready("user", "create", "ann@acme.example", "--tenant", "acme", "--roles", "king")

    assert ended.code == 2
    assert "There is no role 'king'; roles are: admin, " in ended.err


def test_an_operators_token_opens_the_control_plane(ready: Cli, kernel: Kernel) -> None:
    assert ready("operator", "create", "ops@example.com").code == 0

    token = ready("token", "issue", "--operator", "ops@example.com").out.strip()

    scope = kernel.admit(f"Bearer {token}", request_id="test")
    assert scope.composition.surface == "control"
    assert scope.actor.may("kernel.operate")


def test_a_token_needs_a_user_of_that_tenant(ready: Cli) -> None:
    stranger = ready("token", "issue", "--tenant", "acme", "--user", "nobody@acme.example")
    nowhere = ready("token", "issue", "--user", "boss@acme.example")

    assert stranger.code == nowhere.code == 2
    assert stranger.err.startswith("huikuan: nobody@acme.example is no active user of acme")
    assert nowhere.err == "huikuan: Name the user's tenant too: --tenant NAME.\n"


def test_an_api_key_works_until_it_is_revoked(ready: Cli, kernel: Kernel) -> None:
    made = ready("api-key", "create", "web-shop", "--tenant", "acme", "--roles", "integration")
    secret = made.out.strip()
    assert kernel.admit(f"Bearer {secret}", request_id="test").tenant.slug == "acme"

    revoked = ready("api-key", "revoke", "web-shop", "--tenant", "acme")

    assert revoked.out == "revoked web-shop\n"
    with pytest.raises(Exception, match="API key is not valid"):
        kernel.admit(f"Bearer {secret}", request_id="test")
    assert json.loads(ready("api-key", "list", "--tenant", "acme", "--json").out)[0]["revoked"] is not None
    assert secret not in ready("api-key", "list", "--tenant", "acme").out


def test_an_api_key_that_is_not_there_cannot_be_revoked(ready: Cli) -> None:
    ended = ready("api-key", "revoke", "web-shop", "--tenant", "acme")

    assert (ended.code, ended.err) == (2, "huikuan: acme has no API key 'web-shop'; see: huikuan api-key list.\n")
