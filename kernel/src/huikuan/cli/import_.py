"""huikuan import: a CSV file into a tenant, row by row reported."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from huikuan.cli.opening import kernel_for
from huikuan.cli.parsing import Parser, examples
from huikuan.cli.problems import FAILED
from huikuan.db.admin import connect
from huikuan.errors import BadInput
from huikuan.importing import Importer, ImportMapping, describe_columns, load_mapping, progress_for
from huikuan.importing_commands import import_file
from huikuan.kernel import Kernel
from huikuan.runner import Scope

__all__ = ["configure"]

INTERRUPTED = 130


def configure(groups: Any, name: str, help: str, shared: argparse.ArgumentParser) -> None:
    parser: Parser = groups.add_parser(
        name,
        help=help,
        parents=[shared],
        description="Read a CSV file (.gz too) into a tenant. Encoding, delimiter and column names are recognised;\n"
        "a mapping file says what is not. Good rows are written, bad ones reported. Give the same command\n"
        "again after an interruption: what is there already is left as it is.",
        epilog=examples("""huikuan import orders sales.csv --tenant acme --dry-run
        huikuan import orders sales.csv --tenant acme --report report.csv
        huikuan import orders --tenant acme --columns"""),
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="what is imported; leave it out to list what can be")
    parser.add_argument("file", nargs="?", metavar="FILE", help="the CSV file")
    parser.add_argument("--tenant", metavar="NAME", required=True, help="short name of the tenant")
    parser.add_argument(
        "--mapping",
        metavar="FILE",
        help="a TOML file: which column means what; or the name of one that the module ships",
    )
    parser.add_argument("--columns", action="store_true", help="show the columns that NAME understands, and stop")
    parser.add_argument("--dry-run", action="store_true", help="do it all, then undo it; others wait meanwhile")
    parser.add_argument("--report", metavar="FILE", help="write a CSV with every problem, row by row")
    parser.add_argument("--encoding", help="such as utf-8 or gb18030; default: recognised")
    parser.add_argument("--delimiter", help="one character, such as ';'; default: recognised")
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    parser.add_argument("--json", action="store_true", help="the summary as JSON")
    parser.set_defaults(run=_import)


def _import(args: argparse.Namespace) -> int:
    # The import's own connection does not wait for the disk at each unit; the checkpoint at the end does.
    with kernel_for(args, synchronous="NORMAL") as kernel:
        scope = kernel.scope(args.tenant)
        if args.name is None:
            _list(scope)
            return 0
        importer = _importer(scope, args.name)
        if args.columns:
            print(describe_columns(importer))
            return 0
        if args.file is None:
            raise BadInput(f"Name the file: huikuan import {args.name} FILE --tenant {args.tenant}.")
        try:
            return _run(args, kernel, scope, importer)
        finally:
            _checkpoint(kernel)


def _run(args: argparse.Namespace, kernel: Kernel, scope: Scope, importer: Importer) -> int:
    summary = import_file(
        kernel,
        scope,
        importer,
        Path(args.file),
        mapping=_mapping(scope, importer, args.mapping),
        dry_run=args.dry_run,
        progress=progress_for(sys.stderr, kernel.clock, quiet=args.quiet),
        report_path=Path(args.report) if args.report else None,
        encoding=args.encoding,
        delimiter=args.delimiter,
    )
    if args.json:
        print(json.dumps(summary.as_dict(), indent=2, ensure_ascii=False, default=str))
    else:
        print(summary.render())
    if summary.interrupted:
        return INTERRUPTED
    return 0 if summary.ok else FAILED


def _importer(scope: Scope, name: str) -> Importer:
    known = scope.composition.importers
    if name not in known:
        raise BadInput(
            f"{scope.tenant.slug} has no import {name!r}; its modules bring: {', '.join(sorted(known)) or 'none'}."
        )
    return known[name][0]


def _mapping(scope: Scope, importer: Importer, given: str | None) -> ImportMapping | None:
    """A mapping file, or the name of one that the importer's module ships in its folder ``mappings``."""
    if given is None:
        return None
    if Path(given).exists():
        return load_mapping(Path(given))
    shipped = _shipped(scope, importer)
    if given not in shipped:
        known = f"; {importer.name} brings: {', '.join(shipped)}" if shipped else ""
        raise BadInput(f"There is no mapping file {given!r}{known}.")
    return load_mapping(shipped[given])


def _shipped(scope: Scope, importer: Importer) -> dict[str, Path]:
    """The mappings in the folder of the importer's module, by name."""
    folder = scope.composition.module(scope.composition.importers[importer.name][1]).directory / "mappings"
    return {path.stem.replace("_", "-"): path for path in sorted(folder.glob("*.toml"))}


def _list(scope: Scope) -> None:
    known = scope.composition.importers
    if not known:
        print(f"the modules of {scope.tenant.slug} bring no imports")
    width = max(map(len, known), default=0)
    for name, (importer, module) in sorted(known.items()):
        mappings = ", ".join(_shipped(scope, importer))
        print(f"{name:<{width}}  {importer.title} ({module}){f'; mappings: {mappings}' if mappings else ''}")


def _checkpoint(kernel: Kernel) -> None:
    """Everything imported is on the disk, in the database file itself, when the command ends."""
    if kernel.database.dialect == "sqlite":
        with connect(kernel.database.engine) as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
