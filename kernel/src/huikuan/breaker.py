"""A breaker per tenant, module and hook: what keeps failing is paused, so that it stops costing time.

Paused means refused with a clear message, never skipped: a veto that is not asked would be a hole.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

__all__ = ["Breaker"]

CAPACITY = 10_000
Key = tuple[UUID, str, str]


@dataclass(slots=True)
class _Record:
    """Failures of one module in one hook and tenant; ``paused_at`` stands until a call succeeds again."""

    failures: list[datetime] = field(default_factory=list)
    paused_at: datetime | None = None


class Breaker:
    """Counts failures; safe between threads. Time is the caller's, so that tests and replays agree."""

    def __init__(
        self,
        limit: int = 5,
        window: timedelta = timedelta(seconds=60),
        pause: timedelta = timedelta(seconds=60),
    ) -> None:
        self.limit, self.window, self.pause = limit, window, pause
        self._lock = threading.Lock()
        self._records: OrderedDict[Key, _Record] = OrderedDict()

    def seconds_left(self, key: Key, now: datetime) -> float:
        """How long it stays paused; 0 if it may be called. After the pause one failure pauses it again."""
        record = self._records.get(key)
        if record is None or record.paused_at is None:
            return 0.0
        return max(0.0, (record.paused_at + self.pause - now).total_seconds())

    def failed(self, key: Key, now: datetime) -> None:
        """Count a failure."""
        with self._lock:
            record = self._records.setdefault(key, _Record())
            self._records.move_to_end(key)
            if len(self._records) > CAPACITY:
                self._records.popitem(last=False)
            record.failures = [moment for moment in record.failures if now - moment < self.window]
            record.failures.append(now)
            if record.paused_at is not None or len(record.failures) >= self.limit:
                record.paused_at = now

    def succeeded(self, key: Key) -> None:
        """A call after the pause went well: it is whole again."""
        record = self._records.get(key)
        if record is not None and record.paused_at is not None:
            with self._lock:
                self._records.pop(key, None)
