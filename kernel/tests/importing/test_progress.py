"""Progress: a bar on a terminal, lines in a log, nothing when quiet."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest

from huikuan.clock import FixedClock
from huikuan.importing import QuietProgress, progress_for
from huikuan.importing.progress import BarProgress, LineProgress
from kernel.tests.importing.shop import HEADER, NOON, Shop, csv_file


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_log_gets_a_line_every_few_seconds() -> None:
    clock, stream = FixedClock(NOON), io.StringIO()
    progress = progress_for(stream, clock)
    progress.start("Importing")
    for second in range(1, 13):
        clock.advance(timedelta(seconds=1))
        progress.update(rows=second * 1_000, fraction=second / 20, errors=second // 7)
    progress.finish()
    assert stream.getvalue().splitlines() == [
        "Importing  25%, 5,000 rows, 1,000 rows/s, 0:15 left",
        "Importing  50%, 10,000 rows, 1,000 rows/s, 0:10 left, 1 error",
    ]


def test_a_terminal_gets_one_line_that_is_wiped_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    clock, stream = FixedClock(NOON), Terminal()
    progress = progress_for(stream, clock)
    assert isinstance(progress, BarProgress)
    progress.start("Importing")
    clock.advance(timedelta(hours=1))
    progress.update(rows=3_600, fraction=0.25, errors=0)
    progress.finish()
    drawn = stream.getvalue()
    assert "#####............... Importing  25%, 3,600 rows, 1 rows/" in drawn
    assert drawn.endswith("\r\x1b[2K")
    assert "\n" not in drawn


def test_quiet_is_quiet_and_a_pipe_is_no_terminal(tmp_path: Path) -> None:
    clock = FixedClock(NOON)
    assert isinstance(progress_for(Terminal(), clock, quiet=True), QuietProgress)
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w", encoding="utf-8") as pipe:
        assert type(progress_for(pipe, clock)) is LineProgress


def test_the_runner_tells_how_far_it_is(shop: Shop, tmp_path: Path) -> None:
    told: list[tuple[str, int, float]] = []

    class Recorder(QuietProgress):
        phase = ""

        def start(self, phase: str) -> None:
            self.phase = phase

        def update(self, *, rows: int, fraction: float, errors: int) -> None:
            told.append((self.phase, rows, fraction))

    path = csv_file(tmp_path, HEADER, *(f"{number // 3},A,1,1,C1" for number in range(3_000)))
    shop.run(path, progress=Recorder())
    assert {phase for phase, _, _ in told} == {"Reading", "Importing"}
    rows = [rows for phase, rows, _ in told if phase == "Importing"]
    assert rows == sorted(rows)
    assert rows[-1] > 2_800
    assert all(0 <= fraction <= 1 for _, _, fraction in told)
