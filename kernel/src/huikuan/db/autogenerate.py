"""Writes migrations: compares a module's models with what its migrations make of an empty database."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic.autogenerate import RevisionContext
from alembic.autogenerate.api import AutogenContext
from alembic.autogenerate.rewriter import Rewriter
from alembic.config import Config
from alembic.operations import ops
from alembic.runtime.environment import EnvironmentContext
from sqlalchemy import Connection, MetaData

from huikuan.db.admin import connect
from huikuan.db.base import Base
from huikuan.db.compare_checks import PLUGIN as CHECKS
from huikuan.db.migrate import upgrade
from huikuan.db.operations import CreateTenantTable
from huikuan.db.revisions import KERNEL, MigrationSource, script_of
from huikuan.db.rls import Fence

__all__ = ["pending_changes", "revision"]

_writer = Rewriter()


def revision(
    source: MigrationSource,
    message: str,
    *,
    sources: Sequence[MigrationSource],
    metadata: MetaData = Base.metadata,
) -> Path | None:
    """Write the module's next migration and return its file; None if the models hold nothing new.

    `sources` are all installed ones; the models of `source` and of what it requires must be imported.
    Read the file before committing it: a rename looks like a drop and an add, and data steps are yours.
    """
    context = _compare(source, message, sources, metadata)
    scripts = [script for script in context.generate_scripts() if script is not None]
    if not scripts:
        return None
    path = Path(scripts[0].path)
    _tidy(path)
    return path


def pending_changes(
    source: MigrationSource, *, sources: Sequence[MigrationSource], metadata: MetaData = Base.metadata
) -> list[str]:
    """What the models hold and the migrations do not, in words; empty if they match."""
    changes: list[str] = []
    for script in _compare(source, "", sources, metadata).generated_revisions:
        for upgrade_ops in script.upgrade_ops_list:
            changes += [_describe(diff) for diff in upgrade_ops.as_diffs()]
    return changes


def _compare(
    source: MigrationSource, message: str, sources: Sequence[MigrationSource], metadata: MetaData
) -> RevisionContext:
    script = script_of(source)
    config = Config()
    number = len(list(script.walk_revisions())) + 1
    arguments = {
        "message": message,
        "rev_id": f"{number:04d}",
        "head": "head",
        "autogenerate": True,
        "sql": False,
        "splice": False,
        "branch_label": None,
        "version_path": None,
        "depends_on": None,
    }
    context = RevisionContext(config, script, arguments)

    def compare(heads: Any, migration: Any) -> list[Any]:
        context.run_autogenerate(heads, migration)
        return []

    with _scratch(source, sources) as connection:
        config.attributes["connection"] = connection
        config.attributes["options"] = _options(source, metadata)
        with EnvironmentContext(config, script, fn=compare):
            script.run_env()
    return context


@contextmanager
def _scratch(source: MigrationSource, sources: Sequence[MigrationSource]) -> Iterator[Connection]:
    """An empty database, brought to the heads of the module and of what it requires."""
    by_name = {s.module: s for s in [*sources, source]}
    needed, waiting = {}, [source.module, *({KERNEL} & by_name.keys())]
    while waiting:
        name = waiting.pop()
        if name not in needed and name in by_name:
            needed[name] = by_name[name]
            waiting += by_name[name].requires
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/scratch.db"
        upgrade(url, list(needed.values()))
        with connect(url) as connection:
            yield connection


def _options(source: MigrationSource, metadata: MetaData) -> dict[str, Any]:
    owners = {table.name: table.info.get("module") for table in metadata.tables.values()}

    def is_ours(name: str | None) -> bool:
        # A table without a model was the module's, if it bears its name: then its model is gone.
        return (owners[name] if name in owners else _prefix_owner(name)) == source.module

    def _prefix_owner(name: str | None) -> str | None:
        fits = str(name).startswith(f"{source.module}_") and not str(name).startswith("alembic_version_")
        return source.module if fits else None

    return {
        "version_table": source.version_table,
        "target_metadata": metadata,
        "render_as_batch": True,
        "compare_type": True,
        "autogenerate_plugins": ["alembic.autogenerate.*", CHECKS],
        # Both are needed: one chooses among the database's tables, the other among the models'.
        "include_name": lambda name, kind, _parents: kind != "table" or is_ours(name),
        "include_object": lambda thing, name, kind, _reflected, _other: kind != "table" or is_ours(name),
        "render_item": _render_type,
        "process_revision_directives": _process,
    }


def _process(context: Any, rev: Any, directives: list[Any]) -> None:
    _writer(context, rev, directives)
    if directives[0].upgrade_ops.is_empty():
        directives.clear()


@_writer.rewrites(ops.CreateTableOp)
def _fence(_context: Any, _revision: Any, operation: ops.CreateTableOp) -> Any:
    table = operation.to_table()
    operation.info = {}
    return CreateTenantTable(operation, Fence.of(table)) if table.info.get("tenant") else operation


def _render_type(kind: str, thing: Any, context: AutogenContext) -> str | bool:
    if kind == "type" and type(thing).__module__ == "huikuan.db.types":
        context.imports.add("from huikuan.db import types")
        return f"types.{type(thing).__name__}()"
    return False


def _describe(diff: Any) -> str:
    if isinstance(diff, list):
        return "; ".join(map(_describe, diff))
    return " ".join(str(getattr(part, "name", part)) for part in diff if part is not None)


def _tidy(path: Path) -> None:
    """Alembic renders long lines and marker comments; ruff sets the rest right where it is installed."""
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = (line.rstrip() for line in lines if not line.lstrip().startswith("# ###"))
    path.write_text("\n".join(kept).rstrip() + "\n", encoding="utf-8")
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    for command in (["check", "--fix"], ["format"]) if ruff else ():
        subprocess.run([str(ruff), *command, "--quiet", str(path)], check=False, capture_output=True)
