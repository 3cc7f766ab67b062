"""`huikuan demo`: a fresh database, one tenant with every module, and the whole job, day by day, before your eyes.

The modules bring what is shown: each contributes DemoSteps through the hook ``kernel_demo_steps``. The kernel moves
the clock: some weeks of working days that end on the last Friday, and in each night the worker's jobs.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

from huikuan import logs
from huikuan.clock import FixedClock
from huikuan.codec import encode
from huikuan.core.hookspecs import kernel_demo_steps, kernel_invariants
from huikuan.db.migrate import upgrade
from huikuan.demo_step import DemoRun, DemoStep, added
from huikuan.errors import SetupError
from huikuan.invariants import run_checks
from huikuan.jobs.worker import Worker
from huikuan.kernel import Kernel
from huikuan.settings import Settings
from huikuan.web.server import serve

__all__ = ["prepare", "run"]

EMAIL = "demo@huikuan.example"
PASSWORD = "demo-password-1"
TENANT = "demo"
WEEKS = 6
MORNING, EVENING = time_of_day(8), time_of_day(20)
FRIDAY = 4


def run(arguments: argparse.Namespace) -> int:
    """The command line's entry: prepare, show the figures, then serve unless told not to."""
    settings = _settings(arguments)
    logs.configure(settings, level="error")
    started = time.perf_counter()
    tell = _teller(quiet=bool(arguments.json))
    clock = FixedClock(datetime.now(UTC))
    kernel = Kernel.open(settings, clock=clock, synchronous="NORMAL")
    try:
        figures, queries, token = prepare(kernel, clock, settings, tell=tell)
    finally:
        kernel.close()
    figures["seconds"] = round(time.perf_counter() - started, 1)
    if arguments.json:
        print(json.dumps(encode_figures(figures), indent=2, ensure_ascii=False))
    else:
        _print_figures(figures)
    broken = [item for item in figures["invariants"] if item["violations"]]
    if arguments.no_serve:
        return 1 if broken else 0
    return serve(settings, greeting=lambda address: _greeting(address, token, queries))


def prepare(
    kernel: Kernel, clock: FixedClock, settings: Settings, *, tell: Callable[[str], None]
) -> tuple[dict[str, Any], list[tuple[str, str]], str]:
    """Tables, tenant, every module's steps and days; returns figures, example queries and a token.

    The demo lives in the weeks before the clock's time, and leaves the clock where it was.
    """
    now = clock.now()
    first, last = _weeks(now.date())
    clock.set(datetime.combine(first, MORNING, UTC))
    tell("creating the tables")
    upgrade(settings.migration_url, kernel.migration_sources())
    modules = sorted(kernel.catalog.names)
    tell(f"creating the tenant with {', '.join(modules) or 'no modules'}")
    _create_tenant(kernel, modules)
    Worker(kernel).run_until_idle()
    demo = DemoRun(kernel, kernel.scope(TENANT, request_id="demo"), first, last, tell)
    with kernel.reading(demo.scope) as ctx:
        steps = sorted(ctx.collect(kernel_demo_steps), key=lambda step: (step.rank, step.title))
    figures: dict[str, Any] = {"tenant": TENANT, "modules": modules, "first_day": str(first), "last_day": str(last)}
    figures |= _played(demo, clock, steps)
    tell("checking the invariants")
    with kernel.reading(demo.scope) as ctx:
        checks = run_checks(ctx, ctx.collect(kernel_invariants))
    figures["invariants"] = [{"name": item.name, "violations": item.violations} for item in checks]
    queries = [query for step in steps if step.queries is not None for query in step.queries(demo)]
    clock.set(now)
    created = kernel.run(kernel.scope(TENANT), "api_key_create", {"name": "demo", "roles": ["admin"]})
    return figures, queries, str(created.values["secret"])


def _weeks(today: date) -> tuple[date, date]:
    """The Monday and the Friday between which the demo lives."""
    last = today - timedelta(days=(today.weekday() - FRIDAY) % 7 or 7)
    return last - timedelta(days=7 * WEEKS - 3), last


def _create_tenant(kernel: Kernel, modules: Sequence[str]) -> None:
    created = kernel.run(
        kernel.control_scope(),
        "tenant_create",
        {
            "slug": TENANT,
            "name": "Demo Wholesale",
            "currency": "GBP",
            "modules": modules,
            "admin_email": EMAIL,
            "admin_password": PASSWORD,
        },
    )
    if not created.done:
        raise SetupError(f"the demo cannot begin: {created.refusals[0].message} Give another --database-url.")


def _played(demo: DemoRun, clock: FixedClock, steps: Sequence[DemoStep]) -> dict[str, Any]:
    """What all steps tell, one after the other: once, day by day, and at the end."""
    worker = Worker(demo.kernel)
    figures: list[dict[str, Any]] = []
    for step in steps:
        if step.run is not None:
            demo.tell(step.title)
            figures.append(step.run(demo))
    days = [step for step in steps if step.each_day is not None]
    events = worker.run_until_idle().stamped
    for day in demo.days if days else []:
        clock.set(datetime.combine(day, MORNING, UTC))
        today = added(step.each_day(demo, day) for step in days if step.each_day is not None)
        clock.set(datetime.combine(day, EVENING, UTC))
        events += worker.run_until_idle().stamped
        figures.append(today)
        demo.tell(f"{day:%a %d %b}: {_line(today)}")
    total = added(figures)
    for step in steps:
        if step.finish is not None:
            total |= step.finish(demo)
    return total | {"events": events}


def _line(figures: dict[str, Any]) -> str:
    """What happened on a day, in a line."""
    told = [f"{_counted(value)} {name.replace('_', ' ')}" for name, value in figures.items() if value]
    return ", ".join(told) or "nothing"


def _counted(value: Any) -> str:
    """A number, or that of several numbers."""
    return str(sum(value.values()) if isinstance(value, dict) else value)


def encode_figures(figures: dict[str, Any]) -> Any:
    """Figures as JSON: exact amounts stay strings."""
    return encode({key: str(value) if isinstance(value, float) else value for key, value in figures.items()})


def _settings(arguments: argparse.Namespace) -> Settings:
    """The demo's own file in a temporary folder, unless another database was asked for."""
    given: dict[str, Any] = {"graphiql": True, "introspection": True}
    if arguments.port is not None:
        given["port"] = arguments.port
    if arguments.database_url:
        given["database_url"] = arguments.database_url
    else:
        folder = Path(tempfile.mkdtemp(prefix="huikuan-demo-"))
        given["database_url"] = f"sqlite:///{folder / 'demo.db'}"
    return Settings.load(overrides=given)


def _teller(*, quiet: bool) -> Callable[[str], None]:
    def tell(line: str) -> None:
        if not quiet:
            print(f"  {line} …", file=sys.stderr, flush=True)

    return tell


def _print_figures(figures: dict[str, Any]) -> None:
    width = max(len(key) for key in figures)
    print()
    for key, value in figures.items():
        if key == "invariants":
            broken = [item["name"] for item in value if item["violations"]]
            value = f"{len(value)} checked, " + (f"broken: {', '.join(broken)}" if broken else "none broken")
        elif isinstance(value, list):
            value = ", ".join(str(item) for item in value)
        elif isinstance(value, dict):
            value = ", ".join(f"{name} {count}" for name, count in value.items())
        print(f"  {key.replace('_', ' '):<{width}}  {value}")
    print()


def _greeting(address: str, token: str, queries: Sequence[tuple[str, str]]) -> str:
    lines = [
        f"Open {address}/graphql#token={token}",
        f"Sign in later with {EMAIL} / {PASSWORD}. Ctrl-C stops.",
    ]
    for number, (title, document) in enumerate(queries, start=1):
        lines += ["", f"# {number}. {title}", document.strip()]
    lines += ["", "# That is all. Every field has a description in the page's own documentation."]
    return "\n".join(lines)
