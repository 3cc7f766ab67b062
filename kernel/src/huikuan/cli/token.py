"""huikuan token: a short-lived access token for a user or an operator, without their password."""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from huikuan.auth.tokens import ACCESS_TTL, AccessClaims, CallerKind, issue_access
from huikuan.cli.lookup import tenant_named
from huikuan.cli.opening import kernel_for
from huikuan.cli.parsing import Commands
from huikuan.core.directory import Login, Membership, Operator, Tenant
from huikuan.errors import BadInput, NotFound
from huikuan.kernel import Kernel

__all__ = ["configure"]

LONGEST = int(ACCESS_TTL.total_seconds()) // 60


def configure(groups: Any, name: str, help: str, shared: argparse.ArgumentParser) -> None:
    parser = groups.add_parser(name, help=help, description=f"Access tokens: {help}.")
    issue = Commands(parser, shared).add(
        "issue",
        _issue,
        "print an access token",
        details="It is signed with the server's keys and has the rights of the user or operator, no more.\n"
        "Programs should use an API key instead: huikuan api-key create --help.",
        example="""huikuan token issue --tenant acme --user boss@acme.example
        curl -H "Authorization: Bearer $(huikuan token issue --tenant acme --user boss@acme.example)" …""",
    )
    who = issue.add_mutually_exclusive_group(required=True)
    who.add_argument("--user", metavar="EMAIL", help="a user; name the tenant too")
    who.add_argument("--operator", metavar="EMAIL", help="an operator")
    issue.add_argument("--tenant", metavar="NAME", help="short name of the user's tenant")
    issue.add_argument(
        "--minutes", type=int, default=LONGEST, help=f"how long it counts: 1 to {LONGEST} minutes; default: {LONGEST}"
    )


def _issue(args: argparse.Namespace) -> int:
    if not 1 <= args.minutes <= LONGEST:
        raise BadInput(f"--minutes must be 1 to {LONGEST}; for longer use an API key: huikuan api-key create.")
    if args.user and not args.tenant:
        raise BadInput("Name the user's tenant too: --tenant NAME.")
    with kernel_for(args, keys=True) as kernel:
        if args.operator:
            claims = _operator(kernel, args.operator)
        else:
            claims = _user(kernel, tenant_named(kernel, args.tenant), args.user)
        print(issue_access(kernel.services.keys, claims, kernel.clock, timedelta(minutes=args.minutes)))
        return 0


def _user(kernel: Kernel, tenant: Tenant, email: str) -> AccessClaims:
    statement = (
        select(Login.id, Login.epoch)
        .join(Membership, Membership.login_id == Login.id)
        .where(Login.email == email.strip().lower(), Login.active, Membership.tenant_id == tenant.id, Membership.active)
    )
    with kernel.reading(kernel.control_scope()) as ctx:
        found = ctx.rows(statement)
    if not found:
        raise NotFound(f"{email} is no active user of {tenant.slug}; see: huikuan user list --tenant {tenant.slug}.")
    return AccessClaims(sub=found[0].id, tid=tenant.id, kind=CallerKind.USER, epoch=found[0].epoch)


def _operator(kernel: Kernel, email: str) -> AccessClaims:
    statement = select(Operator.id, Operator.epoch).where(Operator.email == email.strip().lower(), Operator.active)
    with kernel.reading(kernel.control_scope()) as ctx:
        found = ctx.rows(statement)
    if not found:
        raise NotFound(f"{email} is no active operator; add one: huikuan operator create {email}.")
    return AccessClaims(sub=found[0].id, tid=None, kind=CallerKind.OPERATOR, epoch=found[0].epoch)
