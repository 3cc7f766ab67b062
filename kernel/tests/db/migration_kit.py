"""Two small modules with migrations, and processes that are killed in the middle of an upgrade."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from huikuan.db.migrate import MigrationSource

SHOP_1 = """
import sqlalchemy as sa
from alembic import op
from huikuan.db import types

revision = "0001"
down_revision = None


def upgrade():
    op.create_tenant_table(
        "shop_sale",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_shop_sale"),
    )
    op.create_index("ix_shop_sale_tenant_id_note", "shop_sale", ["tenant_id", "note"])
"""

SHOP_2 = """
import sqlalchemy as sa
from alembic import op
from huikuan.db import types
from huikuan.db.operations import rows_of_all_tenants

revision = "0002"
down_revision = "0001"


def upgrade():
    with op.batch_alter_table("shop_sale") as batch:
        batch.add_column(sa.Column("total", types.Amount(), nullable=True))
    with rows_of_all_tenants(op, "shop_sale"):
        op.execute("UPDATE shop_sale SET total = 10000")
    with op.batch_alter_table("shop_sale") as batch:
        batch.alter_column("total", nullable=False, existing_type=types.Amount())
        batch.create_check_constraint("total", "total >= 0")
"""

CLUB_1 = """
import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.create_tenant_table(
        "club_member",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_club_member"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sale_id"], ["shop_sale.tenant_id", "shop_sale.id"], name="fk_club_member_sale",
        ),
    )
"""

BROKEN = """
import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    op.add_column("shop_sale", sa.Column("extra", sa.String()))
    op.execute("INSERT INTO nowhere VALUES (1)")
"""


def write_source(folder: Path, module: str, *files: str, requires: tuple[str, ...] = ()) -> MigrationSource:
    """A module's migrations as files, numbered from 0001."""
    directory = folder / module
    directory.mkdir(exist_ok=True)
    for number, content in enumerate(files, start=1):
        (directory / f"{number:04d}_step.py").write_text(content)
    return MigrationSource(module, directory, requires)


def shop(folder: Path, *, steps: int = 2) -> MigrationSource:
    return write_source(folder, "shop", *(SHOP_1, SHOP_2)[:steps])


def club(folder: Path) -> MigrationSource:
    return write_source(folder, "club", CLUB_1, requires=("shop",))


class UpgradeKiller:
    """Runs upgrades in processes of their own; each is killed at its n-th statement (kill -9)."""

    _LOOP = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import Engine, event
from huikuan.db.migrate import MigrationSource, upgrade

def die_at(n):
    seen = 0
    def count(*_):
        nonlocal seen
        seen += 1
        if seen == n:
            os.kill(os.getpid(), signal.SIGKILL)
    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)

for line in sys.stdin:
    url, n, *sources = line.rstrip("\\n").split("\\t")
    pid = os.fork()
    if pid == 0:
        die_at(int(n))
        found = [s.split("|") for s in sources]
        upgrade(url, [MigrationSource(m, Path(d), tuple(r.split())) for m, d, r in found])
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""

    def __enter__(self) -> UpgradeKiller:
        self._process = subprocess.Popen(
            [sys.executable, "-c", self._LOOP], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def upgrade(self, url: str, sources: list[MigrationSource], *, kill_at: int) -> bool:
        """True if the process was killed, False if the upgrade ended before that statement."""
        assert self._process.stdin is not None and self._process.stdout is not None
        described = [f"{s.module}|{s.directory}|{' '.join(s.requires)}" for s in sources]
        print("\t".join([url, str(kill_at), *described]), file=self._process.stdin, flush=True)
        code = int(self._process.stdout.readline())
        assert code in (0, -9), f"the upgrade failed by itself with {code}"
        return code == -9
