"""`huikuan demo`: a fresh database, one tenant with every module, and the main job run before your eyes.

The modules bring what is shown: each contributes DemoSteps through the hook ``kernel_demo_steps``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from huikuan import logs
from huikuan.codec import encode
from huikuan.core.hookspecs import kernel_demo_steps, kernel_invariants
from huikuan.db.migrate import upgrade
from huikuan.demo_step import DemoRun
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


def run(arguments: argparse.Namespace) -> int:
    """The command line's entry: prepare, show the figures, then serve unless told not to."""
    settings = _settings(arguments)
    logs.configure(settings, level="warning")
    started = time.perf_counter()
    tell = _teller(quiet=bool(arguments.json))
    kernel = Kernel.open(settings, synchronous="NORMAL")
    try:
        figures, queries, token = prepare(kernel, settings, tell=tell)
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
    kernel: Kernel, settings: Settings, *, tell: Callable[[str], None]
) -> tuple[dict[str, Any], list[tuple[str, str]], str]:
    """Tables, tenant, and every module's steps; returns figures, example queries and a token."""
    tell("creating the tables")
    upgrade(settings.migration_url, kernel.migration_sources())
    modules = sorted(kernel.catalog.names)
    tell(f"creating the tenant with {', '.join(modules) or 'no modules'}")
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
    scope = kernel.scope(TENANT, request_id="demo")
    demo = DemoRun(kernel, scope, tell)
    with kernel.reading(scope) as ctx:
        steps = sorted(ctx.collect(kernel_demo_steps), key=lambda step: (step.rank, step.title))
    figures: dict[str, Any] = {"tenant": TENANT, "modules": modules}
    queries: list[tuple[str, str]] = []
    for step in steps:
        tell(step.title)
        figures.update(step.run(demo))
    tell("delivering events")
    report = Worker(kernel).run_until_idle()
    figures["events"] = report.stamped
    tell("checking the invariants")
    with kernel.reading(kernel.scope(TENANT)) as ctx:
        checks = run_checks(ctx, ctx.collect(kernel_invariants))
    figures["invariants"] = [{"name": item.name, "violations": item.violations} for item in checks]
    for step in steps:
        if step.queries is not None:
            queries.extend(step.queries(demo))
    created = kernel.run(kernel.scope(TENANT), "api_key_create", {"name": "demo", "roles": ["admin"]})
    return figures, queries, str(created.values["secret"])


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
    for title, document in queries:
        lines += ["", f"# {title}", document.strip()]
    return "\n".join(lines)
