"""What can be wrong with the tables of a database, as seen by who starts or upgrades it."""

from __future__ import annotations

from huikuan.db.errors import DatabaseError

__all__ = ["MigrationError", "SchemaBehind", "SchemaNewer"]


class MigrationError(DatabaseError):
    """A migration failed, or a module's chain of revisions is not one chain."""

    code = "MIGRATION"


class SchemaBehind(MigrationError):
    """The tables are older than the code, or an upgrade did not end."""

    code = "SCHEMA_BEHIND"


class SchemaNewer(MigrationError):
    """The tables were made by a later version of a module than the one installed."""

    code = "SCHEMA_NEWER"
