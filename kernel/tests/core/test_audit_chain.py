"""The audit trail is a chain: whatever somebody does to its rows past the product, an invariant names one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import Connection

from huikuan import new_id
from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.core import audit
from huikuan.core.models import AuditEntry
from huikuan.core.module import migration_sources
from huikuan.db import Database
from huikuan.db.admin import connect, transaction
from huikuan.testing.databases import DatabaseTemplates
from huikuan.testing.shop import Shop, make_shop
from kernel.tests.core.kit import rows


class Vault:
    """A shop, and the way of somebody with all rights to its database."""

    def __init__(self, shop: Shop, admin_url: str) -> None:
        self.shop = shop
        self._url = admin_url

    def tamper(self, *statements: str, **values: Any) -> None:
        """Change rows by plain SQL, past every rule of the product."""
        with connect(self._url) as connection, transaction(connection):
            for statement in statements:
                self._run(connection, statement, values)

    def _run(self, connection: Connection, statement: str, values: dict[str, Any]) -> None:
        found = statement.format(**{name: self._quoted(value) for name, value in values.items()})
        touched = connection.exec_driver_sql(found).rowcount
        assert touched > 0 or statement.startswith("CREATE"), found

    def _quoted(self, value: Any) -> str:
        text = value.hex if self.shop.dialect == "sqlite" and hasattr(value, "hex") else str(value)
        return f"'{text}'"

    def restore(self) -> None:
        """Undo whatever was done since the fixture."""
        names = ", ".join(column.name for column in AuditEntry.__table__.columns)
        self.tamper(
            "DELETE FROM kernel_audit_entry",
            f"INSERT INTO kernel_audit_entry ({names}) SELECT {names} FROM kept",
        )

    def broken(self) -> list[Any]:
        """Rows that the invariant names."""
        return [row for found in self.shop.check() if found.name == "kernel.audit-chain" for row in found.first]

    def trail(self) -> list[AuditEntry]:
        return sorted((row for row in rows(self.shop, AuditEntry) if row.position), key=lambda row: row.position)


@pytest.fixture(params=["sqlite", "postgresql"])
def vault(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    modules: ModuleCatalog,
    database_templates: DatabaseTemplates,
    signing_keys: KeyRing,
    behaviour: object,
) -> Iterator[Vault]:
    sources = migration_sources(modules)
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = admin = database_templates.sqlite(sources, tmp_path / "vault.db")
            database = Database(url, sqlite_synchronous="OFF")
        else:
            server = request.getfixturevalue("postgres_server")
            urls = stack.enter_context(database_templates.postgres(server, sources))
            admin, database = urls.admin, Database(urls.app, system_url=urls.system)
        stack.callback(database.dispose)
        shop = make_shop(database, modules, ("shelf", "label"), keys=signing_keys)
        for count in range(6):
            shop.run("item_add", code=f"i{count}")
        shop.work()
        vault = Vault(shop, admin)
        vault.tamper("CREATE TABLE kept AS SELECT * FROM kernel_audit_entry")
        yield vault


def test_the_sealer_gives_every_row_its_place(vault: Vault) -> None:
    shop = vault.shop
    trail = vault.trail()
    assert [row.position for row in trail] == list(range(1, len(trail) + 1))
    assert trail[0].previous_hash == ""
    assert [row.previous_hash for row in trail[1:]] == [row.hash for row in trail[:-1]]
    assert vault.broken() == []
    shop.run("item_add", code="more")
    assert rows(shop, AuditEntry)[-1].position is None
    shop.pass_time(minutes=1)
    shop.work()
    assert {row.position is not None for row in rows(shop, AuditEntry, command="item_add")} == {True}
    assert shop.check() == []


CHANGES = {
    "actor_name": "'somebody else'",
    "actor_id": "{other}",
    "outcome": "'REFUSED'",
    "command": "'item_post'",
    "module": "'label'",
    "input": """'{{"code": "other"}}'""",
    "changes": "'[]'",
    "at": "'2026-01-05 08:00:00.000000'",
    "request_id": "'another'",
    "subject_id": "{other}",
    "parent_id": "{other}",
    "hash": "previous_hash",
    "previous_hash": "hash",
    "position": "1000",
}


def test_a_change_of_any_part_is_found(vault: Vault) -> None:
    row, other = vault.trail()[2], vault.trail()[4]
    for name, value in CHANGES.items():
        vault.tamper(f"UPDATE kernel_audit_entry SET {name} = {value} WHERE id = {{id}}", id=row.id, other=other.id)
        assert row.id in vault.broken() or name == "position", name
        assert vault.broken(), name
        vault.restore()
        assert vault.broken() == []


def test_a_row_that_is_gone_is_found_by_its_follower(vault: Vault) -> None:
    trail = vault.trail()
    for gone, follower in ((trail[0], trail[1]), (trail[3], trail[4])):
        vault.tamper("DELETE FROM kernel_audit_entry WHERE id = {id}", id=gone.id)
        assert vault.broken() == [follower.id]
        vault.restore()


def test_a_row_that_was_put_in_is_found(vault: Vault) -> None:
    """With its followers moved up, and with links of its own making."""
    trail = vault.trail()
    names = ", ".join(column.name for column in AuditEntry.__table__.columns if column.name not in ("id", "position"))
    vault.tamper(
        "UPDATE kernel_audit_entry SET position = position + 1000 WHERE position > 3",
        f"INSERT INTO kernel_audit_entry (id, position, {names}) "
        f"SELECT {{new}}, 4, {names} FROM kernel_audit_entry WHERE id = {{like}}",
        "UPDATE kernel_audit_entry SET position = position - 999 WHERE position > 1000",
        new=new_id(),
        like=trail[2].id,
    )
    (forged,) = {row.id for row in vault.trail()} - {row.id for row in trail}
    assert vault.broken()[0] == forged


def test_two_rows_that_traded_places_are_found(vault: Vault) -> None:
    third, fourth = vault.trail()[2:4]
    vault.tamper(
        "UPDATE kernel_audit_entry SET position = 999 WHERE id = {third}",
        "UPDATE kernel_audit_entry SET position = 3 WHERE id = {fourth}",
        "UPDATE kernel_audit_entry SET position = 4 WHERE id = {third}",
        third=third.id,
        fourth=fourth.id,
    )
    assert vault.broken()[:2] == [fourth.id, third.id]


def test_a_trail_cut_short_shows_against_the_head_in_the_log(vault: Vault) -> None:
    def head() -> tuple[int, str]:
        with vault.shop.reading() as ctx:
            return audit.chain_head(ctx)

    last = vault.trail()[-1]
    assert head() == (last.position, last.hash)
    vault.tamper("DELETE FROM kernel_audit_entry WHERE id = {id}", id=last.id)
    assert vault.broken() == []
    assert head() != (last.position, last.hash)
    job, _ = vault.shop.scope.composition.jobs["kernel.log_audit_head"]
    with structlog.testing.capture_logs() as said, vault.shop.writing() as ctx:
        job.function(ctx)
    assert (said[0]["position"], said[0]["hash"]) == head()


def test_other_tenants_chains_are_their_own(vault: Vault) -> None:
    other = vault.shop.other_tenant("shelf")
    other.run("item_add", code="theirs")
    other.work()
    row = vault.trail()[1]
    vault.tamper("UPDATE kernel_audit_entry SET outcome = 'x' WHERE id = {id}", id=row.id)
    assert vault.broken() == [row.id]
    assert other.check() == []


def test_a_long_chain_is_read_in_parts(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "BATCH", 2)
    assert vault.broken() == []
    row = vault.trail()[4]
    vault.tamper("UPDATE kernel_audit_entry SET outcome = 'x' WHERE id = {id}", id=row.id)
    assert vault.broken() == [row.id]
