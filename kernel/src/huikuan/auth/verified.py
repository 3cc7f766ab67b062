"""Remembers whose signature was found good, because one EdDSA verification costs some 180 µs.

Only the signature is remembered. Expiry, tenant and revocation are asked again at each request.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime
from typing import Any

__all__ = ["VerifiedTokens"]

CAPACITY = 4096


class VerifiedTokens:
    """At most ``capacity`` tokens by SHA-256, the longest unused leaves first, none beyond its ``exp``."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[bytes, tuple[str, dict[str, Any]]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, digest: bytes, now: datetime) -> tuple[str, dict[str, Any]] | None:
        """The kid and claims of a token verified before."""
        with self._lock:
            entry = self._entries.get(digest)
            if entry is None:
                return None
            if now.timestamp() >= entry[1]["exp"]:
                del self._entries[digest]
                return None
            self._entries.move_to_end(digest)
            return entry

    def put(self, digest: bytes, kid: str, claims: dict[str, Any]) -> None:
        """Remember a verified token; one without a plain expiry is never remembered."""
        if type(claims.get("exp")) is not int:
            return
        with self._lock:
            self._entries[digest] = (kid, claims)
            if len(self._entries) > self._capacity:
                self._entries.popitem(last=False)

    def __len__(self) -> int:
        return len(self._entries)
