"""Makes tokens a general library would refuse to make: any header, any payload, any signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from huikuan.auth.keys import KeyRing

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

Signer = Callable[[bytes], bytes]


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def compact(header: Mapping[str, Any] | bytes, payload: Mapping[str, Any] | bytes, sign: Signer) -> str:
    """A token whose signature is right for its own bytes, so that only the rule under test refuses it."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload)]
    text = ".".join(map(b64, parts))
    return f"{text}.{b64(sign(text.encode()))}"


def mac(secret: bytes) -> Signer:
    return lambda text: hmac.new(secret, text, hashlib.sha256).digest()


def signer_of(ring: KeyRing) -> Signer:
    def sign(text: bytes) -> bytes:
        signature: bytes = ring.signer.private.sign(text)
        return signature

    return sign


def header_of(ring: KeyRing, **changes: Any) -> dict[str, Any]:
    return {"alg": "EdDSA", "kid": ring.signer.kid, "typ": "JWT", **changes}


def without(claims: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if name not in names}
