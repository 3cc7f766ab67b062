"""PostgreSQL's fence holds for raw SQL, whatever the code above it forgets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from huikuan.db.admin import connect
from huikuan.db.migrate import MigrationSource
from huikuan.db.rls import unfenced_tables
from huikuan.db.roles import RoleError, Roles, check_serving_role, init_roles
from huikuan.testing.databases import DatabaseTemplates, PostgresUrls
from huikuan.testing.postgres import PostgresServer
from kernel.tests.db.migration_kit import write_source

A, B = UUID(int=0xA), UUID(int=0xB)

TABLES = """
import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def table(name, **options):
    op.create_tenant_table(
        name,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("hash", sa.String()),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{name}"),
        **options,
    )


def upgrade():
    table("shop_sale")
    table("shop_job", system=True)
    table("shop_log", system=True, append_only=True, sealed=("hash",))
    table("shop_invoice", draft_when="state = 'DRAFT'")
    op.create_table("shop_unit", sa.Column("code", sa.String(), primary_key=True))
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> MigrationSource:
    return write_source(tmp_path_factory.mktemp("roles"), "shop", TABLES)


@pytest.fixture
def urls(
    source: MigrationSource, postgres_server: PostgresServer, database_templates: DatabaseTemplates
) -> Iterator[PostgresUrls]:
    with database_templates.postgres(postgres_server, [source]) as made:
        for tenant in (A, B):
            for table in ("shop_sale", "shop_job", "shop_log", "shop_invoice"):
                run(made.app, f"INSERT INTO {table} VALUES ('{tenant}', '{tenant}', 'DRAFT')", tenant)
        yield made


def run(url: str, statement: str, tenant: UUID | str | None = None, role: str | None = None) -> list[object]:
    """Run a statement as a client that knows how to set the tenant would; return rows, or the row count."""
    with connect(url) as connection, connection.begin():
        if tenant is not None:
            connection.exec_driver_sql(f"SET LOCAL app.tenant = '{tenant}'")
        if role is not None:
            connection.exec_driver_sql(f"SET LOCAL ROLE {role}")
        result = connection.exec_driver_sql(statement)
        return list(result.scalars()) if result.returns_rows else [result.rowcount]


@pytest.mark.parametrize("tenant", [None, "", UUID(int=0xC)], ids=["unset", "empty", "other"])
def test_without_tenant_or_with_another_there_are_no_rows(urls: PostgresUrls, tenant: UUID | str | None) -> None:
    assert run(urls.app, "SELECT tenant_id FROM shop_sale", tenant) == []
    assert run(urls.app, "UPDATE shop_sale SET state = 'X'", tenant) == [0]
    assert run(urls.app, "DELETE FROM shop_sale", tenant) == [0]


def test_a_tenant_reaches_its_own_rows_only(urls: PostgresUrls) -> None:
    assert run(urls.app, "SELECT tenant_id FROM shop_sale", A) == [A]
    assert run(urls.app, "UPDATE shop_sale SET state = 'X'", A) == [1]
    assert run(urls.app, "SELECT state FROM shop_sale", B) == ["DRAFT"]


@pytest.mark.parametrize(
    "statement",
    [
        f"INSERT INTO shop_sale VALUES ('{B}', '{UUID(int=1)}', 'X')",
        f"UPDATE shop_sale SET tenant_id = '{B}'",
    ],
    ids=["insert", "update"],
)
def test_a_row_of_another_tenant_cannot_be_written(urls: PostgresUrls, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"):
        run(urls.app, statement, A)


def test_the_owner_is_bound_too(urls: PostgresUrls) -> None:
    assert run(urls.owner, "SELECT tenant_id FROM shop_sale") == []


@pytest.mark.parametrize("statement", ["TRUNCATE shop_sale", "DROP TABLE shop_sale", "CREATE TABLE mine (id int)"])
def test_the_app_role_cannot_go_round_the_fence(urls: PostgresUrls, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        run(urls.app, statement, A)


def test_the_app_role_cannot_turn_the_fence_off(urls: PostgresUrls) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        run(urls.app, "SET LOCAL row_security = off; SELECT * FROM shop_sale", A)


def test_the_system_role_sees_every_tenant_where_the_table_says_so(urls: PostgresUrls) -> None:
    for url, role in [(urls.app, "huikuan_system"), (urls.system, None)]:
        assert run(url, "SELECT tenant_id FROM shop_job ORDER BY 1", role=role) == [A, B]
        assert run(url, "SELECT tenant_id FROM shop_sale", role=role) == []
    assert run(urls.app, "SELECT tenant_id FROM shop_job") == [], "only after switching to it"


def test_append_only_rows_stay_as_they_are_but_for_their_seal(urls: PostgresUrls) -> None:
    for statement in (
        "UPDATE shop_log SET state = 'X'",
        "UPDATE shop_log SET hash = 'X'",
        "DELETE FROM shop_log",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"):
            run(urls.app, statement, A)
    for statement in ("UPDATE shop_log SET state = 'X'", "DELETE FROM shop_log"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            run(urls.system, statement)
    assert run(urls.system, "UPDATE shop_log SET hash = 'X'") == [2]


def test_a_posted_document_cannot_be_changed_or_deleted(urls: PostgresUrls) -> None:
    assert run(urls.app, "UPDATE shop_invoice SET hash = 'changed as draft'", A) == [1]
    assert run(urls.app, "UPDATE shop_invoice SET state = 'POSTED'", A) == [1]
    assert run(urls.app, "UPDATE shop_invoice SET hash = 'changed later'", A) == [0]
    assert run(urls.app, "DELETE FROM shop_invoice", A) == [0]
    assert run(urls.app, "SELECT hash FROM shop_invoice", A) == ["changed as draft"]
    assert run(urls.app, "DELETE FROM shop_invoice", B) == [1], "a draft may go"


def test_every_table_with_a_tenant_has_the_fence(urls: PostgresUrls) -> None:
    with connect(urls.admin) as connection:
        assert unfenced_tables(connection) == []
        connection.execute(text("CREATE TABLE foreign_thing (tenant_id uuid, id uuid)"))
        connection.execute(text("ALTER TABLE shop_sale NO FORCE ROW LEVEL SECURITY"))
        assert unfenced_tables(connection) == ["foreign_thing", "shop_sale"]
        assert unfenced_tables(connection, ["foreign_thing"]) == ["shop_sale"]


def test_version_tables_are_written_by_the_owner_alone(urls: PostgresUrls) -> None:
    assert run(urls.app, "SELECT version_num FROM alembic_version_shop") == ["0001"]
    with pytest.raises(ProgrammingError, match="permission denied"):
        run(urls.app, "UPDATE alembic_version_shop SET version_num = '0009'")


def test_serving_as_superuser_or_owner_is_refused(urls: PostgresUrls) -> None:
    check_serving_role(urls.app)
    check_serving_role(create_engine(urls.system))
    with pytest.raises(RoleError, match=r"'postgres' is a superuser.*huikuan db init"):
        check_serving_role(urls.admin)
    with pytest.raises(RoleError, match="'huikuan_owner' owns the table"):
        check_serving_role(urls.owner)


def test_serving_as_a_role_that_bypasses_the_fence_is_refused(
    postgres_database: str, postgres_server: PostgresServer
) -> None:
    run(postgres_database, "CREATE ROLE bypassing LOGIN BYPASSRLS PASSWORD 'word'")
    name = postgres_database.rpartition("/")[2]
    with pytest.raises(RoleError, match="'bypassing' has BYPASSRLS"):
        check_serving_role(postgres_server.url(name, user="bypassing", password="word"))
    with pytest.raises(RoleError, match="choose another name"):
        init_roles(postgres_database, Roles(app="bypassing"))


def test_sqlite_has_no_roles_to_check(tmp_path: Path) -> None:
    check_serving_role(f"sqlite:///{tmp_path}/a.db")
    with pytest.raises(RoleError, match="PostgreSQL only"):
        init_roles(f"sqlite:///{tmp_path}/a.db")


def test_init_can_be_run_again_and_changes_a_password(postgres_database: str, postgres_server: PostgresServer) -> None:
    name, roles = postgres_database.rpartition("/")[2], Roles.prefixed("second")
    for word in ("one", "it's two"):
        init_roles(postgres_database, roles, app_password=word)
        assert run(postgres_server.url(name, user="second_app", password=word), "SELECT 1") == [1]
    init_roles(postgres_database, roles)
    assert run(postgres_server.url(name, user="second_app", password="it's two"), "SELECT 1") == [1]


def test_a_foreign_key_cannot_reach_another_tenant(urls: PostgresUrls) -> None:
    run(
        urls.owner,
        "CREATE TABLE shop_line (tenant_id uuid, sale_id uuid, "
        "FOREIGN KEY (tenant_id, sale_id) REFERENCES shop_sale (tenant_id, id))",
    )
    with pytest.raises(IntegrityError, match="foreign key"):
        run(urls.app, f"INSERT INTO shop_line VALUES ('{A}', '{B}')", A)
