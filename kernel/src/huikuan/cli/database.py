"""huikuan db: prepare PostgreSQL, bring tables to the version of the code, write a migration."""

from __future__ import annotations

import argparse
import os
import secrets
from typing import Any

from sqlalchemy import URL, make_url

from huikuan.cli.opening import kernel_for, prepare, read_settings, say
from huikuan.cli.output import show
from huikuan.cli.parsing import Commands
from huikuan.cli.problems import FAILED
from huikuan.db.autogenerate import revision
from huikuan.db.migrate import status, upgrade
from huikuan.db.roles import DEFAULT_ROLES, init_roles
from huikuan.errors import BadInput
from huikuan.settings import PREFIX, Settings

__all__ = ["configure"]

ADMIN_URL = f"{PREFIX}ADMIN_URL"


def configure(groups: Any, name: str, help: str, shared: argparse.ArgumentParser) -> None:
    parser = groups.add_parser(name, help=help, description=f"The database: {help}.")
    commands = Commands(parser, shared)
    init = commands.add(
        "init",
        _init,
        "make the three PostgreSQL roles; once for each database, safe to repeat",
        details="owner runs migrations, app serves requests, system works across tenants. Passwords are those of\n"
        "HUIKUAN_OWNER_DATABASE_URL, HUIKUAN_DATABASE_URL and HUIKUAN_SYSTEM_DATABASE_URL, or new ones.",
        example="""huikuan db init --admin-url postgresql://postgres@db/huikuan --new-passwords
        huikuan db init --admin-url postgresql://postgres@db/huikuan""",
    )
    init.add_argument("--admin-url", metavar="URL", help=f"the database, as its superuser; default: {ADMIN_URL}")
    init.add_argument("--new-passwords", action="store_true", help="make up passwords and print the settings")
    commands.add(
        "upgrade",
        _upgrade,
        "bring the tables of all installed modules to the version of the code",
        details="Safe to interrupt and to repeat. SQLite keeps a copy: huikuan.db.before-upgrade.",
        example="huikuan db upgrade",
    )
    stat = commands.add(
        "status",
        _status,
        "where the tables of each module stand; exit code 1 unless all are current",
        example="huikuan db status",
    )
    stat.add_argument("--json", action="store_true", help="as JSON")
    rev = commands.add(
        "revision",
        _revision,
        "write the next migration of a module from its models",
        details="For module authors. Read the file before you commit it.",
        example='huikuan db revision acme_deposit -m "add deposits"',
    )
    rev.add_argument("module", help="name of the module")
    rev.add_argument("-m", "--message", required=True, help="what changes, in a few words")


def _init(args: argparse.Namespace) -> int:
    settings = read_settings(args)
    admin = args.admin_url or os.environ.get(ADMIN_URL)
    if not admin:
        raise BadInput(f"Say which database, as its superuser: --admin-url postgresql://… or {ADMIN_URL}.")
    passwords = _new_passwords() if args.new_passwords else _known_passwords(settings)
    init_roles(
        admin,
        owner_password=passwords["owner"],
        app_password=passwords["app"],
        system_password=passwords["system"],
    )
    say(f"made the roles {DEFAULT_ROLES.owner}, {DEFAULT_ROLES.app} and {DEFAULT_ROLES.system}")
    if args.new_passwords:
        for line in _exports(make_url(admin), passwords):
            print(line)
    say("next: huikuan db upgrade")
    return 0


def _new_passwords() -> dict[str, str | None]:
    return {role: secrets.token_urlsafe(24) for role in ("owner", "app", "system")}


def _known_passwords(settings: Settings) -> dict[str, str | None]:
    """What the URLs in force log in with, where they name these roles; others stay as they are."""
    urls = (settings.owner_database_url, settings.database_url, settings.system_database_url)
    parsed = [make_url(url) for url in urls if url]
    found = {url.username: str(url.password) for url in parsed if url.password is not None}
    roles = DEFAULT_ROLES
    return {"owner": found.get(roles.owner), "app": found.get(roles.app), "system": found.get(roles.system)}


def _exports(admin: URL, passwords: dict[str, str | None]) -> list[str]:
    variables = {"OWNER_DATABASE_URL": "owner", "DATABASE_URL": "app", "SYSTEM_DATABASE_URL": "system"}
    lines = []
    for variable, role in variables.items():
        url = admin.set(drivername="postgresql", username=getattr(DEFAULT_ROLES, role), password=passwords[role])
        lines.append(f"export {PREFIX}{variable}='{url.render_as_string(hide_password=False)}'")
    return lines


def _upgrade(args: argparse.Namespace) -> int:
    with kernel_for(args, check_tables=False) as kernel:
        settings = read_settings(args)
        if settings.sqlite:
            settings.sqlite_file.parent.mkdir(parents=True, exist_ok=True)
        taken = upgrade(settings.migration_url, kernel.migration_sources(), progress=say)
        prepare(kernel, settings)
    print(f"{len(taken)} steps taken" if taken else "all tables are current")
    return 0


def _status(args: argparse.Namespace) -> int:
    with kernel_for(args, check_tables=False) as kernel:
        found = status(read_settings(args).migration_url, kernel.migration_sources())
    rows = [{"module": item.module, "state": item.state, "has": item.current, "code": item.head} for item in found]
    show(rows, as_json=args.json, empty="nothing is installed")
    return 0 if all(item.state == "current" for item in found) else FAILED


def _revision(args: argparse.Namespace) -> int:
    with kernel_for(args, check_tables=False) as kernel:
        sources = {source.module: source for source in kernel.migration_sources()}
        if args.module not in sources:
            kernel.catalog.get(args.module)
        path = revision(sources[args.module], args.message, sources=list(sources.values()))
    if path is None:
        print(f"the models of {args.module} hold nothing new")
    else:
        print(f"wrote {path}; read it, then: huikuan db upgrade")
    return 0
