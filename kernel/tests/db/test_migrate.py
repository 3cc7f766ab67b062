"""Each module's tables follow its own migrations; starting on the wrong tables is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from huikuan.db.admin import connect
from huikuan.db.migrate import MigrationSource, require_current, status, upgrade
from huikuan.db.migration_errors import MigrationError, SchemaBehind, SchemaNewer
from huikuan.db.revisions import in_order
from huikuan.db.roles import RoleError, Roles, init_roles
from huikuan.testing.databases import DatabaseTemplates
from huikuan.testing.postgres import PostgresServer
from kernel.tests.db.migration_kit import CLUB_1, SHOP_1, SHOP_2, club, shop, write_source


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/huikuan.db"
    admin: str = request.getfixturevalue("postgres_database")
    init_roles(admin)
    return admin


def test_an_upgrade_makes_the_tables_in_order_of_requirement(url: str, tmp_path: Path) -> None:
    said: list[str] = []
    steps = upgrade(url, [club(tmp_path), shop(tmp_path)], progress=said.append)
    assert steps == ["shop 0001", "shop 0002", "club 0001"]
    assert said[0].startswith("shop: 0001")
    with connect(url) as connection:
        assert {"shop_sale", "club_member"} <= set(inspect(connection).get_table_names())


def test_a_second_upgrade_does_nothing(url: str, tmp_path: Path) -> None:
    sources = [shop(tmp_path)]
    upgrade(url, sources)
    assert upgrade(url, sources) == []


def test_status_says_where_each_module_stands(url: str, tmp_path: Path) -> None:
    sources = [shop(tmp_path), club(tmp_path)]
    assert [(m.module, m.current, m.head, m.state) for m in status(url, sources)] == [
        ("shop", None, "0002", "behind"),
        ("club", None, "0001", "behind"),
    ]
    upgrade(url, sources)
    assert {m.state for m in status(url, sources)} == {"current"}


def test_a_module_taken_away_does_not_disturb_the_others(url: str, tmp_path: Path) -> None:
    upgrade(url, [shop(tmp_path), club(tmp_path)])
    assert upgrade(url, [shop(tmp_path)]) == []
    require_current(url, [shop(tmp_path)])


def test_starting_on_older_tables_is_refused(url: str, tmp_path: Path) -> None:
    upgrade(url, [shop(tmp_path, steps=1)])
    with pytest.raises(SchemaBehind, match=r"shop \(0001 -> 0002\).*huikuan db upgrade"):
        require_current(url, [shop(tmp_path)])


def test_older_code_refuses_newer_tables(url: str, tmp_path: Path) -> None:
    upgrade(url, [shop(tmp_path)])
    (tmp_path / "shop" / "0002_step.py").unlink()
    old = MigrationSource("shop", tmp_path / "shop")
    with pytest.raises(SchemaNewer, match=r"shop \(tables at 0002, code at 0001\)"):
        require_current(url, [old])
    with pytest.raises(SchemaNewer):
        upgrade(url, [old])


def test_a_rebuilt_table_keeps_its_checks_and_rows(url: str, tmp_path: Path) -> None:
    upgrade(url, [shop(tmp_path)])
    add_note = """
import sqlalchemy as sa
from alembic import op
revision = "0003"
down_revision = "0002"
def upgrade():
    with op.batch_alter_table("shop_sale") as batch:
        batch.alter_column("note", nullable=True, existing_type=sa.String())
"""
    upgrade(url, [write_source(tmp_path, "shop", SHOP_1, SHOP_2, add_note)])
    with connect(url) as connection, pytest.raises(IntegrityError, match="ck_shop_sale_total"):
        zero = "00000000-0000-0000-0000-000000000000"
        connection.execute(text(f"INSERT INTO shop_sale VALUES ('{zero}', '{zero}', 'x', -1)"))


def test_two_migrations_of_one_number_are_refused(tmp_path: Path) -> None:
    source = write_source(tmp_path, "shop", SHOP_1, SHOP_1)
    with pytest.raises(MigrationError, match=r"Module shop: .*0001.*Give one of them the next number"):
        upgrade(f"sqlite:///{tmp_path}/a.db", [source])


def test_two_migrations_that_follow_the_same_one_are_refused(tmp_path: Path) -> None:
    source = write_source(tmp_path, "shop", SHOP_1, SHOP_2, SHOP_2.replace('"0002"', '"0003"'))
    with pytest.raises(MigrationError, match="Module shop: 0002 and 0003 both follow"):
        upgrade(f"sqlite:///{tmp_path}/a.db", [source])


def test_a_migration_that_leaves_rows_pointing_nowhere_is_undone_on_sqlite(tmp_path: Path) -> None:
    zero = "0" * 32
    insert = f"INSERT INTO club_member VALUES ('{zero}', '{zero}', '{zero}')"
    orphan = CLUB_1 + f'    op.execute("{insert}")\n'
    sources = [shop(tmp_path), write_source(tmp_path, "club", orphan, requires=("shop",))]
    with pytest.raises(MigrationError, match="club_member toward shop_sale"):
        upgrade(f"sqlite:///{tmp_path}/a.db", sources)


def test_the_kernel_comes_first_and_requirements_before_those_who_require(tmp_path: Path) -> None:
    named = [
        MigrationSource("orders", tmp_path, ("customers", "products")),
        MigrationSource("products", tmp_path),
        MigrationSource("kernel", tmp_path),
        MigrationSource("customers", tmp_path),
    ]
    assert [s.module for s in in_order(named)] == ["kernel", "customers", "products", "orders"]


def test_a_missing_or_circular_requirement_is_named(tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match="Module orders requires customers"):
        in_order([MigrationSource("orders", tmp_path, ("customers",))])
    with pytest.raises(MigrationError, match="circle"):
        in_order([MigrationSource("a", tmp_path, ("b",)), MigrationSource("b", tmp_path, ("a",))])


def test_a_database_in_memory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match="in memory"):
        upgrade("sqlite://", [shop(tmp_path)])


def test_without_roles_the_remedy_is_named(postgres_database: str, tmp_path: Path) -> None:
    with pytest.raises(RoleError, match=r"no role 'absent_owner'. Run `huikuan db init"):
        upgrade(postgres_database, [shop(tmp_path)], roles=Roles.prefixed("absent"))


def test_templates_give_each_test_its_own_database(
    tmp_path: Path, postgres_server: PostgresServer, database_templates: DatabaseTemplates
) -> None:
    sources = [shop(tmp_path)]
    for n in range(2):
        require_current(database_templates.sqlite(sources, tmp_path / f"{n}.db"), sources)
        with database_templates.postgres(postgres_server, sources) as urls:
            require_current(urls.app, sources)
