"""Migrations: each module brings its own chain of revisions and has its own version table.

So a module can be installed, upgraded and taken away without the others' chains noticing. On PostgreSQL every
step is one transaction; on SQLite the whole upgrade is. So after a kill at any moment the next run reaches
the head from what it finds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, MetaData, inspect

from huikuan.db import sqlite_copy
from huikuan.db.admin import connect, parse_url, quote, transaction
from huikuan.db.base import NAMING
from huikuan.db.migration_errors import MigrationError, SchemaBehind, SchemaNewer
from huikuan.db.operations import ROLES_OPTION
from huikuan.db.revisions import KERNEL_SOURCE, MigrationSource, in_order, script_of, steps_to_head
from huikuan.db.roles import DEFAULT_ROLES, RoleError, Roles

__all__ = ["KERNEL_SOURCE", "MigrationSource", "ModuleStatus", "require_current", "status", "upgrade"]

_LOCK_KEY = 0x48_55_49_4B_55_41_4E  # "HUIKUAN", one upgrade per PostgreSQL database
_ALEMBIC = threading.RLock()  # Alembic keeps its current environment in module globals

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ModuleStatus:
    """Where a module's tables stand; ``newer`` means a later version of the module has been here."""

    module: str
    current: str | None
    head: str | None
    state: Literal["current", "behind", "newer", "interrupted"]


def upgrade(
    url: str | URL,
    sources: Sequence[MigrationSource],
    *,
    roles: Roles = DEFAULT_ROLES,
    progress: Progress | None = None,
) -> list[str]:
    """Bring the tables of all `sources` to their heads; return the steps taken, such as ``orders 0002``.

    On PostgreSQL `url` is that of the owner role, or of a superuser. A failed or killed run is run again.
    """
    ordered = in_order(sources)
    tell = progress or (lambda _line: None)
    with _ALEMBIC:
        if parse_url(url).get_backend_name() == "sqlite":
            return _upgrade_sqlite(parse_url(url), ordered, roles, tell)
        with connect(url) as connection:
            return _upgrade_postgresql(connection, ordered, roles, tell)


def status(target: Engine | URL | str, sources: Sequence[MigrationSource]) -> list[ModuleStatus]:
    """Where the tables of each module stand, in dependency order."""
    ordered = in_order(sources)
    url = parse_url(target)
    interrupted = False
    if url.get_backend_name() == "sqlite":
        file = sqlite_copy.file_of(url)
        if not file.exists():
            return [_module_status(source, (), False) for source in ordered]
        interrupted = sqlite_copy.was_interrupted(file)
    with connect(url) as connection:
        tables = set(inspect(connection).get_table_names())
        heads = {s.module: _heads(connection, s) if s.version_table in tables else () for s in ordered}
    return [_module_status(source, heads[source.module], interrupted) for source in ordered]


def require_current(target: Engine | URL | str, sources: Sequence[MigrationSource]) -> None:
    """Raise unless every module's tables are exactly those that the installed code was written for."""
    found = status(target, sources)
    if any(module.state == "interrupted" for module in found):
        raise SchemaBehind("An upgrade of this database is running or was interrupted: run `huikuan db upgrade`.")
    _refuse_newer(found)
    behind = [f"{m.module} ({m.current or 'nothing'} -> {m.head})" for m in found if m.state == "behind"]
    if behind:
        raise SchemaBehind(f"Tables are behind the code: {', '.join(behind)}. Run `huikuan db upgrade`.")


def _refuse_newer(found: Sequence[ModuleStatus]) -> None:
    newer = [f"{m.module} (tables at {m.current}, code at {m.head})" for m in found if m.state == "newer"]
    if newer:
        raise SchemaNewer(
            f"Tables are newer than the code: {', '.join(newer)}. Install the version that made them, or a later one."
        )


def _module_status(source: MigrationSource, heads: tuple[str, ...], interrupted: bool) -> ModuleStatus:
    script = script_of(source)
    head, current = script.get_current_head(), ", ".join(heads) or None
    known = {revision.revision for revision in script.walk_revisions()}
    if not known.issuperset(heads):
        return ModuleStatus(source.module, current, head, "newer")
    if interrupted:
        return ModuleStatus(source.module, current, head, "interrupted")
    return ModuleStatus(source.module, current, head, "current" if current == head else "behind")


def _heads(connection: Connection, source: MigrationSource) -> tuple[str, ...]:
    context = MigrationContext.configure(connection, opts={"version_table": source.version_table})
    return context.get_current_heads()


def _upgrade_sqlite(url: URL, ordered: Sequence[MigrationSource], roles: Roles, tell: Progress) -> list[str]:
    file = sqlite_copy.file_of(url)
    if _is_done(url, ordered):
        return []
    with sqlite_copy.exclusive(file):
        if sqlite_copy.was_interrupted(file):
            _recover(url, file, ordered, tell)
        if _is_done(url, ordered):
            return []
        try:
            with connect(url) as connection, transaction(connection):
                taken = _run_all(connection, file, ordered, roles, tell)
        except BaseException:
            sqlite_copy.recover(file)
            raise
        sqlite_copy.finish(file)
    return taken


def _recover(url: URL, file: Path, ordered: Sequence[MigrationSource], tell: Progress) -> None:
    if all(module.current == module.head for module in status(url, ordered)):
        sqlite_copy.finish(file)  # killed between its commit and its last word
    else:
        tell("the last upgrade was interrupted: starting again from before it")
        sqlite_copy.recover(file)


def _is_done(url: URL, ordered: Sequence[MigrationSource]) -> bool:
    found = status(url, ordered)
    _refuse_newer(found)
    return all(module.state == "current" for module in found)


def _run_all(
    connection: Connection, file: Path, ordered: Sequence[MigrationSource], roles: Roles, tell: Progress
) -> list[str]:
    sqlite_copy.keep(file)
    taken: list[str] = []
    for source in ordered:
        script, steps = _plan(connection, source)
        if steps:
            _run(connection, source, script, steps, roles, tell)
            taken += [f"{source.module} {step.revision.revision}" for step in steps]
    _check_foreign_keys(connection)
    return taken


def _upgrade_postgresql(
    connection: Connection, ordered: Sequence[MigrationSource], roles: Roles, tell: Progress
) -> list[str]:
    _become_owner(connection, roles)
    _lock_postgresql(connection, tell)
    taken: list[str] = []
    _refuse_newer([_module_status(source, _heads(connection, source), False) for source in ordered])
    connection.rollback()
    for source in ordered:
        script, steps = _plan(connection, source)
        connection.rollback()
        if steps:
            _make_version_table(connection, source, roles)
        for step in steps:
            _run(connection, source, script, [step], roles, tell)
            taken.append(f"{source.module} {step.revision.revision}")
    return taken


def _plan(connection: Connection, source: MigrationSource) -> tuple[ScriptDirectory, list[RevisionStep]]:
    script = script_of(source)
    return script, steps_to_head(script, _heads(connection, source))


def _run(
    connection: Connection,
    source: MigrationSource,
    script: ScriptDirectory,
    steps: Sequence[RevisionStep],
    roles: Roles,
    tell: Progress,
) -> None:
    """Run steps of one module in Alembic's environment, which opens a transaction unless there is one."""
    current = steps[0]

    def each(_heads: Any, _context: MigrationContext) -> Any:
        nonlocal current
        for current in steps:
            tell(f"{source.module}: {current.revision.revision} {current.revision.doc}")
            yield current

    config = Config()
    config.attributes["connection"] = connection
    config.attributes["options"] = {
        "version_table": source.version_table,
        "target_metadata": MetaData(naming_convention=NAMING),
        "transactional_ddl": True,
        "transaction_per_migration": True,
        ROLES_OPTION: roles,
    }
    try:
        with EnvironmentContext(config, script, fn=each):
            script.run_env()
    except Exception as error:
        cause = str(getattr(error, "orig", None) or error).strip().split("\n", 1)[0]
        raise MigrationError(
            f"Module {source.module}: migration {current.revision.revision} failed and was undone: {cause}. "
            "Mend the cause and run `huikuan db upgrade` again."
        ) from error


def _check_foreign_keys(connection: Connection) -> None:
    rows = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if rows:
        table, _row, parent, _key = rows[0]
        raise MigrationError(
            f"A migration leaves {len(rows)} rows pointing nowhere, first in {table} toward {parent}; "
            "all of it was undone."
        )


def _become_owner(connection: Connection, roles: Roles) -> None:
    user = connection.exec_driver_sql("SELECT current_user").scalar_one()
    exists = connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = %s", (roles.owner,)).scalar()
    if not exists:
        raise RoleError(f"The database has no role {roles.owner!r}. Run `huikuan db init --admin-url …` once.")
    if user != roles.owner:
        member = connection.exec_driver_sql("SELECT pg_has_role(%s, 'MEMBER')", (roles.owner,)).scalar_one()
        if not member:
            raise RoleError(f"{user!r} may not run migrations. Use the URL of the role {roles.owner!r}.")
        connection.exec_driver_sql(f"SET ROLE {quote(roles.owner)}")
    connection.commit()


def _lock_postgresql(connection: Connection, tell: Progress) -> None:
    if not connection.exec_driver_sql("SELECT pg_try_advisory_lock(%s)", (_LOCK_KEY,)).scalar_one():
        tell("waiting for another upgrade of this database")
        connection.exec_driver_sql("SELECT pg_advisory_lock(%s)", (_LOCK_KEY,))
    # A step that waits for a busy table would make everybody else wait behind it.
    connection.exec_driver_sql("SET lock_timeout = '10s'")
    connection.commit()


def _make_version_table(connection: Connection, source: MigrationSource, roles: Roles) -> None:
    """Readable for who serves, writable for the owner alone."""
    name = quote(source.version_table)
    exists = inspect(connection).has_table(source.version_table)
    if not exists:
        connection.exec_driver_sql(f"CREATE TABLE {name} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        connection.exec_driver_sql(
            f"REVOKE INSERT, UPDATE, DELETE ON {name} FROM {quote(roles.app)}, {quote(roles.system)}"
        )
    connection.commit()
