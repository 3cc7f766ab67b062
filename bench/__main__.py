"""Runs one bench: ``uv run python -m bench NAME [--json] [--quick] [--database URL]``."""

import argparse
import importlib
import json
import pkgutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.bars import judge
from bench.machine import machine, python

_RUNNER = {"__main__", "bars", "machine"}


@dataclass(frozen=True, slots=True)
class Options:
    """What a bench may be asked for. Without a database URL it brings its own."""

    quick: bool = False
    database: str | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    """One module of this package: the bars of its rows, and the function that measures them."""

    name: str
    bars: dict[str, str]
    run: Callable[[Options], dict[str, float]]


def names() -> list[str]:
    found = (entry.name for entry in pkgutil.iter_modules([str(Path(__file__).parent)]))
    return sorted(
        name.replace("_", "-") for name in found if name not in _RUNNER and not name.startswith(("_", "test_"))
    )


def load(name: str) -> Bench:
    module = importlib.import_module(f"bench.{name.replace('-', '_')}")
    return Bench(name, module.BARS, module.run)


def as_json(rows: dict[str, float]) -> str:
    return json.dumps({"rows": rows, "machine": machine(), "python": python()}, ensure_ascii=False)


def as_table(rows: dict[str, float], bars: dict[str, str]) -> str:
    names = [*rows, *(name for name in bars if name not in rows)]
    lines = [("row", "value", "bar", "verdict")]
    for name in names:
        value, bar = rows.get(name), bars.get(name)
        lines.append((name, "-" if value is None else f"{value:,.4g}", bar or "-", judge(value, bar).value))
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    return "\n".join(
        f"{name:<{widths[0]}}  {value:>{widths[1]}}  {bar:<{widths[2]}}  {verdict}"
        for name, value, bar, verdict in lines
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Run one bench against its bars.")
    parser.add_argument("name", nargs="?", default="")
    parser.add_argument("--json", action="store_true", help="one JSON object: rows, machine, python")
    parser.add_argument("--quick", action="store_true", help="less of everything: does it run, not how fast")
    parser.add_argument("--database", metavar="URL", help="measure on this database instead of its own")
    given = parser.parse_args(arguments)
    if given.name not in names():
        asked = f"no bench {given.name!r}" if given.name else "name a bench"
        print(f"bench: {asked}; there are: {', '.join(names()) or 'none yet'}", file=sys.stderr)
        return 2
    bench = load(given.name)
    rows = bench.run(Options(quick=given.quick, database=given.database))
    print(as_json(rows) if given.json else as_table(rows, bench.bars))
    return 0


if __name__ == "__main__":
    sys.exit(main())
