"""Every error as one line on standard error, and its exit code."""

from __future__ import annotations

import sys

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from huikuan.cli.parsing import USAGE
from huikuan.db.migration_errors import MigrationError
from huikuan.db.roles import RoleError
from huikuan.errors import BadInput, HuikuanError, SetupError
from huikuan.logs import redact
from huikuan.money import MoneyError

__all__ = ["FAILED", "report"]

FAILED = 1
_SETUP = (BadInput, MoneyError, SetupError, MigrationError, RoleError, OperationalError, OSError)


def report(error: Exception) -> int:
    """Say what is wrong; returns the exit code."""
    for line in _lines(error):
        print(f"huikuan: {_without_secrets(line)}", file=sys.stderr)
    return USAGE if isinstance(error, _SETUP) else FAILED


def _lines(error: Exception) -> list[str]:
    if isinstance(error, HuikuanError):
        return [line for line in error.message.splitlines() if line.strip()] or [error.code]
    if isinstance(error, OperationalError):
        return [f"The database cannot be used: {_first_line(error.orig)}. Check --database-url."]
    if isinstance(error, DBAPIError):
        return [f"The database refused it: {_first_line(error.orig)}. Run again with --debug for the details."]
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return [f"{place}{error.strerror}."]
    kind = "The database library failed" if isinstance(error, SQLAlchemyError) else "This should not have happened"
    return [f"{kind}: {type(error).__name__}: {_first_line(error)}. Run again with --debug for the details."]


def _first_line(error: object) -> str:
    text = str(error).strip()
    return text.splitlines()[0].rstrip(" .") if text else type(error).__name__


def _without_secrets(line: str) -> str:
    return str(redact(None, "", {"line": line})["line"])
