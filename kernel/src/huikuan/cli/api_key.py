"""huikuan api-key: keys with which programs call the API."""

from __future__ import annotations

import argparse
from typing import Any

from sqlalchemy import select

from huikuan.cli.lookup import names
from huikuan.cli.opening import kernel_for, say
from huikuan.cli.output import answer, refused, show
from huikuan.cli.parsing import Commands
from huikuan.core.models import ApiKey, ApiKeyRole, Role
from huikuan.errors import NotFound

__all__ = ["configure"]


def configure(groups: Any, name: str, help: str, shared: argparse.ArgumentParser) -> None:
    parser = groups.add_parser(name, help=help, description=f"API keys: {help}.")
    commands = Commands(parser, shared)
    create = commands.add(
        "create",
        _create,
        "make a key; its secret is printed this once",
        example="huikuan api-key create web-shop --tenant acme --roles integration",
    )
    create.add_argument("name", help="what the key is for")
    create.add_argument("--roles", default="", metavar="A,B", help="roles of the key, such as integration")
    listed = commands.add("list", _list, "keys of a tenant", example="huikuan api-key list --tenant acme")
    listed.add_argument("--json", action="store_true", help="as JSON")
    revoke = commands.add(
        "revoke", _revoke, "make a key useless at once", example="huikuan api-key revoke web-shop --tenant acme"
    )
    revoke.add_argument("name", help="name or prefix of the key")
    for parser in (create, listed, revoke):
        parser.add_argument("--tenant", metavar="NAME", required=True, help="short name of the tenant")


def _create(args: argparse.Namespace) -> int:
    with kernel_for(args) as kernel:
        arguments = {"name": args.name, "roles": names(args.roles)}
        result = kernel.run(kernel.scope(args.tenant), "api_key_create", arguments)
        if not result.done:
            return refused(result.refusals)
        print(result.values["secret"])
        say("This is the only time the key is shown; send it as: Authorization: Bearer <key>")
        return 0


def _list(args: argparse.Namespace) -> int:
    with kernel_for(args) as kernel, kernel.reading(kernel.scope(args.tenant)) as ctx:
        of_role = (Role.id == ApiKeyRole.role_id) & (Role.tenant_id == ApiKeyRole.tenant_id)
        roles = ctx.rows(select(ApiKeyRole.api_key_id, Role.name).join(Role, of_role))
        rows = [
            {
                "name": key.name,
                "prefix": key.prefix,
                "roles": sorted(row.name for row in roles if row.api_key_id == key.id),
                "made": key.created_at,
                "revoked": key.revoked_at,
            }
            for key in ctx.scalars(select(ApiKey).order_by(ApiKey.name))
        ]
        show(rows, as_json=args.json, empty=f"{args.tenant} has no API keys; make one: huikuan api-key create …")
        return 0


def _revoke(args: argparse.Namespace) -> int:
    with kernel_for(args) as kernel:
        scope = kernel.scope(args.tenant)
        with kernel.reading(scope) as ctx:
            found = ctx.scalar(select(ApiKey.id).where((ApiKey.name == args.name) | (ApiKey.prefix == args.name)))
        if found is None:
            raise NotFound(f"{args.tenant} has no API key {args.name!r}; see: huikuan api-key list.")
        return answer(kernel.run(scope, "api_key_revoke", {"id": found}), f"revoked {args.name}")
