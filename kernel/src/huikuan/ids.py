"""UUIDv7 (RFC 9562): ids made by the application, sortable by the time they were made."""

from __future__ import annotations

import os
import threading
import time
from uuid import UUID

_RANDOM_BITS = 62
_COUNTER_BITS = 12
_COUNTER_MASK = (1 << _COUNTER_BITS) - 1
_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62

_lock = threading.Lock()
_last = 0  # milliseconds and counter of the newest id, as one 60-bit number


def new_id() -> UUID:
    """A new UUIDv7, greater than every one made before in this process, even if the clock jumps back."""
    global _last
    entropy = int.from_bytes(os.urandom(9))
    tick = time.time_ns() // 1_000_000 << _COUNTER_BITS
    # Start each millisecond in the lower half of the counter, so that 2,048 ids fit before it runs over.
    tick |= entropy >> _RANDOM_BITS & (_COUNTER_MASK >> 1)
    with _lock:
        _last = tick = max(tick, _last + 1)
    milliseconds, counter = tick >> _COUNTER_BITS, tick & _COUNTER_MASK
    tail = entropy & ((1 << _RANDOM_BITS) - 1)
    return UUID(int=milliseconds << 80 | _VERSION | counter << 64 | _VARIANT | tail)
