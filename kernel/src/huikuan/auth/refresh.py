"""Opaque refresh tokens ``hkr_<secret>``: 256 random bits, only their SHA-256 is stored.

Each is used once: whoever presents one that was exchanged already holds a stolen copy (or lost the
answer), so the rows' owner ends the whole family then.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, field

from huikuan.auth.errors import RefreshInvalid

__all__ = ["RefreshToken", "new_refresh", "refresh_hash"]

_REFRESH = re.compile(r"hkr_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A fresh refresh token: ``token`` goes to the client once, ``hash`` is stored."""

    token: str = field(repr=False)
    hash: bytes = field(repr=False)


def new_refresh() -> RefreshToken:
    token = f"hkr_{secrets.token_urlsafe(32)}"
    return RefreshToken(token, refresh_hash(token))


def refresh_hash(token: str) -> bytes:
    """The hash to look a presented token up by (a lookup by hash needs no constant time)."""
    if _REFRESH.fullmatch(token) is None:
        raise RefreshInvalid("not of the form hkr_<43 characters>")
    return hashlib.sha256(token.encode("ascii")).digest()
