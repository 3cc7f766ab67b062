"""huikuan serve: the web server; on SQLite it makes the file and the signing keys first."""

from __future__ import annotations

import argparse
from dataclasses import fields
from typing import Any

from huikuan.cli.opening import make_keys, prepare, read_settings
from huikuan.cli.parsing import Parser, examples
from huikuan.kernel import Kernel
from huikuan.settings import PREFIX, Settings
from huikuan.web.server import serve

__all__ = ["configure"]


def configure(groups: Any, name: str, help: str, shared: argparse.ArgumentParser) -> None:
    parser: Parser = groups.add_parser(
        name,
        help=help,
        parents=[shared],
        description="Serve GraphQL at /graphql until Ctrl-C or SIGTERM.\nWithout a setting: on this machine only, "
        "from huikuan.db in this folder, which is made if it is not there.",
        epilog="\n".join(
            [
                examples("""huikuan serve
                huikuan serve --port 9000 --graphiql
                HUIKUAN_DATABASE_URL=postgresql://huikuan_app:…@db/huikuan huikuan serve --workers 4"""),
                "",
                "settings from the environment:",
                *_variables(),
            ]
        ),
    )
    parser.add_argument("--host", help="address to listen on; default: 127.0.0.1")
    parser.add_argument("--port", help="port to listen on; default: 8000")
    parser.add_argument("--workers", metavar="N", help="server processes; more than one needs PostgreSQL")
    parser.add_argument(
        "--worker",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="deliver events and run jobs in this process too; default: on SQLite",
    )
    parser.add_argument("--graphiql", action="store_true", default=None, help="a page to try queries on, at /graphql")
    parser.set_defaults(run=_serve)


def _serve(args: argparse.Namespace) -> int:
    settings = read_settings(
        args, host=args.host, port=args.port, workers=args.workers, worker=args.worker, graphiql=args.graphiql
    )
    return serve(settings, open_kernel=_open)


def _open(settings: Settings) -> Kernel:
    if settings.sqlite:
        settings.sqlite_file.parent.mkdir(parents=True, exist_ok=True)
        make_keys(settings)
    kernel = Kernel.open(settings)
    prepare(kernel, settings)
    return kernel


def _variables() -> list[str]:
    names = [PREFIX + item.name.upper() for item in fields(Settings)]
    width = max(len(name) for name in names)
    return [f"  {name:<{width}}  {item.metadata['help']}" for name, item in zip(names, fields(Settings), strict=True)]
