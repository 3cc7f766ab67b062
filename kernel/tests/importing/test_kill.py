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


def start(file: Path, database: Path, report: Path) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "kernel.tests.importing.kill_target",
        str(file),
        str(database),
        str(report),
    ]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> float:
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    began = time.monotonic()
    process.stdout.close()
    assert process.wait(120) == 0
    return time.monotonic() - began


def kill_after(process: subprocess.Popen[str], seconds: float) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    time.sleep(seconds)
    process.kill()
    process.stdout.close()
    process.wait(30)


def big_file(folder: Path) -> Path:
    """Orders with scattered lines, bad values and unknown products."""
    chance = random.Random(7)
    lines = []
    for order in range(2_000):
        for line in range(chance.randint(1, 6)):
            sku = chance.choice(("A", "B", "C", "GONE"))
            quantity = chance.choice(("1", "2", "x"))
            lines.append(
                (order + chance.choice((0, 0, 0, 900)), f"{order},{sku},{quantity},1.50,C{order % 90}-{line}")
            )
    lines.sort(key=lambda pair: pair[0])
    return csv_file(folder, HEADER, *(text for _, text in lines), name="orders.csv.gz")


def contents(database: Path) -> list[object]:
    shop = Shop(database)
    found: list[object] = [*shop.contents()]
    shop.close()
    return found


def test_kills_at_random_moments_lose_and_repeat_nothing(tmp_path: Path) -> None:
    file = big_file(tmp_path)
    undisturbed, disturbed, report = tmp_path / "one.db", tmp_path / "two.db", tmp_path / "report.csv"
    seconds = finish(start(file, undisturbed, tmp_path / "one.csv"))
    chance = random.Random(11)
    sizes = [0]
    for _ in range(KILLS):
        kill_after(start(file, disturbed, report), chance.uniform(0, seconds))
        sizes.append(len(contents(disturbed)))
    finish(start(file, disturbed, report))
    assert sizes == sorted(sizes)
    assert contents(disturbed) == contents(undisturbed)
    assert len(contents(undisturbed)) > 4_000
    assert report.exists()
    assert list(tmp_path.glob("*.partial")) == []
