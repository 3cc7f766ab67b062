"""Compact JWS, read more strictly than a general library may: the one door for every signed token.

PyJWT does the cryptography. Before it sees a token, this file has checked size, alphabet, canonical
base64url, JSON without repeated names, and that the key (found by ``kid`` in a map, nothing else)
allows exactly the algorithm which the header claims.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from typing import Any

from jwt.api_jws import PyJWS
from jwt.exceptions import PyJWTError

from huikuan.auth.errors import TokenInvalid

__all__ = [
    "ASYMMETRIC",
    "SYMMETRIC",
    "VerifyKey",
    "read_header",
    "sign",
    "unverified_issuer",
    "verified_claims",
]

SYMMETRIC = frozenset({"HS256", "HS384", "HS512"})
ASYMMETRIC = frozenset({"EdDSA", "ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
# Each of these tells the reader to trust a key the token brings along, or to read it another way.
_DANGEROUS_HEADERS = frozenset({"crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "enc", "epk", "cty"})
_COMPACT = re.compile(r"[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]{2,}")
_MOST_BRACKETS = 500
_JWS = PyJWS(algorithms=sorted(SYMMETRIC | ASYMMETRIC), options={"enforce_minimum_key_length": True})


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """A key to verify with, and the only algorithm it may be used for."""

    kid: str
    alg: str
    key: Any = field(repr=False)


def read_header(token: str, *, limit: int) -> dict[str, Any]:
    """The header of a well-formed token; nothing in it is trusted yet."""
    if len(token) > limit:
        raise TokenInvalid("token too long")
    if _COMPACT.fullmatch(token) is None:
        raise TokenInvalid("not a compact JWS")
    header = _strict_object(_canonical_base64(token.partition(".")[0]), "header")
    if not _DANGEROUS_HEADERS.isdisjoint(header):
        raise TokenInvalid("header names a parameter that is never accepted")
    if not isinstance(header.get("alg"), str) or not isinstance(header.get("kid"), str):
        raise TokenInvalid("header lacks alg or kid")
    return header


def verified_claims(token: str, header: dict[str, Any], key: VerifyKey | None) -> dict[str, Any]:
    """The claims, once the signature is found good under this key and its one algorithm."""
    if key is None:
        raise TokenInvalid("unknown or retired kid")
    if header["alg"] != key.alg:
        raise TokenInvalid("alg is not the key's algorithm")
    try:
        payload = _JWS.decode_complete(token, key.key, algorithms=[key.alg])["payload"]
    except PyJWTError as error:
        raise TokenInvalid(f"signature refused: {type(error).__name__}") from None
    return _strict_object(payload, "payload")


def unverified_issuer(token: str, *, limit: int) -> str:
    """Whom the token says it is from, to choose whose keys to try; proves nothing."""
    read_header(token, limit=limit)
    issuer = _strict_object(_canonical_base64(token.split(".")[1]), "payload").get("iss")
    if not isinstance(issuer, str):
        raise TokenInvalid("claim iss is missing")
    return issuer


def sign(claims: dict[str, Any], *, kid: str, alg: str, key: Any) -> str:
    payload = json.dumps(claims, separators=(",", ":"), allow_nan=False).encode()
    return _JWS.encode(payload, key, algorithm=alg, headers={"kid": kid})


def _canonical_base64(segment: str) -> bytes:
    try:
        decoded = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except binascii.Error:
        raise TokenInvalid("bad base64url") from None
    # Unused bits must be zero: else one token would have several spellings.
    if base64.urlsafe_b64encode(decoded).rstrip(b"=") != segment.encode("ascii"):
        raise TokenInvalid("bad base64url")
    return decoded


def _strict_object(raw: bytes, part: str) -> dict[str, Any]:
    # How deep the parser may go differs between Python versions; this many is far from all of them.
    if raw.count(b"[") + raw.count(b"{") > _MOST_BRACKETS:
        raise TokenInvalid(f"{part} is nested too much")
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_no_repeats, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise TokenInvalid(f"{part} is not strict JSON") from None
    if not isinstance(value, dict):
        raise TokenInvalid(f"{part} is not an object")
    return value


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("repeated name")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
