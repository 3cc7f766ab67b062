"""huikuan schema: the GraphQL schema as text, of any set of modules."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from huikuan.catalog import ModuleCatalog
from huikuan.cli.lookup import names
from huikuan.cli.opening import kernel_for, read_settings, say, start_log
from huikuan.cli.parsing import Parser, examples
from huikuan.composition import Composition, compose

__all__ = ["configure"]


def configure(groups: Any, name: str, help: str, shared: argparse.ArgumentParser) -> None:
    parser: Parser = groups.add_parser(
        name,
        help=help,
        parents=[shared],
        description=f"Print {help}. Needs no database, except with --tenant.",
        epilog=examples("""huikuan schema
        huikuan schema --modules orders,invoicing -o schema.graphql
        huikuan schema --tenant acme"""),
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--modules", metavar="A,B", help="these modules and what they require; default: all")
    which.add_argument("--tenant", metavar="NAME", help="the modules that a tenant has enabled")
    which.add_argument(
        "--surface", choices=("control", "anonymous"), help="what operators see, or callers without a token"
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write to a file")
    parser.set_defaults(run=_schema)


def _schema(args: argparse.Namespace) -> int:
    text = _composition(args).schema.sdl.rstrip() + "\n"
    if args.output:
        Path(args.output).write_text(text, encoding="utf-8")
        say(f"wrote {args.output}")
    else:
        print(text, end="")
    return 0


def _composition(args: argparse.Namespace) -> Composition:
    if args.tenant:
        with kernel_for(args) as kernel:
            return kernel.scope(args.tenant).composition
    settings = read_settings(args)
    start_log(args, settings)
    catalog = ModuleCatalog.discover(safe_mode=settings.safe_mode)
    if args.surface:
        return compose(catalog, (), args.surface)
    wanted = catalog.names if args.modules is None else catalog.closure(names(args.modules))
    return compose(catalog, wanted)
