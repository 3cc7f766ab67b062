"""huikuan tenant: create, list, suspend and resume tenants."""

from __future__ import annotations

import argparse
from typing import Any

from huikuan.cli import passwords
from huikuan.cli.lookup import all_tenants, enabled, module_states, names
from huikuan.cli.opening import kernel_for
from huikuan.cli.output import answer, show
from huikuan.cli.parsing import Commands

__all__ = ["configure"]


def configure(groups: Any, name: str, help: str, shared: argparse.ArgumentParser) -> None:
    parser = groups.add_parser(name, help=help, description=f"Tenants: {help}.")
    commands = Commands(parser, shared)
    create = commands.add(
        "create",
        _create,
        "add a tenant, its modules and its first administrator",
        details="On SQLite the database file is made if it is not there. A password that is not given is\n"
        "made up and shown once.",
        example="""huikuan tenant create acme --modules orders,invoicing --admin boss@acme.example
        huikuan tenant create acme --name "Acme Ltd" --currency CNY --modules orders""",
    )
    create.add_argument("slug", help="short name: lower case letters, digits and dashes")
    create.add_argument("--name", help="name of the company; default: the short name")
    create.add_argument("--modules", default="", metavar="A,B", help="modules to enable, with what they require")
    create.add_argument("--currency", default="EUR", help="base currency, such as EUR or CNY; default: EUR")
    create.add_argument("--admin", metavar="EMAIL", help="first administrator")
    passwords.add_flags(create)
    listed = commands.add("list", _list, "tenants with their state and modules", example="huikuan tenant list")
    listed.add_argument("--json", action="store_true", help="as JSON")
    suspend = commands.add(
        "suspend", _suspend, "shut a tenant: nobody can sign in, data stays", example="huikuan tenant suspend acme"
    )
    suspend.add_argument("slug", help="short name of the tenant")
    resume = commands.add("resume", _resume, "open a suspended tenant again", example="huikuan tenant resume acme")
    resume.add_argument("slug", help="short name of the tenant")


def _create(args: argparse.Namespace) -> int:
    with kernel_for(args, make=True) as kernel:
        password = passwords.choose(kernel, args, args.admin) if args.admin else None
        arguments = {
            "slug": args.slug,
            "name": args.name or args.slug,
            "modules": names(args.modules),
            "currency": args.currency.upper(),
            "admin_email": args.admin,
            "admin_password": password.text if password else None,
        }
        result = kernel.run(kernel.control_scope(), "tenant_create", arguments)
        if not result.done:
            return answer(result, "")
        modules = ", ".join(result.values["tenant"]["modules"]) or "no modules"
        print(f"created {args.slug} with {modules}")
        if password:
            print(f"administrator: {args.admin}, {password.told}")
        return 0


def _list(args: argparse.Namespace) -> int:
    with kernel_for(args) as kernel:
        rows = [
            {
                "tenant": tenant.slug,
                "name": tenant.name,
                "currency": tenant.currency,
                "status": tenant.status.name.lower(),
                "modules": sorted(enabled(module_states(kernel, tenant))),
            }
            for tenant in all_tenants(kernel)
        ]
        show(rows, as_json=args.json, empty="no tenants yet; add one: huikuan tenant create acme --modules orders")
        return 0


def _suspend(args: argparse.Namespace) -> int:
    with kernel_for(args) as kernel:
        result = kernel.run(kernel.control_scope(), "tenant_suspend", {"tenant": args.slug})
        return answer(result, f"suspended {args.slug}")


def _resume(args: argparse.Namespace) -> int:
    with kernel_for(args) as kernel:
        result = kernel.run(kernel.control_scope(), "tenant_resume", {"tenant": args.slug})
        return answer(result, f"resumed {args.slug}")
