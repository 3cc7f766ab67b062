"""huikuan events: the feed of a tenant, deliveries that were given up, and giving them another try."""

from __future__ import annotations

import argparse
from typing import Any
from uuid import UUID

from sqlalchemy import select

from huikuan.cli.lookup import all_tenants, tenant_named
from huikuan.cli.opening import kernel_for
from huikuan.cli.output import show
from huikuan.cli.parsing import Commands
from huikuan.core.directory import Tenant
from huikuan.core.models import Delivery, DeliveryState, OutboxEvent
from huikuan.errors import BadInput
from huikuan.jobs import relay
from huikuan.kernel import Kernel
from huikuan.runner import context, finish

__all__ = ["configure"]


def configure(groups: Any, name: str, help: str, shared: argparse.ArgumentParser) -> None:
    parser = groups.add_parser(name, help=help, description=f"Events: {help}.")
    commands = Commands(parser, shared)
    listed = commands.add(
        "list",
        _list,
        "the newest events of a tenant",
        example="""huikuan events list --tenant acme
        huikuan events list --tenant acme --type ORDER_CONFIRMED --limit 5 --json""",
    )
    listed.add_argument("--tenant", metavar="NAME", required=True, help="short name of the tenant")
    listed.add_argument("--type", metavar="TYPE", help="only events of this type, such as ORDER_CONFIRMED")
    listed.add_argument("--limit", type=int, default=20, metavar="N", help="how many; default: 20")
    listed.add_argument("--json", action="store_true", help="as JSON, with what they say")
    dead = commands.add(
        "dead-letters",
        _dead_letters,
        "deliveries that were given up after the last attempt",
        example="huikuan events dead-letters",
    )
    dead.add_argument("--tenant", metavar="NAME", help="short name of a tenant; default: all")
    dead.add_argument("--json", action="store_true", help="as JSON")
    replay = commands.add(
        "replay",
        _replay,
        "deliver dead letters again, from their first attempt",
        details="The worker does it within seconds, or: huikuan worker --once.",
        example="""huikuan events replay --tenant acme --all
        huikuan events replay --tenant acme 01981e4c-0d6f-7c3a-b1f3-2d7e0c9f6a11""",
    )
    replay.add_argument("ids", nargs="*", metavar="ID", help="ids that dead-letters shows")
    replay.add_argument("--all", action="store_true", help="all dead letters of the tenant")
    replay.add_argument("--tenant", metavar="NAME", required=True, help="short name of the tenant")


def _list(args: argparse.Namespace) -> int:
    statement = select(OutboxEvent).order_by(OutboxEvent.id.desc()).limit(args.limit)
    if args.type:
        statement = statement.where(OutboxEvent.type == args.type)
    with kernel_for(args) as kernel:
        tenant = tenant_named(kernel, args.tenant)
        with kernel.database.read(tenant.id, kernel.clock) as session:
            rows = [_event(event, full=args.json) for event in session.scalars(statement)]
        show(rows, as_json=args.json, empty="no such events")
        return 0


def _event(event: OutboxEvent, *, full: bool) -> dict[str, Any]:
    row = {
        "position": event.position,
        "at": event.at,
        "type": event.type,
        "aggregate": event.aggregate,
        "aggregate_id": event.aggregate_id,
    }
    return {"id": event.id, **row, "payload": event.payload} if full else row


def _dead_letters(args: argparse.Namespace) -> int:
    with kernel_for(args) as kernel:
        tenants = [tenant_named(kernel, args.tenant)] if args.tenant else all_tenants(kernel)
        rows = [row for tenant in tenants for row in _dead(kernel, tenant)]
        show(rows, as_json=args.json, empty="no dead letters")
        return 0


def _dead(kernel: Kernel, tenant: Tenant) -> list[dict[str, Any]]:
    same = (OutboxEvent.id == Delivery.event_id) & (OutboxEvent.tenant_id == Delivery.tenant_id)
    statement = (
        select(Delivery.id, Delivery.consumer, Delivery.attempts, Delivery.error, OutboxEvent.type)
        .join(OutboxEvent, same)
        .where(Delivery.state == DeliveryState.DEAD)
        .order_by(Delivery.position, Delivery.consumer)
    )
    with kernel.database.read(tenant.id, kernel.clock) as session:
        return [
            {
                "tenant": tenant.slug,
                "id": row.id,
                "event": row.type,
                "consumer": row.consumer,
                "attempts": row.attempts,
                "error": row.error,
            }
            for row in session.execute(statement)
        ]


def _replay(args: argparse.Namespace) -> int:
    if bool(args.ids) == args.all:
        raise BadInput("Give the ids to deliver again, or --all; see: huikuan events dead-letters.")
    with kernel_for(args) as kernel:
        tenant = tenant_named(kernel, args.tenant)
        dead = {str(row["id"]): row["id"] for row in _dead(kernel, tenant)}
        unknown = [id for id in args.ids if id not in dead]
        if unknown:
            raise BadInput(f"{unknown[0]} is no dead letter of {tenant.slug}; see: huikuan events dead-letters.")
        count = _again(kernel, tenant, [dead[id] for id in (args.ids or dead)])
        print(f"{count} deliver{'y' if count == 1 else 'ies'} will be tried again")
        return 0


def _again(kernel: Kernel, tenant: Tenant, ids: list[UUID]) -> int:
    scope = kernel.scope(tenant.id)
    with kernel.database.command(tenant.id, kernel.clock) as session:
        ctx = context(scope, session, "kernel.events_replay")
        count = relay.replay(ctx, ids) if ids else 0
        finish(ctx, session, "kernel.events_replay")
    return count
