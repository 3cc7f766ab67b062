"""Entering with the token of an external issuer: trusted by configuration, rights stay ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from huikuan.auth.errors import KeySetupError
from huikuan.auth.issuer_file import load_issuers
from huikuan.catalog import ModuleCatalog
from huikuan.clock import FixedClock
from huikuan.db import Database
from huikuan.errors import Unauthenticated
from huikuan.kernel import Kernel
from huikuan.testing.shop import START

KEY = Ed25519PrivateKey.generate()
ISSUER = "https://id.example"


def issuers_file(folder: Path, **more: Any) -> Path:
    """A configured issuer whose key set stands in the file."""
    key = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(KEY.public_key()))
    entry = {"issuer": ISSUER, "audience": "huikuan", "algorithms": ["EdDSA"], "jwks": {"keys": [{**key, "kid": "k1"}]}}
    file = folder / "issuers.json"
    file.write_text(json.dumps([{**entry, **more}]), encoding="utf-8")
    return file


def token(**claims: Any) -> str:
    now = int(START.timestamp())
    said = {"iss": ISSUER, "aud": "huikuan", "sub": "u1", "iat": now, "exp": now + 300}
    said |= {"email": "boss@shop.example", "email_verified": True, **claims}
    return jwt.encode(said, KEY, algorithm="EdDSA", headers={"kid": "k1"})


@pytest.fixture
def kernel(database_with: Callable[..., Database], tmp_path: Path, signing_keys: Any) -> Kernel:
    found = Kernel(
        database_with(),
        ModuleCatalog.discover(),
        signing_keys,
        clock=FixedClock(START),
        issuers=load_issuers(issuers_file(tmp_path)),
    )
    created = found.run(
        found.control_scope(),
        "tenant_create",
        {
            "slug": "shop",
            "name": "Shop",
            "currency": "EUR",
            "modules": [],
            "admin_email": "boss@shop.example",
            "admin_password": "long-enough-1",
        },
    )
    assert created.done
    return found


def exchange(kernel: Kernel, text: str) -> dict[str, Any]:
    scope = kernel.admit(None, request_id="test", client="127.0.0.1")
    found: dict[str, Any] = kernel.run(scope, "token_exchange", {"token": text}).values["tokens"]
    return found


def test_a_trusted_token_becomes_one_of_ours(kernel: Kernel) -> None:
    pair = exchange(kernel, token())
    scope = kernel.admit(f"Bearer {pair['access_token']}", request_id="test")
    assert scope.tenant.slug == "shop" and scope.actor.may("kernel.users")


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "nobody@shop.example"},
        {"email_verified": False},
        {"iss": "https://other.example"},
        {"aud": "somebody-else"},
        {"exp": int((START - timedelta(minutes=5)).timestamp()), "iat": int((START - timedelta(hours=1)).timestamp())},
    ],
    ids=["unknown e-mail", "unverified e-mail", "unknown issuer", "other audience", "expired"],
)
def test_anything_else_stays_outside(kernel: Kernel, claims: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        exchange(kernel, token(**claims))


def test_a_wrong_file_says_what_to_mend(tmp_path: Path) -> None:
    with pytest.raises(KeySetupError, match="unknown key 'algorithm'"):
        load_issuers(issuers_file(tmp_path, algorithm="EdDSA"))
    (tmp_path / "issuers.json").write_text("{}", encoding="utf-8")
    with pytest.raises(KeySetupError, match="must hold a list"):
        load_issuers(tmp_path / "issuers.json")
