"""What most commands begin with: settings, log, and a kernel on a database whose tables are there."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from huikuan import logs
from huikuan.auth.key_files import KeySource, save_ring
from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.db import Database
from huikuan.db.connect import Deadlines
from huikuan.db.migrate import require_current, status, upgrade
from huikuan.errors import SetupError
from huikuan.kernel import Kernel
from huikuan.settings import PREFIX, Settings

__all__ = ["kernel_for", "make_keys", "prepare", "read_settings", "say", "start_log"]

# What an operator waits for may take longer than what a request may.
PATIENT = Deadlines(lock=10.0, statement=3_600.0, idle=3_600.0)


def read_settings(args: Namespace, **overrides: Any) -> Settings:
    """Flags win over the environment; ``overrides`` are the command's own flags, None where not given."""
    given = {
        "database_url": args.database_url,
        "log_level": args.log_level,
        "safe_mode": args.safe_mode or None,
        "debug": args.debug or None,
    }
    return Settings.load(overrides=given | overrides)


def start_log(args: Namespace, settings: Settings, *, service: bool = False) -> None:
    """Log to standard error; a single command is quiet, and for people, unless it was asked for else."""
    if not service and settings.log_format == "auto":
        settings = replace(settings, log_format="console")
    asked = service or args.log_level or os.environ.get(f"{PREFIX}LOG_LEVEL")
    logs.configure(settings, level=None if asked else "warning")


@contextmanager
def kernel_for(
    args: Namespace,
    *,
    make: bool = False,
    keys: bool = False,
    check_tables: bool = True,
    service: bool = False,
    synchronous: Literal["NORMAL", "FULL"] = "FULL",
) -> Iterator[Kernel]:
    """A kernel for one command.

    ``make`` creates or upgrades a SQLite file; ``keys`` says that the command signs tokens;
    ``check_tables`` is False only for the commands that look after the tables themselves; ``service``
    is for a process that stays: it logs as a server does and has a server's deadlines.
    """
    settings = read_settings(args)
    start_log(args, settings, service=service)
    database = Database(
        settings.database_url,
        system_url=settings.system_database_url,
        pool_size=2,
        deadlines=None if service else PATIENT,
        sqlite_synchronous=synchronous,
    )
    catalog = ModuleCatalog.discover(safe_mode=settings.safe_mode)
    # A command that signs nothing works without the server's keys.
    ring = _keys(settings) if keys else KeyRing.generate()
    kernel = Kernel(database, catalog, ring, settings=settings)
    try:
        if make:
            prepare(kernel, settings)
        if check_tables:
            _check_tables(kernel, settings)
        yield kernel
    finally:
        kernel.close()


def prepare(kernel: Kernel, settings: Settings) -> None:
    """SQLite needs no preparation by hand: make or upgrade its file, and signing keys beside it."""
    if not settings.sqlite:
        return
    settings.sqlite_file.parent.mkdir(parents=True, exist_ok=True)
    new = not settings.sqlite_file.exists()
    taken = upgrade(settings.database_url, kernel.migration_sources())
    if taken:
        say(f"{'made' if new else 'upgraded'} {settings.sqlite_file}")
    make_keys(settings)


def make_keys(settings: Settings) -> None:
    """Signing keys at their place beside a SQLite file, unless they are there or elsewhere."""
    place = Path(settings.key_location)
    if settings.keys is None and not place.exists():
        save_ring(KeyRing.generate(issuer=settings.issuer, audience=settings.audience), place)


def say(line: str) -> None:
    """Tell what was done beside the result; standard output is for the result."""
    print(line, file=sys.stderr)


def _keys(settings: Settings) -> KeySource:
    if settings.sqlite:
        make_keys(settings)
    return settings.key_source()


def _check_tables(kernel: Kernel, settings: Settings) -> None:
    sources = kernel.migration_sources()
    if all(found.current is None for found in status(settings.database_url, sources)):
        raise SetupError("the tables are not there yet: run huikuan db upgrade")
    require_current(settings.database_url, sources)
