"""Errors of the storage layer, each with the stable code that clients and logs see."""

from __future__ import annotations

from huikuan.errors import HuikuanError, SetupError


class DatabaseError(HuikuanError):
    """Base of the errors that `huikuan.db` raises itself."""

    code = "DATABASE"


class TenantGuardError(DatabaseError):
    """A statement would read or write rows of another tenant, or cannot be proved not to."""

    code = "TENANT_GUARD"


class SessionUseError(DatabaseError):
    """A module touched what the kernel owns: the transaction, the connection, text SQL."""

    code = "SESSION_USE"


class ReadOnlyError(DatabaseError):
    """A write was tried in a read session."""

    code = "READ_ONLY"


class PostedImmutableError(DatabaseError):
    """A posted document was to be changed or deleted."""

    code = "POSTED_IMMUTABLE"


class ModelError(DatabaseError, SetupError):
    """A model is declared in a way that the kernel cannot store."""

    code = "MODEL_INVALID"


class ValueNotExact(DatabaseError, ValueError):
    """A value cannot be stored exactly in its column."""

    code = "VALUE_NOT_EXACT"
