"""Signing keys as text: a JSON key set (JWK with ``state`` and ``retire_at``), or one PEM key."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from jwt.algorithms import ECAlgorithm, HMACAlgorithm, OKPAlgorithm
from jwt.exceptions import InvalidKeyError

from huikuan.auth.errors import KeySetupError
from huikuan.auth.jws import SYMMETRIC
from huikuan.auth.keys import KeyState, SigningKey, thumbprint

__all__ = ["is_pem", "key_from_pem", "keys_from_json", "keys_to_json"]


def is_pem(text: str) -> bool:
    return text.lstrip().startswith("-----BEGIN ")


def key_from_pem(text: str, *, kid: str | None = None, state: KeyState | None = None) -> SigningKey:
    """One PEM key; a private one is active unless told otherwise, a public one verifies only."""
    name = kid or "(PEM)"
    private: Any = None
    public: Any
    try:
        if "PRIVATE KEY-----" in text:
            private = load_pem_private_key(text.encode(), password=None)
            public = private.public_key()
        else:
            public = load_pem_public_key(text.encode())
    except (ValueError, TypeError):
        raise KeySetupError(
            f"Signing key {name} can't be read; it must be an unencrypted PEM key (PKCS 8 or public)."
        ) from None
    alg = "EdDSA" if isinstance(public, Ed25519PublicKey) else "ES256"
    default = KeyState.ACTIVE if private is not None else KeyState.VERIFY_ONLY
    checked = SigningKey(kid or "pem", alg, public, private, state or default)
    return checked if kid else SigningKey(thumbprint(alg, public), alg, public, private, checked.state)


def keys_from_json(text: str) -> list[SigningKey]:
    """The keys of ``{"keys": [{"kid", "alg", "state", "retire_at", "kty", …}]}``."""
    try:
        entries = json.loads(text)["keys"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise KeySetupError('The key set is not JSON of the form {"keys": [...]}.') from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise KeySetupError('The key set is not JSON of the form {"keys": [...]}.')
    return [_key_from_jwk(entry) for entry in entries]


def keys_to_json(keys: tuple[SigningKey, ...]) -> str:
    """All keys with their private parts: write it only where nobody else may read."""
    return json.dumps({"keys": [_key_to_jwk(key) for key in keys]}, indent=2) + "\n"


def _key_from_jwk(jwk: dict[str, Any]) -> SigningKey:
    kid, alg = jwk.get("kid"), jwk.get("alg", "EdDSA")
    if not isinstance(kid, str) or not isinstance(alg, str):
        raise KeySetupError("Each signing key needs a kid and an alg, both text.")
    ops = jwk.get("key_ops", ["sign"])
    if jwk.get("use", "sig") != "sig" or not isinstance(ops, list) or not ("sign" in ops or "verify" in ops):
        raise KeySetupError(f"Signing key {kid} is meant for another use; correct its use and key_ops.")
    try:
        material: Any = _algorithm(alg).from_jwk(jwk)
        state = KeyState(jwk.get("state", "active"))
        retire_at = datetime.fromisoformat(jwk["retire_at"]) if jwk.get("retire_at") else None
    except (InvalidKeyError, ValueError, TypeError):
        raise KeySetupError(
            f"Signing key {kid} can't be read; check kty, its key material, state (active or verify_only) "
            "and retire_at (a date and time)."
        ) from None
    if alg in SYMMETRIC:
        return SigningKey(kid, alg, material, material, state, retire_at)
    private = material if "d" in jwk else None
    return SigningKey(kid, alg, material.public_key() if "d" in jwk else material, private, state, retire_at)


def _key_to_jwk(key: SigningKey) -> dict[str, Any]:
    if key.symmetric:
        secret = base64.urlsafe_b64encode(key.public).rstrip(b"=").decode()
        material: dict[str, Any] = {"kty": "oct", "k": secret}
    else:
        to_jwk = OKPAlgorithm.to_jwk if key.alg == "EdDSA" else ECAlgorithm.to_jwk
        material = to_jwk(key.private if key.private is not None else key.public, as_dict=True)
    material.update(kid=key.kid, alg=key.alg, use="sig", state=key.state.value)
    if key.retire_at is not None:
        material["retire_at"] = key.retire_at.isoformat()
    return {name: value for name, value in material.items() if name != "key_ops"}


def _algorithm(alg: str) -> Any:
    if alg in SYMMETRIC:
        return HMACAlgorithm
    return OKPAlgorithm if alg == "EdDSA" else ECAlgorithm
