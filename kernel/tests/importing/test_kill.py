"""Killed at any moment and started again, an import leaves the database an undisturbed one leaves."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from kernel.tests.importing.shop import HEADER, Shop, csv_file

ROOT = Path(__file__).parents[3]
KILLS = 8
ORDERS = 1_000


def start(file: Path, database: Path, report: Path) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "kernel.tests.importing.kill_target",
        str(file),
        str(database),
        str(report),
    ]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, bufsize=0)


def finish(process: subprocess.Popen[bytes]) -> None:
    process.communicate(timeout=120)
    assert process.returncode == 0


def kill_after(process: subprocess.Popen[bytes], units: int, delay: float) -> None:
    """Kill it once it has committed so many units and a moment more; nothing of it is cleaned up."""
    assert process.stdout is not None
    while units > 0 and (seen := process.stdout.read(units)):
        units -= len(seen)
    assert units == 0, "the import ended before it could be killed"
    time.sleep(delay)
    process.kill()
    process.communicate(timeout=30)


def file_of_orders(folder: Path) -> Path:
    """Orders with scattered lines, bad values and unknown products."""
    chance = random.Random(7)
    lines = []
    for order in range(ORDERS):
        for line in range(chance.randint(1, 6)):
            sku = chance.choice(("A", "B", "C", "GONE"))
            quantity = chance.choice(("1", "2", "x"))
            place = order + chance.choice((0, 0, 0, 400))
            lines.append((place, f"{order},{sku},{quantity},1.50,C{order % 90}-{line}"))
    lines.sort(key=lambda pair: pair[0])
    return csv_file(folder, HEADER, *(text for _, text in lines), name="orders.csv.gz")


def contents(database: Path) -> list[object]:
    shop = Shop(database)
    found: list[object] = [*shop.contents()]
    shop.close()
    return found


def test_kills_at_random_moments_lose_and_repeat_nothing(tmp_path: Path) -> None:
    file = file_of_orders(tmp_path)
    undisturbed, disturbed, report = tmp_path / "one.db", tmp_path / "two.db", tmp_path / "report.csv"
    finish(start(file, undisturbed, tmp_path / "one.csv"))
    everything = contents(undisturbed)
    chance = random.Random(11)
    for _ in range(KILLS):
        kill_after(start(file, disturbed, report), chance.randint(0, 80), chance.uniform(0, 0.003))
        assert len(contents(disturbed)) < len(everything)
        assert not report.exists(), "a report is whole or not there"
    finish(start(file, disturbed, report))
    assert contents(disturbed) == everything
    assert len(everything) > 2 * ORDERS
    assert report.exists()
    assert list(tmp_path.glob("*.partial")) == []
