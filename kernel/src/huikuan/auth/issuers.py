"""Sign-in by others (OpenID Connect providers): issuers and their keys come from configuration only.

Keys are never fetched while a request waits: an address in a token would let a stranger choose what
this server connects to, and a provider that is down would stop everybody.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jwt.api_jwk import PyJWK
from jwt.exceptions import PyJWTError

from huikuan.auth.errors import KeySetupError, TokenExpired, TokenInvalid
from huikuan.auth.jws import ASYMMETRIC, VerifyKey, read_header, unverified_issuer, verified_claims
from huikuan.clock import Clock

__all__ = ["ExternalIdentity", "ExternalIssuer", "ExternalIssuers"]

TOKEN_LIMIT = 16_384
_PRIVATE_PARTS = frozenset({"d", "p", "q", "dp", "dq", "qi", "k"})


@dataclass(frozen=True, slots=True)
class ExternalIdentity:
    """Whom an external issuer vouches for; ``email`` only when the issuer has verified it."""

    issuer: str
    subject: str
    email: str | None
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalIssuer:
    """One configured issuer.

    ``jwks`` is the key set itself or a file that holds it. ``trust_email`` takes the e-mail address of an
    issuer that sends no ``email_verified`` (only where its addresses can't be chosen by their users).
    """

    issuer: str
    audience: str
    algorithms: tuple[str, ...]
    jwks: Mapping[str, Any] | Path = field(repr=False)
    token_types: tuple[str, ...] = ("JWT",)
    trust_email: bool = False
    leeway: timedelta = timedelta(seconds=30)
    _keys: dict[str, VerifyKey] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        if not self.issuer or not self.audience:
            raise KeySetupError("An external issuer needs its issuer and the audience it names us by.")
        wrong = set(self.algorithms) - ASYMMETRIC
        if wrong or not self.algorithms:
            raise KeySetupError(
                f"Issuer {self.issuer}: algorithms must be asymmetric ({', '.join(sorted(ASYMMETRIC))}), "
                f"not {sorted(wrong) or 'empty'}."
            )
        if not timedelta(0) <= self.leeway <= timedelta(seconds=60):
            raise KeySetupError(f"Issuer {self.issuer}: leeway must be between 0 and 60 seconds.")
        self._keys.update(_keys_of(self))

    def verify(self, token: str, clock: Clock) -> ExternalIdentity:
        """Whom the token names; else ``TokenInvalid`` or ``TokenExpired``."""
        header = read_header(token, limit=TOKEN_LIMIT)
        kind = header.get("typ")
        if kind is not None and kind not in self.token_types:
            raise TokenInvalid("another type of token")
        claims = verified_claims(token, header, self._keys.get(header["kid"]))
        if claims.get("iss") != self.issuer:
            raise TokenInvalid("another issuer")
        self._check_audience(claims)
        issued, expires = self._check_times(claims, clock.now().timestamp())
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= 255:
            raise TokenInvalid("claim sub is missing or not text")
        return ExternalIdentity(self.issuer, subject, self._email(claims), issued, expires)

    def _check_audience(self, claims: dict[str, Any]) -> None:
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if self.audience not in audiences:
            raise TokenInvalid("another audience")
        # A token for several was asked for by one of them: that one must be us.
        if len(audiences) > 1 and claims.get("azp") != self.audience:
            raise TokenInvalid("for several audiences and asked for by another")

    def _check_times(self, claims: dict[str, Any], now: float) -> tuple[datetime, datetime]:
        leeway = self.leeway.total_seconds()
        issued, expires = _seconds(claims, "iat"), _seconds(claims, "exp")
        not_before = _seconds(claims, "nbf") if "nbf" in claims else issued
        if expires <= issued:
            raise TokenInvalid("lifetime out of range")
        if max(issued, not_before) > now + leeway:
            raise TokenInvalid("not valid yet")
        if expires + leeway <= now:
            raise TokenExpired("expired")
        return datetime.fromtimestamp(issued, UTC), datetime.fromtimestamp(expires, UTC)

    def _email(self, claims: dict[str, Any]) -> str | None:
        email = claims.get("email")
        verified = claims.get("email_verified", self.trust_email) is True
        return email if isinstance(email, str) and verified else None


class ExternalIssuers:
    """All configured issuers; a token is only ever tried with the one it names."""

    def __init__(self, issuers: Iterable[ExternalIssuer] = ()) -> None:
        self._by_name: dict[str, ExternalIssuer] = {}
        for issuer in issuers:
            if issuer.issuer in self._by_name:
                raise KeySetupError(f"Issuer {issuer.issuer} is configured twice; remove one of them.")
            self._by_name[issuer.issuer] = issuer

    def verify(self, token: str, clock: Clock) -> ExternalIdentity:
        issuer = self._by_name.get(unverified_issuer(token, limit=TOKEN_LIMIT))
        if issuer is None:
            raise TokenInvalid("unknown issuer")
        return issuer.verify(token, clock)


def _seconds(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    # Up to the year 9999; the comparison also refuses infinity and not-a-number.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 253_402_300_799:
        raise TokenInvalid(f"claim {name} is missing or not a time")
    return float(value)


def _keys_of(issuer: ExternalIssuer) -> dict[str, VerifyKey]:
    jwks = _read(issuer.issuer, issuer.jwks) if isinstance(issuer.jwks, Path) else issuer.jwks
    entries = jwks.get("keys") if isinstance(jwks, Mapping) else None
    if not isinstance(entries, list) or not entries or not all(isinstance(e, dict) for e in entries):
        raise KeySetupError(f'Issuer {issuer.issuer}: jwks must be {{"keys": [...]}} with at least one key.')
    keys: dict[str, VerifyKey] = {}
    for entry in entries:
        # Providers publish encryption keys beside the signing keys; those are not for us.
        if entry.get("use", "sig") != "sig" or "verify" not in entry.get("key_ops", ["verify"]):
            continue
        key = _key(issuer, entry)
        if key.kid in keys:
            raise KeySetupError(f"Issuer {issuer.issuer}: two keys have the kid {key.kid!r}.")
        keys[key.kid] = key
    return keys


def _key(issuer: ExternalIssuer, jwk: dict[str, Any]) -> VerifyKey:
    kid = jwk.get("kid")
    if not isinstance(kid, str):
        raise KeySetupError(f"Issuer {issuer.issuer}: each key of its jwks needs a kid.")
    if _PRIVATE_PARTS & jwk.keys():
        raise KeySetupError(f"Issuer {issuer.issuer}: key {kid!r} has private parts; use its public key.")
    if jwk.get("alg") is None and jwk.get("kty") == "RSA" and len(issuer.algorithms) > 1:
        raise KeySetupError(f"Issuer {issuer.issuer}: key {kid!r} names no alg; configure one algorithm.")
    try:
        alg = jwk.get("alg") or (issuer.algorithms[0] if jwk.get("kty") == "RSA" else None)
        parsed = PyJWK(jwk, alg)
        weak = parsed.Algorithm.check_key_length(parsed.Algorithm.prepare_key(parsed.key))
    except PyJWTError:
        raise KeySetupError(f"Issuer {issuer.issuer}: key {kid!r} can't be read.") from None
    if weak:
        raise KeySetupError(f"Issuer {issuer.issuer}: key {kid!r} is too short. {weak}")
    if parsed.algorithm_name not in issuer.algorithms:
        raise KeySetupError(
            f"Issuer {issuer.issuer}: key {kid!r} is for {parsed.algorithm_name}, not one of its algorithms."
        )
    return VerifyKey(kid, parsed.algorithm_name, parsed.key)


def _read(issuer: str, path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise KeySetupError(f"Issuer {issuer}: its key file {path} can't be read ({error}).") from None
