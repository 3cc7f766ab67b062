"""huikuan user: add and list the users of a tenant, set a password."""

from __future__ import annotations

import argparse
from typing import Any

from sqlalchemy import select

from huikuan.cli import passwords
from huikuan.cli.lookup import names, tenant_named
from huikuan.cli.opening import kernel_for
from huikuan.cli.output import answer, show
from huikuan.cli.parsing import Commands
from huikuan.core.models import Role, User, UserRole

__all__ = ["configure"]


def configure(groups: Any, name: str, help: str, shared: argparse.ArgumentParser) -> None:
    parser = groups.add_parser(name, help=help, description=f"Users: {help}.")
    commands = Commands(parser, shared)
    create = commands.add(
        "create",
        _create,
        "add a user to a tenant",
        details="Someone who can sign in to another tenant already keeps the password they have; for others\n"
        "one is made up and shown once, unless it is given.",
        example="huikuan user create ann@acme.example --tenant acme --roles admin",
    )
    create.add_argument("email", help="e-mail address to sign in with")
    create.add_argument("--tenant", metavar="NAME", required=True, help="short name of the tenant")
    create.add_argument("--name", help="name of the person; default: the e-mail's first part")
    create.add_argument("--roles", default="", metavar="A,B", help="roles to give, such as admin")
    passwords.add_flags(create)
    listed = commands.add("list", _list, "users of a tenant", example="huikuan user list --tenant acme")
    listed.add_argument("--tenant", metavar="NAME", required=True, help="short name of the tenant")
    listed.add_argument("--json", action="store_true", help="as JSON")
    password = commands.add(
        "password",
        _password,
        "set a new password; every session of the user ends",
        example="huikuan user password ann@acme.example",
    )
    password.add_argument("email", help="e-mail address of a user or an operator")
    passwords.add_flags(password)


def _create(args: argparse.Namespace) -> int:
    with kernel_for(args) as kernel:
        password = passwords.choose(kernel, args, args.email)
        arguments = {
            "tenant": args.tenant,
            "email": args.email,
            "name": args.name or args.email.partition("@")[0],
            "roles": names(args.roles),
            "password": password.text,
        }
        result = kernel.run(kernel.control_scope(), "tenant_user_create", arguments)
        return answer(result, f"added {args.email} to {args.tenant}, {password.told}")


def _list(args: argparse.Namespace) -> int:
    with kernel_for(args) as kernel:
        tenant = tenant_named(kernel, args.tenant)
        with kernel.database.read(tenant.id, kernel.clock) as session:
            users = session.scalars(select(User).order_by(User.email)).all()
            roles = session.execute(
                select(UserRole.user_id, Role.name).join(
                    Role, (Role.id == UserRole.role_id) & (Role.tenant_id == UserRole.tenant_id)
                )
            ).all()
        rows = [
            {
                "email": user.email,
                "name": user.name,
                "active": user.active,
                "roles": sorted(row.name for row in roles if row.user_id == user.id),
            }
            for user in users
        ]
        show(rows, as_json=args.json, empty=f"no users in {args.tenant} yet; add one: huikuan user create …")
        return 0


def _password(args: argparse.Namespace) -> int:
    with kernel_for(args) as kernel:
        password = passwords.new_password(args)
        arguments = {"email": args.email, "password": password.text}
        result = kernel.run(kernel.control_scope(), "password_reset", arguments)
        return answer(result, f"set the password of {args.email}, {password.told}")
