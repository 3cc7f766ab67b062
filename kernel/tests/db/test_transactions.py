"""Each transaction has its isolation, its deadlines and its tenant, and ends as a whole."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import make_url, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InvalidRequestError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from huikuan.db import Database
from huikuan.db.connect import Deadlines
from huikuan.db.errors import SessionUseError
from huikuan.db.rls import Fence, tenant_fence
from huikuan.db.roles import Roles, init_roles
from huikuan.errors import SetupError
from huikuan.retry import is_lost
from huikuan.testing.postgres import PostgresServer, PostgresUnavailable
from kernel.tests.db.shop import CLOCK, MINE, THEIRS, Customer, RolledBack, create_tables, order, stock, trial


def names(database: Database) -> list[str]:
    with database.read(MINE) as session:
        return sorted(session.scalars(select(Customer.name)))


def test_a_command_commits_as_a_whole(database: Database) -> None:
    with database.command(MINE, CLOCK) as session:
        session.add(Customer(name="kept"))
    assert names(database) == ["MINE", "kept"]
    with pytest.raises(RolledBack), database.command(MINE, CLOCK) as session:
        session.add(Customer(name="lost"))
        session.flush()
        raise RolledBack
    with database.command(MINE, CLOCK) as session:
        session.delete(session.scalars(select(Customer).where(Customer.name == "kept")).one())
    assert names(database) == ["MINE"]


def test_a_savepoint_takes_back_only_its_own_part(database: Database) -> None:
    with trial(database) as session:
        session.add(order("a"))
        with pytest.raises(IntegrityError), session.begin_nested():
            session.add(order("a"))
            session.flush()
        session.add(order("b"))
        session.flush()


def test_a_command_whose_write_failed_does_not_commit(database: Database) -> None:
    with pytest.raises(InvalidRequestError), database.command(MINE, CLOCK) as session:
        session.add(Customer(name="half"))
        session.flush()
        session.add_all([order("a"), order("a")])
        with pytest.raises(IntegrityError):
            session.flush()
    assert names(database) == ["MINE"]


def test_a_read_sees_one_snapshot(database: Database) -> None:
    with database.read(MINE) as session:
        before = sorted(session.scalars(select(Customer.name)))
        with database.command(MINE, CLOCK) as other:
            added = Customer(name="meanwhile")
            other.add(added)
        assert sorted(session.scalars(select(Customer.name))) == before
    with database.command(MINE, CLOCK) as session:
        session.delete(session.get(Customer, added.id))


def test_the_system_works_across_tenants_and_commits(database: Database) -> None:
    with database.system(CLOCK) as session:
        assert {row.tenant_id for row in session.scalars(select(Customer))} == {MINE, THEIRS}
        session.add(Customer(tenant_id=MINE, name="by the system"))
    assert names(database) == ["MINE", "by the system"]
    with database.system(CLOCK) as session:
        session.execute(text("DELETE FROM shop_customer WHERE name = 'by the system'"))


def test_a_write_needs_a_clock(database: Database) -> None:
    with pytest.raises(SessionUseError, match="no clock"), database.system() as session:
        session.add(Customer(tenant_id=MINE, name="x"))


def test_the_transaction_is_one_and_the_same_to_its_end(database: Database) -> None:
    with trial(database) as session:
        begun = session.get_transaction()
        session.scalars(select(Customer)).all()
        with session.begin_nested():
            session.add(Customer(name="x"))
        assert session.get_transaction() is begun


def test_more_transactions_than_connections_are_refused_soon(database_url: str, database: Database) -> None:
    small = Database(database_url, pool_size=1, pool_timeout=0.05)
    with small.read(MINE) as session, pytest.raises(PoolTimeout), small.read(MINE):
        session.scalars(select(Customer)).all()
    small.dispose()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x"])
def test_a_database_that_cannot_serve_is_refused(url: str) -> None:
    with pytest.raises(SetupError, match="sqlite:///"):
        Database(url)


class TestPostgres:
    """What only PostgreSQL has."""

    @pytest.fixture
    def database(self, postgres_database: str) -> Any:
        database = Database(postgres_database, deadlines=Deadlines(lock=0.1, statement=0.2, idle=0.2))
        create_tables(database)
        yield database
        database.dispose()

    @staticmethod
    def setting(session: Any, name: str) -> str:
        return str(session.get_bind().exec_driver_sql(f"SHOW {name}").scalar())

    @staticmethod
    def end_the_others(database: Database) -> None:
        """End every session but the one that does it, which is the login's: the system's role may not."""
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        with database.engine.connect() as connection:
            connection.exec_driver_sql(f"{others} AND pid <> pg_backend_pid() AND backend_type = 'client backend'")

    def test_isolation_and_tenant_of_each_kind(self, postgres_database: str) -> None:
        bare = Database(postgres_database, guard=False)
        with bare.command(MINE, CLOCK) as session:
            assert self.setting(session, "transaction_isolation") == "read committed"
            assert self.setting(session, "app.tenant") == str(MINE)
            assert self.setting(session, "timezone") == "UTC"
            assert self.setting(session, "lock_timeout") == "3s"
            assert self.setting(session, "statement_timeout") == "10s"
            assert self.setting(session, "idle_in_transaction_session_timeout") == "15s"
        with bare.read(THEIRS) as session:
            assert self.setting(session, "transaction_isolation") == "repeatable read"
            assert self.setting(session, "transaction_read_only") == "on"
            assert self.setting(session, "app.tenant") == str(THEIRS)
        with bare.read(None) as session:
            assert self.setting(session, "app.tenant") == ""
        bare.dispose()

    def test_the_tenant_does_not_outlive_its_transaction(self, postgres_database: str) -> None:
        bare = Database(postgres_database, guard=False, pool_size=1)
        for number in range(100):
            tenant_id = (MINE, THEIRS)[number % 2]
            with bare.read(tenant_id) as session:
                assert self.setting(session, "app.tenant") == str(tenant_id)
            with bare.system() as system:
                assert system.execute(text("SHOW app.tenant")).scalar() == ""
        bare.dispose()

    def test_a_statement_that_runs_too_long_is_ended(self, database: Database) -> None:
        with pytest.raises(DBAPIError, match="statement timeout"), database.system() as session:
            session.execute(text("SELECT pg_sleep(5)"))

    def test_a_connection_that_was_lost_in_the_pool_is_replaced(self, database: Database) -> None:
        with database.read(MINE) as session:
            session.scalars(select(Customer)).all()
        self.end_the_others(database)
        with database.system() as one, database.read(MINE) as two:
            assert one.execute(text("SELECT 1")).scalar() == 1
            assert two.scalars(select(Customer)).all() == []

    def test_a_connection_that_is_lost_during_a_read_takes_back_nothing_that_was_read(self, database: Database) -> None:
        with database.read(MINE) as session:
            assert session.scalars(select(Customer)).all() == []
            self.end_the_others(database)
        with database.read(MINE) as session:
            assert session.scalars(select(Customer)).all() == []
            self.end_the_others(database)
            for _ in range(2):
                with pytest.raises(SQLAlchemyError) as lost:
                    session.scalars(select(Customer)).all()
                assert is_lost(lost.value)
        with database.read(MINE) as session:
            assert session.scalars(select(Customer)).all() == []

    def test_a_connection_that_is_lost_before_a_commit_is_told(self, database: Database) -> None:
        with pytest.raises(SQLAlchemyError) as lost, database.command(MINE, CLOCK):
            self.end_the_others(database)
        assert is_lost(lost.value)

    def test_after_a_crash_of_the_server_work_goes_on(self) -> None:
        try:
            server = PostgresServer()
        except PostgresUnavailable as error:
            pytest.skip(str(error))
        with server:
            database = Database(server.create_database("shop"))
            create_tables(database)
            with database.command(MINE, CLOCK) as session:
                session.add(Customer(name="kept"))
            server.kill()
            server.start()
            assert names(database) == ["kept"]
            database.dispose()

    def test_a_superuser_keeps_its_rights_where_only_another_database_knows_the_systems_role(
        self, postgres_database: str, postgres_server: PostgresServer
    ) -> None:
        """Roles belong to the whole server; what one database grants them, the next one does not."""
        roles, name = Roles.prefixed("neighbour"), "neighbour_of_the_superuser"
        init_roles(postgres_server.create_database(name), roles)
        database = Database(postgres_database, system_role=roles.system)
        create_tables(database)
        stock(database)
        with database.system() as session:
            assert session.execute(text("SELECT count(*) FROM shop_customer")).scalar() == 2
        database.dispose()
        postgres_server.drop_database(name)

    def test_the_role_that_serves_is_fenced_and_switches_for_the_systems_work(
        self, postgres_database: str, postgres_server: PostgresServer
    ) -> None:
        roles = Roles.prefixed("fenced")
        init_roles(postgres_database, roles, owner_password="o", app_password="a")
        name = str(make_url(postgres_database).database)
        owner = Database(postgres_server.url(name, user=roles.owner, password="o"), guard=False)
        create_tables(owner)
        stock(owner)
        with owner.system() as session:
            for statement in tenant_fence("shop_customer", Fence(system=True), roles):
                session.execute(text(statement))
        serving = postgres_server.url(name, user=roles.app, password="a")
        app = Database(serving, guard=False, system_role=roles.system)
        everything = text("SELECT name FROM shop_customer ORDER BY name")
        for tenant_id, seen in ((MINE, ["MINE"]), (THEIRS, ["THEIRS"]), (None, [])):
            with app.read(tenant_id) as guarded:
                bare: Any = guarded.get_bind()
                assert bare.execute(everything).scalars().all() == seen
        with app.system() as session:
            assert session.scalars(everything).all() == ["MINE", "THEIRS"]
        owner.dispose()
        app.dispose()
