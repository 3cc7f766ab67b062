"""huikuan operator: add somebody who runs the installation."""

from __future__ import annotations

import argparse
from typing import Any

from huikuan.cli import passwords
from huikuan.cli.opening import kernel_for
from huikuan.cli.output import answer
from huikuan.cli.parsing import Commands

__all__ = ["configure"]


def configure(groups: Any, name: str, help: str, shared: argparse.ArgumentParser) -> None:
    parser = groups.add_parser(name, help=help, description=f"Operators: {help}.")
    create = Commands(parser, shared).add(
        "create",
        _create,
        "add an operator: manages tenants over the API, never sees their business data",
        example="huikuan operator create ops@example.com",
    )
    create.add_argument("email", help="e-mail address to sign in with; not one of a tenant's user")
    passwords.add_flags(create)


def _create(args: argparse.Namespace) -> int:
    with kernel_for(args, make=True) as kernel:
        password = passwords.new_password(args)
        arguments = {"email": args.email, "password": password.text}
        result = kernel.run(kernel.control_scope(), "operator_create", arguments)
        return answer(result, f"added operator {args.email}, {password.told}")
