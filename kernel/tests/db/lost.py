"""Connections that are lost, as when a server restarts or a firewall forgets."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from huikuan.db import Database

__all__ = ["lose", "lose_pooled"]


def lose(database: Database, connection: Connection) -> None:
    """End a connection behind the back of who holds it."""
    driver: Any = connection.connection.driver_connection
    if database.dialect == "sqlite":
        driver.close()
        return
    with database.engine.connect() as other:
        other.exec_driver_sql(f"SELECT pg_terminate_backend({driver.info.backend_pid}, 5000)")


def lose_pooled(database: Database, count: int) -> None:
    """Fill the pool with so many connections, and end them while nobody holds them."""
    held = [database.engine.connect() for _ in range(count)]
    drivers: list[Any] = [connection.connection.driver_connection for connection in held]
    for connection in held[1:]:
        connection.close()
    for driver in drivers[1:]:
        if database.dialect == "sqlite":
            driver.close()
        else:
            held[0].exec_driver_sql(f"SELECT pg_terminate_backend({driver.info.backend_pid}, 5000)")
    held[0].close()
