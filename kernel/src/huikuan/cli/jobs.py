"""huikuan jobs: what is scheduled, and running one now."""

from __future__ import annotations

import argparse
import json
from typing import Any

from sqlalchemy import select

from huikuan.cli.lookup import all_tenants, tenant_named
from huikuan.cli.opening import kernel_for
from huikuan.cli.output import show
from huikuan.cli.parsing import Commands
from huikuan.cli.problems import FAILED
from huikuan.core.directory import Tenant
from huikuan.core.models import Job, JobState
from huikuan.errors import BadInput
from huikuan.kernel import Kernel
from huikuan.runner import context, finish

__all__ = ["configure"]

# What is finished is history; it is shown only when asked for.
OPEN = (JobState.WAITING, JobState.RUNNING, JobState.FAILED)


def configure(groups: Any, name: str, help: str, shared: argparse.ArgumentParser) -> None:
    parser = groups.add_parser(
        name, help=help, parents=[shared], description=f"Jobs: {help}. Without a command: the jobs of all tenants."
    )
    parser.set_defaults(run=_list, tenant=None, json=False, all=False)
    commands = Commands(parser, shared)
    listed = commands.add(
        "list",
        _list,
        "jobs that wait, run or have failed; exit code 1 if one has failed",
        example="huikuan jobs list --tenant acme",
    )
    listed.add_argument("--tenant", metavar="NAME", help="short name of a tenant; default: all")
    listed.add_argument("--all", action="store_true", help="also those that are done")
    listed.add_argument("--json", action="store_true", help="as JSON")
    run = commands.add(
        "run",
        _run,
        "run a job of a tenant now, here",
        details="Its schedule stays as it is.",
        example="huikuan jobs run orders.expire_quotes --tenant acme",
    )
    run.add_argument("job", help="module.function, as list shows it")
    run.add_argument("--tenant", metavar="NAME", required=True, help="short name of the tenant")
    run.add_argument("--arguments", default="{}", metavar="JSON", help='for example {"order_id": "…"}')


def _list(args: argparse.Namespace) -> int:
    with kernel_for(args) as kernel:
        tenants = [tenant_named(kernel, args.tenant)] if args.tenant else all_tenants(kernel)
        rows = [row for tenant in tenants for row in _jobs(kernel, tenant, done=args.all)]
    show(rows, as_json=args.json, empty="no jobs")
    return FAILED if any(row["state"] == "failed" for row in rows) else 0


def _jobs(kernel: Kernel, tenant: Tenant, *, done: bool) -> list[dict[str, Any]]:
    statement = select(Job).where(Job.state.in_(list(JobState) if done else OPEN)).order_by(Job.due_at, Job.name)
    with kernel.database.read(tenant.id, kernel.clock) as session:
        return [
            {
                "tenant": tenant.slug,
                "job": job.name,
                "state": job.state.name.lower(),
                "due": job.due_at,
                "every": _duration(job.every_seconds),
                "attempts": job.attempts,
                "error": job.error,
            }
            for job in session.scalars(statement)
        ]


def _run(args: argparse.Namespace) -> int:
    arguments = _arguments(args.arguments)
    with kernel_for(args) as kernel:
        scope = kernel.scope(args.tenant)
        known = scope.composition.jobs
        if args.job not in known:
            raise BadInput(f"{args.tenant} has no job {args.job!r}; it has: {', '.join(sorted(known)) or 'none'}.")
        spec, module = known[args.job]
        with kernel.database.command(scope.tenant.id, kernel.clock) as session:
            ctx = context(scope, session, "job")
            with ctx.calling(module.name):
                spec.function(ctx, **arguments)
                session.flush()
            ctx.check_intact(module.name, spec.name)
            finish(ctx, session, args.job)
    print(f"ran {args.job}")
    return 0


def _arguments(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise BadInput(f"--arguments is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise BadInput('--arguments must be a JSON object, such as {"order_id": "…"}.')
    return found


def _duration(seconds: int | None) -> str | None:
    """3600 -> 1 h."""
    if seconds is None:
        return None
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
