"""Access tokens: who is calling, for which tenant, until when. Rights are not in it; they are read fresh."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from huikuan.auth.errors import TokenExpired, TokenInvalid
from huikuan.auth.keys import KeyRing
from huikuan.clock import Clock
from huikuan.ids import new_id

__all__ = ["ACCESS_TTL", "LEEWAY", "AccessClaims", "CallerKind", "issue_access", "verify_access"]

ACCESS_TTL = timedelta(minutes=15)
LEEWAY = timedelta(seconds=30)
_TYPE = "access"
_REQUIRED = ("iss", "aud", "sub", "typ", "iat", "exp", "jti", "epoch", "kind")


class CallerKind(Enum):
    USER = "user"
    OPERATOR = "operator"
    API_KEY = "api_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessClaims:
    """What an access token says. ``iat`` and ``exp`` are set when it is issued.

    ``epoch`` is the user's at sign-in: when the stored one has moved on, the token is revoked.
    """

    sub: UUID
    tid: UUID | None
    kind: CallerKind
    epoch: int
    jti: UUID = field(default_factory=new_id)
    iat: datetime | None = None
    exp: datetime | None = None

    def __post_init__(self) -> None:
        if self.kind is CallerKind.OPERATOR and self.tid is not None:
            raise ValueError("an operator's token names no tenant")
        if self.kind is CallerKind.API_KEY and self.tid is None:
            raise ValueError("an API key's token must name its tenant")
        if self.epoch < 0:
            raise ValueError("an epoch is never negative")


def issue_access(ring: KeyRing, claims: AccessClaims, clock: Clock, ttl: timedelta = ACCESS_TTL) -> str:
    """Sign the claims, valid from now for ``ttl`` (at most 15 minutes)."""
    if not timedelta(0) < ttl <= ACCESS_TTL:
        raise ValueError("an access token lives more than 0 and at most 15 minutes")
    now = int(clock.now().timestamp())
    return ring.sign(
        {
            "iss": ring.issuer,
            "aud": ring.audience,
            "sub": str(claims.sub),
            "tid": str(claims.tid) if claims.tid else None,
            "typ": _TYPE,
            "kind": claims.kind.value,
            "epoch": claims.epoch,
            "jti": str(claims.jti),
            "iat": now,
            "exp": now + max(1, int(ttl.total_seconds())),
        }
    )


def verify_access(token: str, ring: KeyRing, clock: Clock) -> AccessClaims:
    """The claims of a good token; else ``TokenInvalid`` or ``TokenExpired``."""
    now = clock.now()
    claims = ring.open(token, now)
    _check_origin(claims, ring)
    issued, expires = _check_times(claims, now)
    try:
        return AccessClaims(
            sub=_uuid(claims["sub"]),
            tid=_uuid(claims["tid"]) if claims.get("tid") is not None else None,
            kind=CallerKind(claims["kind"]),
            epoch=_integer(claims, "epoch"),
            jti=_uuid(claims["jti"]),
            iat=issued,
            exp=expires,
        )
    except ValueError as error:
        raise TokenInvalid(f"claims do not fit: {type(error).__name__}") from None


def _check_origin(claims: dict[str, Any], ring: KeyRing) -> None:
    for name in _REQUIRED:
        if claims.get(name) is None:
            raise TokenInvalid(f"claim {name} is missing")
    # Whole strings only: an "aud" list or a part of a name is not us.
    if claims["iss"] != ring.issuer:
        raise TokenInvalid("another issuer")
    if claims["aud"] != ring.audience:
        raise TokenInvalid("another audience")
    if claims["typ"] != _TYPE:
        raise TokenInvalid("not an access token")


def _check_times(claims: dict[str, Any], now: datetime) -> tuple[datetime, datetime]:
    issued, expires = _integer(claims, "iat"), _integer(claims, "exp")
    if not 0 <= issued < expires <= issued + int(ACCESS_TTL.total_seconds()):
        raise TokenInvalid("lifetime out of range")
    seconds, leeway = now.timestamp(), LEEWAY.total_seconds()
    if issued > seconds + leeway:
        raise TokenInvalid("issued in the future")
    if expires + leeway <= seconds:
        raise TokenExpired("expired")
    return datetime.fromtimestamp(issued, UTC), datetime.fromtimestamp(expires, UTC)


def _integer(claims: dict[str, Any], name: str) -> int:
    value = claims[name]
    # JSON true is an int in Python; 1e3 is a float: neither is a claim of ours.
    if type(value) is not int:
        raise TokenInvalid(f"claim {name} is not an integer")
    return value


def _uuid(value: object) -> UUID:
    if not isinstance(value, str):
        raise TokenInvalid("an id is not a string")
    found = UUID(value)
    # UUID() also reads braces, urn: and missing hyphens; one id has one spelling.
    if str(found) != value:
        raise TokenInvalid("an id is not in its one spelling")
    return found
