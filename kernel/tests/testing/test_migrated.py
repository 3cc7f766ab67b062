"""What the fixture ``migrated_from`` rests on: rows reach earlier tables, and an upgrade that spoils one is seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from huikuan.db.admin import connect, transaction
from huikuan.db.migrate import MigrationSource, upgrade
from huikuan.testing.databases import DatabaseTemplates
from huikuan.testing.migrated import upgrade_with_rows
from kernel.tests.db.migration_kit import SHOP_1, SHOP_2, shop, write_source

KEY = "00000000-0000-0000-0000-000000000000"
AGAIN = """
from alembic import op
from huikuan.db.operations import rows_of_all_tenants

revision = "0003"
down_revision = "0002"


def upgrade():
    with rows_of_all_tenants(op, "shop_sale"):
        op.execute("{}")
"""


@dataclass(frozen=True)
class Pair:
    """Two rows in the newest tables, and empty tables of the revision before."""

    source: str
    target: str
    owner: str
    folder: Path

    def upgrade(self, *more: str, rewritten: tuple[str, ...] = ()) -> None:
        """The rows go through the second migration, and through these."""
        sources = [write_source(self.folder, "shop", SHOP_1, SHOP_2, *more)]
        upgrade_with_rows(self.source, self.target, lambda: upgrade(self.owner, sources), rewritten)

    def rows(self) -> list[tuple[str, int]]:
        with connect(self.target) as connection:
            return [tuple(row) for row in connection.execute(text("SELECT note, total FROM shop_sale ORDER BY note"))]


@pytest.fixture(params=["sqlite", "postgresql"])
def pair(request: pytest.FixtureRequest, tmp_path: Path, database_templates: DatabaseTemplates) -> Iterator[Pair]:
    folders = [tmp_path / name for name in ("later", "earlier", "upgraded")]
    for folder in folders:
        folder.mkdir()
    with ExitStack() as stack:

        def make(source: MigrationSource) -> tuple[str, str]:
            if request.param == "sqlite":
                url = database_templates.sqlite([source], source.directory.parent / "shop.db")
                return url, url
            server = request.getfixturevalue("postgres_server")
            urls = stack.enter_context(database_templates.postgres(server, [source]))
            return urls.admin, urls.owner

        later, _ = make(shop(folders[0]))
        earlier, owner = make(shop(folders[1], steps=1))
        with connect(later) as connection, transaction(connection):
            for number, note in enumerate("ab"):
                row = f"'{KEY[:-1]}{number}', '{KEY}', '{note}', {number}"
                connection.execute(text(f"INSERT INTO shop_sale (id, tenant_id, note, total) VALUES ({row})"))
        yield Pair(later, earlier, owner, folders[2])


def test_rows_get_what_the_migration_gives_them(pair: Pair) -> None:
    pair.upgrade()
    assert pair.rows() == [("a", 10000), ("b", 10000)]


@pytest.mark.parametrize(
    "statement", ["DELETE FROM shop_sale WHERE note = 'b'", "UPDATE shop_sale SET note = 'c' WHERE note = 'b'"]
)
def test_rows_that_are_lost_or_changed_are_seen(pair: Pair, statement: str) -> None:
    with pytest.raises(AssertionError, match="changed or lost rows of shop_sale"):
        pair.upgrade(AGAIN.format(statement))


def test_what_is_rewritten_on_purpose_is_named(pair: Pair) -> None:
    pair.upgrade(AGAIN.format("UPDATE shop_sale SET note = 'c' WHERE note = 'b'"), rewritten=("shop_sale.note",))
    assert pair.rows() == [("a", 10000), ("c", 10000)]
