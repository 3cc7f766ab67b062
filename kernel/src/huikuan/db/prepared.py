"""PreparedRead: a SELECT that is compiled and guarded once, then sent many times as it is.

SQLAlchemy's own execution costs more than many a small query: it makes a cache key of the statement each time, an
execution context, a result with row objects. A plan that is kept needs none of that. The guard's findings are those
of the same compiler, and they are held against the connection's scope at each execution, as everywhere.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Select, literal_column
from sqlalchemy.exc import DBAPIError

from huikuan.db.errors import TenantGuardError
from huikuan.db.guard import GuardedCompiler, bound_tenants
from huikuan.db.scope import Mode, scope_of

__all__ = ["COLUMNS", "PreparedRead", "fetch_rows", "send"]

Rows = Sequence[tuple[Any, ...]]
COLUMNS: Any = literal_column("0").label("huikuan_columns")
"""Stands for the columns of a statement that is compiled without them."""


class PreparedRead:
    """One SELECT for one dialect. Rows come as the driver gives them, without the types' conversions."""

    def __init__(self, statement: Select[*tuple[Any, ...]], dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.text = str(compiled)
        self._positions: Sequence[str] | None = compiled.positiontup
        self._tenants = bound_tenants(compiled) if isinstance(compiled, GuardedCompiler) else ()
        self._fixed: dict[str, Any] = {}
        self._convert: dict[str, Callable[[Any], Any]] = {}
        for bind, name in compiled.bind_names.items():
            convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if convert is not None:
                self._convert[name] = convert
            if not bind.required:
                self._fixed[name] = bind.effective_value

    def selecting(self, columns: str) -> PreparedRead:
        """The same statement with other columns in the place of `COLUMNS`.

        They are names of the statement's own tables, as the compiler writes them: they bring no bind and no table,
        so what the guard found holds for them too.
        """
        found = copy.copy(self)
        found.text = self.text.replace(f"{COLUMNS.element.name} AS {COLUMNS.name}", columns, 1)
        return found

    def fetch(self, connection: Connection, values: Mapping[str, Any]) -> Rows:
        """All rows for these values; each bind that the statement left open needs one."""
        found = {**self._fixed, **values}
        if self._tenants:
            _check_tenant(connection, self._tenants, found)
        for name, convert in self._convert.items():
            found[name] = convert(found[name])
        positions = self._positions
        parameters = found if positions is None else [found[name] for name in positions]
        return send(connection, self.text, parameters)


def fetch_rows(connection: Connection, statement: Select[Any]) -> Rows:
    """All rows of a statement that is made for this one time, as the driver gives them."""
    result: Any = connection.execute(statement)
    try:
        rows: Rows = result.cursor.fetchall()
    finally:
        result.close()
    return rows


def _check_tenant(connection: Connection, names: Sequence[str], values: Mapping[str, Any]) -> None:
    scope = scope_of(connection)
    if scope is None or scope.mode is Mode.SYSTEM:
        return
    for name in names:
        if scope.tenant_id is None or values[name] != scope.tenant_id:
            raise TenantGuardError(f"{name} carries another tenant than the session's.")


def send(connection: Connection, text: str, parameters: Any, context: Any = None) -> Rows:
    """Send a statement past SQLAlchemy's execution; errors are wrapped as there.

    ``context`` is told to those who listen to statements, the guard among them; without it nobody is told.
    """
    driver: Any = connection.connection.driver_connection
    dialect = connection.dialect
    try:
        cursor = driver.cursor()
        if context is not None:
            for listener in connection.dispatch.before_cursor_execute:
                text, parameters = listener(connection, cursor, text, parameters, context, False)
        cursor.execute(text, parameters)
        rows: Rows = cursor.fetchall()
        if context is not None:
            for listener in connection.dispatch.after_cursor_execute:
                listener(connection, cursor, text, parameters, context, False)
    except dialect.loaded_dbapi.Error as error:
        gone = dialect.is_disconnect(error, driver, None)
        if gone:
            connection.invalidate(error)
        raise DBAPIError.instance(
            text, None, error, dialect.loaded_dbapi.Error, connection_invalidated=gone, dialect=dialect
        ) from error
    return rows
