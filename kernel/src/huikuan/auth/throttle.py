"""Limits on attempts, counted where a field is executed, so aliases in one request count one by one.

Leaky bucket in its GCRA form: one number per key (the time at which its bucket is empty again). The
counts live in this process; a server of several processes allows that many times the rate.
"""

from __future__ import annotations

import hashlib
import ipaddress
import threading
import unicodedata
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta

from huikuan.auth.errors import TooManyAttempts
from huikuan.clock import Clock

__all__ = ["LoginThrottle", "Rate", "Throttle"]

CAPACITY = 65_536


@dataclass(frozen=True, slots=True)
class Rate:
    """``limit`` attempts at once, refilled evenly over ``per``."""

    limit: int
    per: timedelta

    def __post_init__(self) -> None:
        if self.limit < 1 or self.per <= timedelta(0):
            raise ValueError(f"a rate needs a limit of at least 1 and a positive period, not {self}")


PER_EMAIL = Rate(5, timedelta(minutes=1))
PER_ADDRESS = Rate(20, timedelta(minutes=1))


class Throttle:
    """Counts hits per key in bounded memory; safe between threads."""

    def __init__(self, rate: Rate, clock: Clock, *, capacity: int = CAPACITY) -> None:
        self._clock = clock
        self._burst = rate.per.total_seconds()
        self._step = self._burst / rate.limit
        self._capacity = capacity
        self._empty_at: OrderedDict[bytes, float] = OrderedDict()
        self._lock = threading.Lock()

    def hit(self, key: str) -> float | None:
        """Count one attempt: ``None`` when it may go on, else the seconds to wait (then it isn't counted)."""
        now = self._clock.now().timestamp()
        slot = _slot(key)
        with self._lock:
            empty_at = max(self._empty_at.get(slot, now), now)
            # A clock set back must not lock anybody out for the length of the jump.
            empty_at = min(empty_at, now + self._burst)
            wait = empty_at + self._step - now - self._burst
            refused = wait > 1e-6
            self._empty_at[slot] = empty_at if refused else empty_at + self._step
            # Refused keys move to the end too: a flood of new keys evicts idle ones, not those under attack.
            self._empty_at.move_to_end(slot)
            if len(self._empty_at) > self._capacity:
                self._empty_at.popitem(last=False)
        return wait if refused else None

    def forget(self, key: str) -> None:
        """Empty the key's bucket, as after a successful sign-in."""
        with self._lock:
            self._empty_at.pop(_slot(key), None)

    def __len__(self) -> int:
        return len(self._empty_at)


class LoginThrottle:
    """The two limits of a sign-in: per e-mail address and per network address."""

    def __init__(self, clock: Clock, *, per_email: Rate = PER_EMAIL, per_address: Rate = PER_ADDRESS) -> None:
        self._emails = Throttle(per_email, clock)
        self._addresses = Throttle(per_address, clock)

    def attempt(self, email: str, address: str) -> None:
        """Count one attempt before any password is looked at; raises ``TooManyAttempts``."""
        # The address first: one that is over its limit can't use up the attempts of an e-mail address.
        wait = self._addresses.hit(network_of(address))
        if wait is None:
            wait = self._emails.hit(_same_email(email))
        if wait is not None:
            raise TooManyAttempts(wait)

    def succeeded(self, email: str) -> None:
        """A right password clears the e-mail address; the network address keeps its count."""
        self._emails.forget(_same_email(email))


def network_of(address: str) -> str:
    """What counts as one client: an IPv4 address, or the /64 that an IPv6 customer may roam in."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is None:
            return str(ipaddress.IPv6Network((parsed, 64), strict=False))
        return str(parsed.ipv4_mapped)
    return str(parsed)


def _same_email(email: str) -> str:
    return unicodedata.normalize("NFKC", email).strip().casefold()


def _slot(key: str) -> bytes:
    # A digest keeps each entry small whatever a stranger sends, and no personal data in memory.
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()
