"""API keys ``hk_<prefix>_<secret>``: the prefix finds the row, the secret proves the owner.

The secret is 256 random bits, so SHA-256 is enough to store it: there is nothing to guess, and a slow
hash would only cost every request. The fixed beginning lets secret scanners find a leaked key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

from huikuan.auth.errors import ApiKeyInvalid

__all__ = ["ApiKey", "new_api_key", "parse_api_key"]

_PREFIX_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_PREFIX_LENGTH = 8
_API_KEY = re.compile(r"hk_([a-z0-9]{8})_([A-Za-z0-9_-]{43})")
# Compared with when the prefix is unknown, so that this takes the path of a wrong secret.
_NO_HASH = hashlib.sha256(secrets.token_bytes(32)).digest()


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("ascii")).digest()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What may be stored of a key: the prefix to look it up by, and the hash of the secret."""

    prefix: str
    secret_hash: bytes = field(repr=False)

    def matches(self, stored_hash: bytes | None) -> bool:
        """Compare in constant time; pass ``None`` when no key has this prefix."""
        equal = hmac.compare_digest(self.secret_hash, stored_hash if stored_hash is not None else _NO_HASH)
        return equal and stored_hash is not None


def new_api_key() -> tuple[str, ApiKey]:
    """A fresh key: the text to show once, and what to store. The prefix is random: expect a unique index."""
    prefix = "".join(secrets.choice(_PREFIX_ALPHABET) for _ in range(_PREFIX_LENGTH))
    secret = secrets.token_urlsafe(32)
    return f"hk_{prefix}_{secret}", ApiKey(prefix, _digest(secret))


def parse_api_key(text: str) -> ApiKey:
    """Take a presented key apart; anything of another shape is ``ApiKeyInvalid``."""
    found = _API_KEY.fullmatch(text)
    if found is None:
        raise ApiKeyInvalid("not of the form hk_<8 characters>_<43 characters>")
    return ApiKey(found[1], _digest(found[2]))
