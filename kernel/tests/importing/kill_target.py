"""Imports a file into a database file, for a test that kills it: ``kill_target.py FILE DATABASE REPORT``."""

from __future__ import annotations

import sys
from pathlib import Path

from huikuan.clock import SystemClock
from huikuan.importing import run_import
from kernel.tests.importing.shop import Shop, orders


def main() -> None:
    file, database, report = (Path(argument) for argument in sys.argv[1:])
    shop = Shop(database, orders(bad_row="row"))
    sys.stdout.write("started\n")
    sys.stdout.flush()
    run_import(
        shop.importer, file, execute=shop.execute, clock=SystemClock(), report_path=report, known=shop.known
    )
    shop.close()


if __name__ == "__main__":
    main()
