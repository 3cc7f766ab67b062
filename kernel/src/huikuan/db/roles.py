"""The three PostgreSQL roles, and the refusal to serve with the wrong one.

- ``owner`` owns the tables and runs migrations
- ``app`` serves requests: it owns nothing, obeys row-level security and cannot truncate
- ``system`` works across tenants, where a table's policy lets it (outbox, jobs); ``app`` may switch to it
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, Connection, Engine, text

from huikuan.db.admin import connect, quote
from huikuan.db.errors import DatabaseError

__all__ = ["DEFAULT_ROLES", "RoleError", "Roles", "check_serving_role", "init_roles"]

_SERVING = """
SELECT current_user AS name, r.rolsuper AS superuser, r.rolbypassrls AS bypass, (
    SELECT min(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname = current_schema() AND pg_has_role(c.relowner, 'USAGE')
) AS owned
FROM pg_roles r WHERE r.rolname = current_user
"""


class RoleError(DatabaseError):
    """A database role is missing, or is allowed more than its work needs."""

    code = "DATABASE_ROLE"


@dataclass(frozen=True, slots=True)
class Roles:
    """Names of the roles; other names let several installations share one server."""

    owner: str = "huikuan_owner"
    app: str = "huikuan_app"
    system: str = "huikuan_system"

    @classmethod
    def prefixed(cls, prefix: str) -> Roles:
        return cls(f"{prefix}_owner", f"{prefix}_app", f"{prefix}_system")


DEFAULT_ROLES = Roles()


def init_roles(
    admin_url: str,
    roles: Roles = DEFAULT_ROLES,
    *,
    owner_password: str | None = None,
    app_password: str | None = None,
    system_password: str | None = None,
) -> None:
    """Create the roles and their rights in the database of `admin_url`; safe to run again.

    A password that is left out stays as it is. `admin_url` needs a superuser, or a role that may create roles
    and owns the database.
    """
    with connect(admin_url) as connection:
        if connection.dialect.name != "postgresql":
            raise RoleError("Roles exist on PostgreSQL only; SQLite needs no such preparation.")
        passwords = {roles.owner: owner_password, roles.app: app_password, roles.system: system_password}
        for role, password in passwords.items():
            _ensure_role(connection, role, password)
        for statement in _grants(connection, roles):
            connection.exec_driver_sql(statement)
        connection.commit()


def check_serving_role(target: Engine | URL | str) -> None:
    """Raise RoleError if requests would be served by a role that row-level security does not bind."""
    with connect(target) as connection:
        if connection.dialect.name != "postgresql":
            return
        role = connection.execute(text(_SERVING)).one()
    wrong = (
        "is a superuser"
        if role.superuser
        else "has BYPASSRLS"
        if role.bypass
        else f"owns the table {role.owned}"
        if role.owned
        else None
    )
    if wrong:
        raise RoleError(
            f"The database role {role.name!r} {wrong}, so row-level security does not hold for it. "
            "Run `huikuan db init --admin-url …` once and serve with the URL of the app role."
        )


def _ensure_role(connection: Connection, role: str, password: str | None) -> None:
    found = connection.execute(
        text("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = :role"), {"role": role}
    ).one_or_none()
    if found is None:
        connection.exec_driver_sql(f"CREATE ROLE {quote(role)} NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE")
    elif found.rolsuper or found.rolbypassrls:
        raise RoleError(f"The role {role!r} exists and is a superuser or has BYPASSRLS: choose another name.")
    connection.exec_driver_sql(f"ALTER ROLE {quote(role)} LOGIN NOINHERIT")
    if password is not None:
        connection.exec_driver_sql(f"ALTER ROLE {quote(role)} PASSWORD '{_hashed(connection, role, password)}'")


def _hashed(connection: Connection, role: str, password: str) -> str:
    """The verifier that PostgreSQL stores, made here so that no server log can hold the password."""
    driver: Any = connection.connection.driver_connection
    verifier = driver.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    return str(verifier.decode()).replace("'", "''")


def _grants(connection: Connection, roles: Roles) -> Iterator[str]:
    owner, app, system = quote(roles.owner), quote(roles.app), quote(roles.system)
    database = quote(str(connection.execute(text("SELECT current_database()")).scalar_one()))
    if not connection.execute(text("SELECT pg_has_role(:owner, 'MEMBER')"), {"owner": roles.owner}).scalar_one():
        yield f"GRANT {owner} TO CURRENT_USER"
    yield f"GRANT {system} TO {app}"
    yield f"GRANT CONNECT ON DATABASE {database} TO {owner}, {app}, {system}"
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    yield f"GRANT USAGE, CREATE ON SCHEMA public TO {owner}"
    yield f"GRANT USAGE ON SCHEMA public TO {app}, {system}"
    yield (
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public "
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}, {system}"
    )
