"""The keys that sign access tokens: a set that never changes in place; rotation makes a new set."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm

from huikuan.auth.errors import KeySetupError, TokenInvalid
from huikuan.auth.jws import SYMMETRIC, VerifyKey, read_header, sign, verified_claims
from huikuan.auth.verified import VerifiedTokens

__all__ = ["KeyRing", "KeyState", "SigningKey"]

DEFAULT_NAME = "huikuan"
TOKEN_LIMIT = 4096
_OWN_HEADERS = frozenset({"alg", "kid", "typ"})
_KID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MIN_SECRET = {"HS256": 32, "HS384": 48, "HS512": 64}
_KEY_CLASSES: dict[str, tuple[type, type]] = {
    "EdDSA": (Ed25519PrivateKey, Ed25519PublicKey),
    "ES256": (EllipticCurvePrivateKey, EllipticCurvePublicKey),
}


class KeyState(Enum):
    ACTIVE = "active"
    VERIFY_ONLY = "verify_only"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key: its name, the one algorithm it serves, and until when its signatures count.

    ``private`` signs (absent on servers that only verify); ``public`` verifies. With a symmetric
    algorithm both are the same secret.
    """

    kid: str
    alg: str
    public: Any = field(repr=False)
    private: Any = field(default=None, repr=False)
    state: KeyState = KeyState.ACTIVE
    retire_at: datetime | None = None

    def __post_init__(self) -> None:
        if _KID.fullmatch(self.kid) is None:
            raise KeySetupError("A signing key's kid must be 1 to 64 letters, digits, '.', '_' or '-'; rename the key.")
        if self.symmetric:
            self._check_secret()
        else:
            self._check_pair()
        if self.state is KeyState.ACTIVE and self.private is None:
            raise KeySetupError(
                f"Signing key {self.kid} is active but has no private part; add it, or set its state to verify_only."
            )
        if self.retire_at is not None and self.retire_at.tzinfo is None:
            raise KeySetupError(f"Signing key {self.kid}: retire_at needs a time zone (end it with Z).")

    @property
    def symmetric(self) -> bool:
        return self.alg in SYMMETRIC

    @classmethod
    def generate(cls, alg: str = "EdDSA", *, kid: str | None = None) -> SigningKey:
        """A fresh active key; its kid is derived from the public key unless given."""
        if alg in SYMMETRIC:
            secret = secrets.token_bytes(_MIN_SECRET[alg])
            return cls(secrets.token_hex(8) if kid is None else kid, alg, secret, secret)
        private: Any
        if alg == "EdDSA":
            private = Ed25519PrivateKey.generate()
        elif alg == "ES256":
            private = generate_private_key(SECP256R1())
        else:
            raise _unknown_algorithm(kid or "(new)", alg)
        public = private.public_key()
        return cls(thumbprint(alg, public) if kid is None else kid, alg, public, private)

    def public_jwk(self) -> dict[str, Any]:
        return {**_to_jwk(self.alg, self.public), "kid": self.kid, "alg": self.alg, "use": "sig"}

    def _check_secret(self) -> None:
        least = _MIN_SECRET[self.alg]
        if not isinstance(self.public, bytes) or len(self.public) < least:
            size = len(self.public) if isinstance(self.public, bytes) else 0
            raise KeySetupError(
                f"Signing key {self.kid}: an {self.alg} secret needs at least {least} bytes, this one has "
                f"{size}; make a new one with `huikuan keys generate`."
            )
        if b"-----BEGIN" in self.public:
            raise KeySetupError(
                f"Signing key {self.kid}: a PEM key can't be an {self.alg} secret; set its alg to EdDSA or ES256."
            )

    def _check_pair(self) -> None:
        if self.alg not in _KEY_CLASSES:
            raise _unknown_algorithm(self.kid, self.alg)
        private_class, public_class = _KEY_CLASSES[self.alg]
        private_fits = self.private is None or isinstance(self.private, private_class)
        curve_fits = self.alg != "ES256" or isinstance(getattr(self.public, "curve", None), SECP256R1)
        if not isinstance(self.public, public_class) or not private_fits or not curve_fits:
            raise KeySetupError(f"Signing key {self.kid} is not a key for {self.alg}; correct its alg.")
        if self.private is not None and self.private.public_key() != self.public:
            raise KeySetupError(f"Signing key {self.kid}: the public part belongs to another private part.")


class KeyRing:
    """All keys whose tokens count now, one of which signs; also knows whom tokens are from and for."""

    def __init__(self, keys: Iterable[SigningKey], *, issuer: str = DEFAULT_NAME, audience: str = DEFAULT_NAME) -> None:
        self.keys = tuple(keys)
        self.issuer, self.audience = issuer, audience
        self._by_kid = {key.kid: key for key in self.keys}
        self._verify = {key.kid: VerifyKey(key.kid, key.alg, key.public) for key in self.keys}
        self._verified = VerifiedTokens()
        self._check()

    def _check(self) -> None:
        if not self.keys:
            raise KeySetupError("There is no signing key; make one with `huikuan keys generate`.")
        if not self.issuer or not self.audience:
            raise KeySetupError("The issuer and the audience of access tokens must not be empty.")
        if len(self._by_kid) != len(self.keys):
            raise KeySetupError("Two signing keys have the same kid; rename or remove one of them.")
        if len({key.symmetric for key in self.keys}) > 1:
            raise KeySetupError("Symmetric (HS…) and asymmetric signing keys must not be in one set; keep one kind.")
        active = [key.kid for key in self.keys if key.state is KeyState.ACTIVE]
        if len(active) > 1:
            raise KeySetupError(
                f"Signing keys {', '.join(active)} are all active; leave one active and set the others to verify_only."
            )

    @classmethod
    def generate(cls, alg: str = "EdDSA", *, issuer: str = DEFAULT_NAME, audience: str = DEFAULT_NAME) -> KeyRing:
        return cls([SigningKey.generate(alg)], issuer=issuer, audience=audience)

    def rotate(self, new: SigningKey | None = None, *, retire_at: datetime | None = None) -> KeyRing:
        """A ring that signs with ``new``; the old key verifies on, until ``retire_at`` if given."""
        old = [
            replace(key, state=KeyState.VERIFY_ONLY, retire_at=retire_at) if key.state is KeyState.ACTIVE else key
            for key in self.keys
        ]
        return self._with([new or SigningKey.generate(self.keys[0].alg), *old])

    def without(self, kid: str) -> KeyRing:
        """A ring in which this key's tokens count no more."""
        if kid not in self._by_kid:
            raise KeySetupError("There is no signing key with this kid; see `huikuan keys list`.")
        return self._with(key for key in self.keys if key.kid != kid)

    def pruned(self, now: datetime) -> KeyRing:
        """A ring without the keys whose time is over."""
        return self._with(key for key in self.keys if not _retired(key, now))

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The public keys for others to verify with; empty when the keys are symmetric."""
        return {"keys": [key.public_jwk() for key in self.keys if not key.symmetric]}

    @property
    def signer(self) -> SigningKey:
        for key in self.keys:
            if key.state is KeyState.ACTIVE:
                return key
        raise KeySetupError("No signing key is active, so nobody can sign in; set one key's state to active.")

    def sign(self, claims: dict[str, Any]) -> str:
        signer = self.signer
        return sign(claims, kid=signer.kid, alg=signer.alg, key=signer.private)

    def open(self, token: str, now: datetime) -> dict[str, Any]:
        """The claims of a token signed by a key that counts at ``now``; the claims aren't checked here."""
        if len(token) > TOKEN_LIMIT:
            raise TokenInvalid("token too long")
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._verified.get(digest, now)
        if known is not None:
            kid, claims = known
            if not _retired(self._by_kid[kid], now):
                return claims
        header = read_header(token, limit=TOKEN_LIMIT)
        if not header.keys() <= _OWN_HEADERS or header.get("typ") != "JWT":
            raise TokenInvalid("header is not one of ours")
        key = self._by_kid.get(header["kid"])
        live = self._verify[key.kid] if key is not None and not _retired(key, now) else None
        claims = verified_claims(token, header, live)
        self._verified.put(digest, header["kid"], claims)
        return claims

    def _with(self, keys: Iterable[SigningKey]) -> KeyRing:
        return KeyRing(keys, issuer=self.issuer, audience=self.audience)

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(f'{key.kid}:{key.alg}:{key.state.value}' for key in self.keys)})"


def thumbprint(alg: str, public: Any) -> str:
    """The start of the RFC 7638 thumbprint: long enough to tell the keys of one ring apart."""
    jwk = _to_jwk(alg, public)
    canonical = json.dumps(jwk, separators=(",", ":"), sort_keys=True).encode()
    return base64.b32encode(hashlib.sha256(canonical).digest()).decode().lower()[:16]


def _to_jwk(alg: str, public: Any) -> dict[str, Any]:
    return OKPAlgorithm.to_jwk(public, as_dict=True) if alg == "EdDSA" else ECAlgorithm.to_jwk(public, as_dict=True)


def _retired(key: SigningKey, now: datetime) -> bool:
    return key.retire_at is not None and now >= key.retire_at


def _unknown_algorithm(kid: str, alg: str) -> KeySetupError:
    known = ", ".join(sorted({*_KEY_CLASSES, *_MIN_SECRET}))
    return KeySetupError(f"Signing key {kid} has the unknown algorithm {alg!r}; use one of {known}.")
