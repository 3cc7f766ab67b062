"""huikuan demo: flags only; what happens stands in `huikuan.demo`."""

from __future__ import annotations

import argparse
from typing import Any

from huikuan.cli.parsing import Parser, examples
from huikuan.demo import run

__all__ = ["configure"]


def configure(groups: Any, name: str, help: str, shared: argparse.ArgumentParser) -> None:
    parser: Parser = groups.add_parser(
        name,
        help=help,
        parents=[shared],
        description="Fill a fresh database with a sample company, run the main job from order to payment,\n"
        "prove the invariants, then serve it with GraphiQL. Nothing has to be set up before.",
        epilog=examples("""huikuan demo
        huikuan demo --no-serve --json"""),
    )
    parser.add_argument("--no-serve", action="store_true", help="stop after the figures")
    parser.add_argument("--json", action="store_true", help="figures as JSON")
    parser.add_argument("--port", type=int, metavar="N", help="port to serve on; default: 8000")
    parser.set_defaults(run=run)
