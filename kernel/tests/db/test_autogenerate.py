"""`revision` writes what the models of one module hold and its migrations do not, and nothing of the others."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import MetaData, text

from huikuan.db import Mapped, TenantModel, amount, index, mapped_column, state, tenant_fk, unique
from huikuan.db.admin import connect
from huikuan.db.autogenerate import pending_changes, revision
from huikuan.db.base import NAMING
from huikuan.db.migrate import MigrationSource, upgrade
from huikuan.db.rls import unfenced_tables
from huikuan.db.roles import init_roles


class BakeryState(Enum):
    DRAFT = "being written"
    POSTED = "fixed"


class Bakery(TenantModel):
    """Models of these tests, apart from the product's."""

    __abstract__ = True
    metadata = MetaData(naming_convention=NAMING)


class Bread(Bakery):
    __module_name__ = "bakery"
    name: Mapped[str]
    price: Mapped[Decimal] = amount()
    state: Mapped[BakeryState] = state(BakeryState)
    __table_args__ = (unique("name"), {"info": {"draft_when": "state = 'DRAFT'"}})


class Slice(Bakery):
    __module_name__ = "toaster"
    bread_id: Mapped[UUID] = tenant_fk("bakery_bread")
    thickness: Mapped[int] = mapped_column(default=1)
    __table_args__ = (index("thickness"),)


@pytest.fixture
def sources(tmp_path: Path) -> Iterator[list[MigrationSource]]:
    for name in ("bakery", "toaster"):
        (tmp_path / name).mkdir()
    yield [
        MigrationSource("bakery", tmp_path / "bakery"),
        MigrationSource("toaster", tmp_path / "toaster", ("bakery",)),
    ]


def write(source: MigrationSource, sources: list[MigrationSource], message: str = "First tables") -> Path | None:
    return revision(source, message, sources=sources, metadata=Bakery.metadata)


def test_a_module_gets_its_own_tables_alone(sources: list[MigrationSource]) -> None:
    bakery, toaster = (write(source, sources) for source in sources)
    assert bakery is not None and toaster is not None
    assert bakery.name == "0001_first_tables.py"
    assert "slice" not in bakery.read_text()
    assert "create_tenant_table" in toaster.read_text()
    assert "'bakery_bread'," not in read(toaster), "a foreign key names it, nothing creates it"


def read(path: Path) -> str:
    """A migration in one form, whether or not a formatter was there when it was written."""
    return ast.unparse(ast.parse(path.read_text()))


def test_what_is_written_matches_the_models(sources: list[MigrationSource]) -> None:
    for source in sources:
        assert pending_changes(source, sources=sources, metadata=Bakery.metadata) != []
        write(source, sources)
        assert pending_changes(source, sources=sources, metadata=Bakery.metadata) == []
        assert write(source, sources, "Again") is None, "also no foreign key of another module is taken away"


def test_it_reads_like_a_hand_written_one(sources: list[MigrationSource]) -> None:
    path = write(sources[0], sources)
    assert path is not None
    written = read(path)
    assert path.read_text().startswith('"""First tables"""\n')
    assert "sa.Column('price', types.Amount(), nullable=False)" in written
    assert "name=op.f('uq_bakery_bread_tenant_id_name')" in written
    assert "draft_when=\"state = 'DRAFT'\"" in written
    assert "###" not in path.read_text()


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_it_runs(dialect: str, sources: list[MigrationSource], tmp_path: Path, request: pytest.FixtureRequest) -> None:
    for source in sources:
        write(source, sources)
    url = f"sqlite:///{tmp_path}/a.db"
    if dialect == "postgresql":
        url = request.getfixturevalue("postgres_database")
        init_roles(url)
    upgrade(url, sources)
    with connect(url) as connection:
        assert connection.scalar(text("SELECT count(*) FROM toaster_slice")) == 0
        assert dialect == "sqlite" or unfenced_tables(connection) == []


def test_a_column_that_is_gone_and_one_that_is_new_are_found(sources: list[MigrationSource]) -> None:
    path = write(sources[0], sources)
    assert path is not None
    path.write_text(read(path).replace("sa.Column('name',", "sa.Column('old_name',").replace("'name',", "'old_name',"))
    changes = pending_changes(sources[0], sources=sources, metadata=Bakery.metadata)
    assert any("add_column" in change and "name" in change for change in changes)
    second = write(sources[0], sources, "Rename")
    assert second is not None
    assert second.name == "0002_rename.py"
    assert "batch_op.drop_column('old_name')" in read(second)


def test_a_table_without_model_is_dropped_by_its_own_module(sources: list[MigrationSource]) -> None:
    for source in sources:
        write(source, sources)
    rest = MetaData(naming_convention=NAMING)
    Bread.__table__.to_metadata(rest)  # type: ignore[attr-defined]
    path = revision(sources[1], "Drop", sources=sources, metadata=rest)
    assert path is not None
    assert "op.drop_table('toaster_slice')" in read(path)
    assert "bakery" not in path.read_text()


def test_a_new_state_of_an_enum_is_found(sources: list[MigrationSource], tmp_path: Path) -> None:
    path = write(sources[0], sources)
    assert path is not None
    path.write_text(read(path).replace("'POSTED'", "'FINISHED'"))
    second = write(sources[0], sources, "New state")
    assert second is not None
    assert "state IN ('DRAFT', 'POSTED')" in read(second)
    assert pending_changes(sources[0], sources=sources, metadata=Bakery.metadata) == []
