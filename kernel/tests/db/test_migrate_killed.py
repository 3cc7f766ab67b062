"""An upgrade that is killed, fails or meets another one leaves a database from which the next run goes on."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from huikuan.db import sqlite_copy
from huikuan.db.admin import connect
from huikuan.db.migrate import require_current, status, upgrade
from huikuan.db.migration_errors import MigrationError, SchemaBehind
from huikuan.db.roles import init_roles
from huikuan.testing.postgres import PostgresServer
from kernel.tests.db.migration_kit import BROKEN, SHOP_1, SHOP_2, UpgradeKiller, club, shop, write_source

SALES = 20


@pytest.fixture(scope="module")
def killer() -> Iterator[UpgradeKiller]:
    with UpgradeKiller() as process:
        yield process


def add_sales(url: str) -> None:
    with connect(url) as connection:
        for n in range(SALES):
            values = {"tenant": str(UUID(int=n % 3)), "id": str(UUID(int=n)), "note": f"sale {n}"}
            connection.execute(text("INSERT INTO shop_sale VALUES (:tenant, :id, :note)"), values)
        connection.commit()


def sales(url: str) -> list[int | None]:
    with connect(url) as connection:
        return list(connection.scalars(text("SELECT total FROM shop_sale")))


def columns(url: str) -> set[str]:
    with connect(url) as connection:
        return set(connection.execute(text("SELECT * FROM shop_sale")).keys())


def test_sqlite_reaches_the_head_after_a_kill_at_any_statement(tmp_path: Path, killer: UpgradeKiller) -> None:
    old = tmp_path / "old.db"
    upgrade(f"sqlite:///{old}", [shop(tmp_path, steps=1)])
    add_sales(f"sqlite:///{old}")
    sources = [shop(tmp_path), club(tmp_path)]
    kills = 0
    while True:
        file = tmp_path / f"killed{kills}.db"
        shutil.copyfile(old, file)
        url = f"sqlite:///{file}"
        if not killer.upgrade(url, sources, kill_at=kills + 1):
            break
        kills += 1
        assert columns(url) == {"tenant_id", "id", "note"}, "a killed upgrade leaves the tables as they were"
        with pytest.raises(SchemaBehind):
            require_current(url, sources)
        upgrade(url, sources)
        require_current(url, sources)
        assert sales(url) == [10000] * SALES
    assert kills > 15


def test_postgresql_reaches_the_head_after_a_kill_at_any_statement(
    tmp_path: Path, killer: UpgradeKiller, postgres_server: PostgresServer
) -> None:
    old = postgres_server.create_database("kill_old")
    init_roles(old)
    upgrade(old, [shop(tmp_path, steps=1)])
    add_sales(old)
    sources = [shop(tmp_path), club(tmp_path)]
    kills, killed = 0, True
    while killed:
        name = f"kill_{kills}"
        url = postgres_server.create_database(name, "kill_old")
        killed = killer.upgrade(url, sources, kill_at=kills + 1)
        kills += killed
        upgrade(url, sources)
        require_current(url, sources)
        assert sales(url) == [10000] * SALES
        postgres_server.drop_database(name)
    assert kills > 15


def test_sqlite_keeps_one_copy_of_the_state_before(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    upgrade(url, [shop(tmp_path, steps=1)])
    add_sales(url)
    upgrade(url, [shop(tmp_path)])
    with closing(sqlite3.connect(tmp_path / "a.db.before-upgrade")) as copy:
        assert copy.execute("SELECT count(*) FROM shop_sale").fetchone() == (SALES,)
        assert "total" not in [row[1] for row in copy.execute("PRAGMA table_info(shop_sale)")]
    assert not (tmp_path / "a.db.upgrading").exists()


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_a_failing_migration_is_undone_and_named(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    if dialect == "postgresql":
        url = request.getfixturevalue("postgres_database")
        init_roles(url)
    upgrade(url, [shop(tmp_path)])
    broken = write_source(tmp_path, "shop", SHOP_1, SHOP_2, BROKEN)
    with pytest.raises(MigrationError, match=r"Module shop: migration 0003 failed and was undone: .*nowhere"):
        upgrade(url, [broken])
    assert "extra" not in columns(url)
    assert [(m.current, m.state) for m in status(url, [broken])] == [("0002", "behind")]


def test_sqlite_brings_back_what_a_migration_committed_by_itself(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    upgrade(url, [shop(tmp_path)])
    commits = BROKEN.replace('    op.execute("INSERT', '    op.get_bind().commit()\n    op.execute("INSERT')
    with pytest.raises(MigrationError):
        upgrade(url, [write_source(tmp_path, "shop", SHOP_1, SHOP_2, commits)])
    assert "extra" not in columns(url)


def test_sqlite_starts_again_from_the_copy_if_an_interrupted_run_had_committed(tmp_path: Path) -> None:
    url, file = f"sqlite:///{tmp_path}/a.db", tmp_path / "a.db"
    upgrade(url, [shop(tmp_path, steps=1)])
    sqlite_copy.keep(file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("ALTER TABLE shop_sale ADD COLUMN half VARCHAR")
    sources = [shop(tmp_path)]
    assert [m.state for m in status(url, sources)] == ["interrupted"]
    with pytest.raises(SchemaBehind, match="interrupted"):
        require_current(url, sources)
    upgrade(url, sources)
    assert columns(url) == {"tenant_id", "id", "note", "total"}


def test_sqlite_keeps_a_finished_upgrade_whose_marker_was_left_behind(tmp_path: Path) -> None:
    url, file = f"sqlite:///{tmp_path}/a.db", tmp_path / "a.db"
    upgrade(url, [shop(tmp_path, steps=1)])
    sqlite_copy.keep(file)
    add_sales(url)
    assert upgrade(url, [shop(tmp_path, steps=1)]) == []
    upgrade(url, [shop(tmp_path)])
    assert sales(url) == [10000] * SALES


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_two_upgrades_at_once_do_the_work_once(
    dialect: str, tmp_path: Path, killer: UpgradeKiller, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    if dialect == "postgresql":
        url = request.getfixturevalue("postgres_database")
        init_roles(url)
    sources = [shop(tmp_path), club(tmp_path)]
    other = threading.Thread(target=lambda: killer.upgrade(url, sources, kill_at=10_000))
    other.start()
    upgrade(url, sources)
    other.join()
    require_current(url, sources)
