"""huikuan worker: delivers events and runs jobs of all tenants, in a process of its own."""

from __future__ import annotations

import argparse
import signal
import threading
from typing import Any

from huikuan.cli.opening import kernel_for, say
from huikuan.cli.parsing import Parser, examples
from huikuan.db.roles import check_serving_role
from huikuan.jobs.worker import Worker

__all__ = ["configure"]


def configure(groups: Any, name: str, help: str, shared: argparse.ArgumentParser) -> None:
    parser: Parser = groups.add_parser(
        name,
        help=help,
        parents=[shared],
        description="Deliver events and run scheduled jobs until Ctrl-C or SIGTERM.\nAny number of workers share the "
        "work. With SQLite the server has one inside, and this is not needed.",
        epilog=examples("""huikuan worker
        huikuan worker --once"""),
    )
    parser.add_argument("--once", action="store_true", help="stop when nothing is due any more")
    parser.set_defaults(run=_work)


def _work(args: argparse.Namespace) -> int:
    with kernel_for(args, service=True) as kernel:
        check_serving_role(kernel.database.engine)
        worker = Worker(kernel)
        if args.once:
            report = worker.run_until_idle()
            print(f"{report.stamped} events placed, {report.delivered} deliveries, {report.jobs} jobs")
            return 0
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        say(f"worker {worker.owner} waits for work (stop it with Ctrl-C)")
        worker.run_forever(stop)
        return 0
