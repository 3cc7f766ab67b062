"""The whole of a real wholesaler's file, imported on SQLite through the commands that users call."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.__main__ import Options

BARS = {"seconds": "<= 300 s", "lines": "== 541909", "lines_per_second": ">= 1800", "peak_mb": "<= 700 MB"}
DATA = Path(os.environ.get("HUIKUAN_DATA", "../shared/data")) / "online_retail" / "online_retail.csv.gz"

# A process of its own: its peak memory is the import's alone.
_CHILD = """
import json, sys, time
from bench.machine import peak_mb
from huikuan.cli import main
url, file, report, limit = sys.argv[1:5]
started = time.perf_counter()
codes = [
    main(["--database-url", url, "db", "upgrade"]),
    main(["--database-url", url, "tenant", "create", "bench", "--currency", "GBP", "--modules", "orders"]),
]
assert codes == [0, 0], codes
started = time.perf_counter()
code = main(["--database-url", url, "import", "orders", file, "--tenant", "bench", "--mapping", "online-retail",
             "--report", report, "--quiet"])
print("RESULT " + json.dumps({"seconds": time.perf_counter() - started, "peak_mb": peak_mb(), "code": code}))
"""


def run(options: Options) -> dict[str, float]:
    """Skipped by name where the data is not at hand."""
    if not DATA.exists():
        sys.exit(f"bench import: skipped, {DATA} is not here; set HUIKUAN_DATA to the folder that holds online_retail/")
    with tempfile.TemporaryDirectory() as folder:
        file, lines = _input(Path(folder), quick=options.quick)
        url = options.database or f"sqlite:///{Path(folder) / 'bench.db'}"
        done = subprocess.run(
            [sys.executable, "-c", _CHILD, url, str(file), str(Path(folder) / "report.csv"), "0"],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    result = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))[7:])
    return {
        "seconds": result["seconds"],
        "lines": lines,
        "lines_per_second": lines / result["seconds"],
        "peak_mb": result["peak_mb"],
    }


def _input(folder: Path, *, quick: bool) -> tuple[Path, int]:
    """The file and how many lines it has; with ``--quick`` its first 20,000."""
    if not quick:
        return DATA, 541_909
    short = folder / "short.csv"
    with gzip.open(DATA, "rt", encoding="utf-8") as source, short.open("w", encoding="utf-8") as target:
        for number, line in enumerate(source):
            if number > 20_000:
                break
            target.write(line)
    return short, 20_000
