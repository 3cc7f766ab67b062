"""Imports a file into a database file, for a test that kills it: ``kill_target.py FILE DATABASE REPORT``.

Writes one byte to standard output for every unit that is committed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from huikuan.clock import SystemClock
from huikuan.importing import Outcome, Unit, run_import
from kernel.tests.importing.shop import Shop, orders


def main() -> None:
    file, database, report = (Path(argument) for argument in sys.argv[1:])
    shop = Shop(database, orders(bad_row="row"))

    def execute(key: str, unit: Unit) -> Outcome:
        outcome = shop.execute(key, unit)
        os.write(1, b".")
        return outcome

    run_import(shop.importer, file, execute=execute, clock=SystemClock(), report_path=report, known=shop.known)
    shop.close()


if __name__ == "__main__":
    main()
