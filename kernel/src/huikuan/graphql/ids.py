"""Global ids: base64url of the type's name and the UUID. Opaque to clients, strict when they come back."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from uuid import UUID

from huikuan.errors import BadInput

__all__ = ["decode_any_id", "decode_id", "encode_id"]

_MAX = 200


@lru_cache(maxsize=1024)
def _tag(type_name: str) -> bytes:
    return type_name.encode() + b":"


def encode_id(type_name: str, id: UUID) -> str:
    """The global id of an object."""
    return base64.urlsafe_b64encode(_tag(type_name) + id.bytes).rstrip(b"=").decode()


def decode_any_id(text: str, field: str | None = None) -> tuple[str, UUID]:
    """Type name and UUID of a global id."""
    found = _split(text)
    if found is None:
        raise BadInput(f"{text[:60]!r} is not an id.", field=field)
    return found


def decode_id(type_name: str, text: str, field: str | None = None) -> UUID:
    """The UUID of a global id of this type."""
    found = _split(text)
    if found is None or found[0] != type_name:
        article = "an" if type_name[:1] in "AEIOU" else "a"
        raise BadInput(f"{text[:60]!r} is not the id of {article} {type_name}.", field=field)
    return found[1]


def _split(text: str) -> tuple[str, UUID] | None:
    if len(text) > _MAX or not text.isascii():
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    name, colon, rest = raw[:-16], raw[-17:-16], raw[-16:]
    # One text per object: bits that base64 ignores must not make a second spelling.
    if colon != b":" or base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        return None
    try:
        return name[:-1].decode("ascii"), UUID(bytes=rest)
    except ValueError:
        return None
