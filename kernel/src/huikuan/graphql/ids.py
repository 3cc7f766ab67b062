"""Global ids: base64url of the type's name and the UUID. Opaque to clients, strict when they come back."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from huikuan.errors import BadInput

__all__ = ["decode_any_id", "decode_id", "encode_id", "encode_ids"]

_MAX = 200
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


@lru_cache(maxsize=1024)
def _tag(type_name: str) -> bytes:
    # One to three colons, so that the UUID begins at a whole base64 group and many can be encoded at once.
    return type_name.encode() + b":" * (3 - len(type_name) % 3)


@lru_cache(maxsize=1024)
def _prefix(type_name: str) -> str:
    return base64.urlsafe_b64encode(_tag(type_name)).decode()


def encode_id(type_name: str, id: UUID) -> str:
    """The global id of an object."""
    return base64.urlsafe_b64encode(_tag(type_name) + id.bytes).rstrip(b"=").decode()


def encode_ids(type_name: str, texts: Sequence[str]) -> list[str]:
    """The global ids of many objects, from their UUIDs in hexadecimal digits, with dashes or without."""
    if not texts:
        return []
    # Two more bytes make a UUID six groups long; what they add to the text is cut off again.
    raw = bytes.fromhex("0000".join(texts).replace("-", "") + "0000")
    joined, prefix = binascii.b2a_base64(raw, newline=False).translate(_URL_SAFE).decode(), _prefix(type_name)
    return [prefix + joined[start : start + 22] for start in range(0, len(joined), 24)]


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
    try:
        name, id = raw[:-16].rstrip(b":").decode("ascii"), UUID(bytes=raw[-16:])
    except ValueError:
        return None
    # One text per object: neither other bits that base64 ignores nor other colons make a second spelling.
    return (name, id) if name and encode_id(name, id) == text else None
