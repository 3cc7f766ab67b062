"""Progress of a long import: a bar on a terminal, now and then a line elsewhere, or nothing."""

from __future__ import annotations

import shutil
from datetime import datetime
from typing import Protocol, TextIO

from huikuan.clock import Clock

__all__ = ["BarProgress", "LineProgress", "Progress", "QuietProgress", "progress_for"]

WIDTH = 20


class Progress(Protocol):
    """Told by the runner how far it is; ``fraction`` is of the file, 0 to 1."""

    def start(self, phase: str) -> None: ...

    def update(self, *, rows: int, fraction: float, errors: int) -> None: ...

    def finish(self) -> None: ...


class QuietProgress:
    """Says nothing."""

    def start(self, phase: str) -> None: ...

    def update(self, *, rows: int, fraction: float, errors: int) -> None: ...

    def finish(self) -> None: ...


class LineProgress:
    """A plain line every ``every`` seconds, for logs."""

    def __init__(self, stream: TextIO, clock: Clock, *, every: float = 5.0) -> None:
        self._stream = stream
        self._clock = clock
        self._every = every
        self._phase = ""
        self._began: datetime = clock.now()
        self._shown: datetime = self._began

    def start(self, phase: str) -> None:
        self._phase = phase
        self._began = self._shown = self._clock.now()

    def update(self, *, rows: int, fraction: float, errors: int) -> None:
        now = self._clock.now()
        if (now - self._shown).total_seconds() >= self._every:
            self._shown = now
            self._show(_state(self._phase, rows, fraction, errors, (now - self._began).total_seconds()), fraction)

    def finish(self) -> None: ...

    def _show(self, state: str, fraction: float) -> None:
        print(state, file=self._stream, flush=True)


class BarProgress(LineProgress):
    """One line on a terminal, drawn again and again."""

    def __init__(self, stream: TextIO, clock: Clock, *, every: float = 0.1) -> None:
        super().__init__(stream, clock, every=every)
        self._drawn = False
        self._blocks = "━─" if "utf" in (stream.encoding or "").lower() else "#."

    def finish(self) -> None:
        if self._drawn:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()
            self._drawn = False

    def _show(self, state: str, fraction: float) -> None:
        done = round(WIDTH * fraction)
        bar = self._blocks[0] * done + self._blocks[1] * (WIDTH - done)
        # A line that wraps would not be drawn over.
        line = f"{bar} {state}"[: shutil.get_terminal_size().columns - 1]
        self._stream.write(f"\r\x1b[2K{line}")
        self._stream.flush()
        self._drawn = True


def progress_for(stream: TextIO, clock: Clock, *, quiet: bool = False) -> Progress:
    """A bar if the stream is a terminal, else lines; nothing if quiet."""
    if quiet:
        return QuietProgress()
    return BarProgress(stream, clock) if stream.isatty() else LineProgress(stream, clock)


def _state(phase: str, rows: int, fraction: float, errors: int, seconds: float) -> str:
    parts = [f"{phase} {fraction:4.0%}", f"{rows:,} rows"]
    if seconds > 0:
        parts.append(f"{rows / seconds:,.0f} rows/s")
        if 0 < fraction < 1:
            parts.append(f"{_clock_face(seconds / fraction - seconds)} left")
    if errors:
        parts.append(f"{errors:,} {'error' if errors == 1 else 'errors'}")
    return ", ".join(parts)


def _clock_face(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
