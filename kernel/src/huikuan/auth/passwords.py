"""Passwords: argon2id at the OWASP minimum, with a limit on how many are hashed at one time.

One hash takes 19 MiB and some 50 ms of a core; without the limit a burst of sign-ins would take all
memory and every core from the requests of those who are signed in already.
"""

from __future__ import annotations

import os
import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from huikuan.auth.errors import HashingBusy, PasswordPolicyError, PasswordProblem

__all__ = ["MAX_LENGTH", "MIN_LENGTH", "HashSlots", "Passwords", "check_policy"]

MIN_LENGTH = 10
MAX_LENGTH = 256
MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1
WAIT_SECONDS = 2.0


class HashSlots:
    """So many hashes at one time; whoever waits longer than ``wait`` seconds gets ``HashingBusy``."""

    def __init__(self, count: int, wait: float = WAIT_SECONDS) -> None:
        self._free = threading.BoundedSemaphore(count)
        self._wait = wait
        self.count = count

    @contextmanager
    def take(self) -> Iterator[None]:
        if not self._free.acquire(timeout=self._wait):
            raise HashingBusy(retry_after=self._wait)
        try:
            yield
        finally:
            self._free.release()


# Shared by every Passwords of the process: the memory and the cores belong to the process.
PROCESS_SLOTS = HashSlots(max(2, os.cpu_count() or 2))


def _prepare(password: str) -> bytes | None:
    """The bytes to hash, or None for what can't be a password (too long, half a surrogate pair)."""
    if len(password) > MAX_LENGTH:
        return None
    try:
        # NFKC, so that a password typed on another keyboard or system is the same password.
        return unicodedata.normalize("NFKC", password).encode("utf-8")
    except UnicodeEncodeError:
        return None


def check_policy(password: str, *, email: str) -> None:
    """Refuse a new password that breaks a rule; call before ``Passwords.hash``."""
    if len(password) < MIN_LENGTH:
        raise PasswordPolicyError(PasswordProblem.TOO_SHORT, f"Choose a password of at least {MIN_LENGTH} characters.")
    if len(password) > MAX_LENGTH:
        raise PasswordPolicyError(PasswordProblem.TOO_LONG, f"Choose a password of at most {MAX_LENGTH} characters.")
    if _prepare(password) is None:
        raise PasswordPolicyError(PasswordProblem.NOT_TEXT, "The password contains an invalid character.")
    if password.strip().casefold() == email.strip().casefold():
        raise PasswordPolicyError(PasswordProblem.IS_EMAIL, "Choose a password that is not your e-mail address.")


class Passwords:
    """Hash and verify. ``verify`` does one hash's work whatever it is given, so time tells nothing."""

    def __init__(self, slots: HashSlots = PROCESS_SLOTS) -> None:
        self._slots = slots
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, type=Type.ID)
        # Made here and not at the first use: else the first unknown user would take two hashes' time.
        self._nobody = self._hasher.hash(secrets.token_bytes(32))

    def hash(self, password: str) -> str:
        prepared = _prepare(password)
        if prepared is None:
            raise PasswordPolicyError(PasswordProblem.NOT_TEXT, "The password is too long or not text.")
        with self._slots.take():
            return self._hasher.hash(prepared)

    def verify(self, password: str, stored: str | None) -> bool:
        """Whether the password belongs to the stored hash; ``None`` (no such user) costs the same."""
        prepared = _prepare(password)
        if stored is None or prepared is None:
            return self.verify_nobody(password)
        try:
            return self._compare(stored, prepared)
        except (InvalidHashError, VerificationError):
            # A locked account ("!") or a damaged hash answers like an unknown user, in the same time.
            return self.verify_nobody(password)

    def verify_nobody(self, password: str) -> bool:
        """Do the work of one verification for a user that does not exist; always False."""
        self._compare(self._nobody, _prepare(password) or b"")
        return False

    def needs_rehash(self, stored: str) -> bool:
        """Whether the hash was made with other parameters; ask after a successful ``verify``."""
        return self._hasher.check_needs_rehash(stored)

    def _compare(self, stored: str, prepared: bytes) -> bool:
        with self._slots.take():
            try:
                return self._hasher.verify(stored, prepared)
            except VerifyMismatchError:
                return False
