"""Connections for set-up and migrations: unguarded, outside every pool, never handed to a module."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url

__all__ = ["connect", "parse_url", "quote", "transaction"]

SQLITE_WAIT_SECONDS = 30.0


def parse_url(target: Engine | URL | str) -> URL:
    """The URL, with the driver that Huikuan uses."""
    url = target.url if isinstance(target, Engine) else make_url(target)
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


@contextmanager
def connect(target: Engine | URL | str) -> Iterator[Connection]:
    """Open one connection to the database of a URL or an engine, and close it at the end."""
    url = parse_url(target)
    if url.get_backend_name() == "postgresql":
        engine = create_engine(url, poolclass=NullPool)
    else:
        options = {"isolation_level": None, "timeout": SQLITE_WAIT_SECONDS}
        engine = create_engine(url, poolclass=NullPool, connect_args=options)
        event.listen(engine, "connect", _prepare_sqlite)
    with engine.connect() as connection:
        yield connection


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """One transaction that writes, DDL included; on SQLite it holds the only write lock from its start."""
    with connection.begin():
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield


def quote(name: str) -> str:
    """The name as a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def _prepare_sqlite(driver: Any, _record: Any) -> None:
    # Rebuilding a table drops the old one, which with enforcement would delete or refuse its children.
    driver.execute("PRAGMA foreign_keys=OFF")
