"""Settings: from the environment and flags, one clear line for each that is wrong, never a secret in it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from huikuan.settings import Settings, SettingsError


def problems(environ: dict[str, str], **flags: object) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Settings.load(environ, flags)
    return caught.value.problems


def test_a_bare_machine_needs_no_settings() -> None:
    settings = Settings.load({})
    assert settings.sqlite
    assert settings.sqlite_file == Path("huikuan.db")
    assert (settings.host, settings.port, settings.debug, settings.show_graphiql) == ("127.0.0.1", 8000, False, False)
    assert settings.embedded_worker


def test_a_flag_wins_over_the_environment() -> None:
    environ = {"HUIKUAN_PORT": "9000", "HUIKUAN_HOST": "0.0.0.0"}
    settings = Settings.load(environ, {"port": 9001, "host": None})
    assert (settings.port, settings.host) == (9001, "0.0.0.0")


def test_a_plain_path_is_a_sqlite_file(tmp_path: Path) -> None:
    settings = Settings.load({"HUIKUAN_DATABASE_URL": str(tmp_path / "shop.db")})
    assert settings.database_url == f"sqlite:///{tmp_path}/shop.db"
    assert settings.sqlite_file == tmp_path / "shop.db"


def test_every_wrong_setting_is_one_line_with_name_and_remedy() -> None:
    found = problems({"HUIKUAN_PORT": "80 80", "HUIKUAN_DEBUG": "maybe", "HUIKUAN_ALLOWED_ORIGINS": "shop.example"})
    assert found == [
        "HUIKUAN_PORT is '80 80': it must be a whole number from 0 to 65,535, for example HUIKUAN_PORT=8000",
        "HUIKUAN_ALLOWED_ORIGINS is 'shop.example': it must be origins separated by commas, for example "
        "HUIKUAN_ALLOWED_ORIGINS=https://shop.example,https://app.example",
        "HUIKUAN_DEBUG is 'maybe': it must be true or false, for example HUIKUAN_DEBUG=true",
    ]


def test_a_wrong_flag_is_named_as_the_flag() -> None:
    assert problems({}, port="http")[0].startswith("--port is 'http'")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HUIKUAN_DATABASE_URL", "mysql://root:hunter2@db/x"),
        ("HUIKUAN_METRICS_TOKEN", "hunter2"),
        ("HUIKUAN_KEYS", " "),
    ],
)
def test_a_secret_is_not_shown_when_it_is_wrong(name: str, value: str) -> None:
    (line,) = problems({name: value})
    assert name in line
    assert "hunter2" not in line


def test_secrets_are_not_in_the_representation() -> None:
    settings = Settings.load(
        {
            "HUIKUAN_DATABASE_URL": "postgresql://app:hunter2@db/x",
            "HUIKUAN_KEYS": '{"hunter2": 1}',
            "HUIKUAN_METRICS_TOKEN": "hunter2hunter2hunter2",
        }
    )
    assert "hunter2" not in repr(settings)


def test_a_misspelt_name_is_found() -> None:
    assert problems({"HUIKUAN_DATABSE_URL": "x.db"}) == [
        "HUIKUAN_DATABSE_URL is no setting. Did you mean HUIKUAN_DATABASE_URL?"
    ]


def test_a_stranger_with_our_prefix_is_left_alone() -> None:
    Settings.load({"HUIKUAN_SOMETHING_ELSE": "1", "HUIKUAN_PORT": ""})


def test_sqlite_serves_from_one_process() -> None:
    assert "SQLite has one writer" in problems({"HUIKUAN_WORKERS": "4"})[0]


def test_sqlite_has_no_roles() -> None:
    assert "PostgreSQL" in problems({"HUIKUAN_OWNER_DATABASE_URL": "postgresql://owner@db/x"})[0]


def test_postgresql_wants_its_keys_named() -> None:
    settings = Settings.load({"HUIKUAN_DATABASE_URL": "postgresql://app@db/x"})
    with pytest.raises(SettingsError, match="HUIKUAN_KEYS is not set"):
        settings.key_source()


def test_sqlite_gets_a_private_key_file_at_first_use(tmp_path: Path) -> None:
    settings = Settings.load({"HUIKUAN_DATABASE_URL": str(tmp_path / "shop.db")})
    first = settings.key_source().ring.jwks()
    file = tmp_path / "shop.db.keys.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert settings.key_source().ring.jwks() == first
    assert [entry.name for entry in tmp_path.iterdir()] == ["shop.db.keys.json"]


def test_a_key_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    settings = Settings.load({"HUIKUAN_DATABASE_URL": str(tmp_path / "absent" / "shop.db")})
    with pytest.raises(SettingsError, match=r"^The signing keys can't be written to .*HUIKUAN_KEYS"):
        settings.key_source()


def test_settings_go_to_other_processes_unchanged() -> None:
    environ = {
        "HUIKUAN_DATABASE_URL": "postgresql://app:pw@db/x",
        "HUIKUAN_WORKERS": "3",
        "HUIKUAN_ALLOWED_ORIGINS": "https://a.example,https://b.example",
        "HUIKUAN_GRAPHIQL": "off",
        "HUIKUAN_READ_TIMEOUT": "2.5",
    }
    settings = Settings.load(environ)
    assert Settings.load(settings.environment()) == settings
