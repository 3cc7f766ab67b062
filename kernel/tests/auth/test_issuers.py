"""Tokens of configured external issuers: their keys, our rules, and nothing fetched."""

from __future__ import annotations

import json
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from jwt.api_jws import PyJWS

from huikuan.auth.errors import KeySetupError, TokenExpired, TokenInvalid
from huikuan.auth.issuers import ExternalIssuer, ExternalIssuers
from huikuan.auth.keys import KeyRing, SigningKey
from huikuan.clock import FixedClock
from kernel.tests.auth.forge import NOON, compact, header_of, mac, signer_of, without

RING = KeyRing.generate()
START = int(NOON.timestamp())
CLOCK = FixedClock(NOON)
GOOD: dict[str, Any] = {
    "iss": "https://id.example",
    "aud": "huikuan-web",
    "sub": "248289761001",
    "email": "li.wei@example.com",
    "email_verified": True,
    "iat": START,
    "exp": START + 3600,
}


def issuer(**changes: Any) -> ExternalIssuer:
    values: dict[str, Any] = {
        "issuer": "https://id.example",
        "audience": "huikuan-web",
        "algorithms": ("EdDSA",),
        "jwks": RING.jwks(),
    }
    return ExternalIssuer(**{**values, **changes})


ISSUER = issuer()


def forged(payload: dict[str, Any], **header: Any) -> str:
    return compact(header_of(RING, **header), payload, signer_of(RING))


def test_a_good_token_names_its_subject() -> None:
    who = ISSUER.verify(forged(GOOD), CLOCK)
    assert (who.issuer, who.subject, who.email) == (
        "https://id.example",
        "248289761001",
        "li.wei@example.com",
    )
    assert who.expires_at == NOON + timedelta(hours=1)


@pytest.mark.parametrize("alg", ["RS256", "PS256"])
def test_an_rsa_key_without_alg_takes_the_one_that_is_configured(alg: str) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    jwk = {**RSAAlgorithm.to_jwk(private.public_key(), as_dict=True), "kid": "r1"}
    configured = issuer(algorithms=(alg,), jwks={"keys": [jwk]})
    token = PyJWS().encode(json.dumps(GOOD).encode(), private, alg, headers={"kid": "r1"})
    assert configured.verify(token, CLOCK).subject == "248289761001"
    other = PyJWS().encode(json.dumps(GOOD).encode(), private, "RS512", headers={"kid": "r1"})
    with pytest.raises(TokenInvalid):
        configured.verify(other, CLOCK)
    with pytest.raises(KeySetupError, match="names no alg"):
        issuer(algorithms=("RS256", "PS256"), jwks={"keys": [jwk]})


def test_a_short_rsa_key_refuses_to_start() -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()
    jwk = {**RSAAlgorithm.to_jwk(weak, as_dict=True), "kid": "weak"}
    with pytest.raises(KeySetupError, match="too short"):
        issuer(algorithms=("RS256",), jwks={"keys": [jwk]})


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "iat", "exp"])
def test_a_missing_claim_is_refused(name: str) -> None:
    with pytest.raises(TokenInvalid):
        ISSUER.verify(forged(without(GOOD, name)), CLOCK)


WRONG: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://id.example.evil"},
    "issuer with a slash": {"iss": "https://id.example/"},
    "issuer a list": {"iss": ["https://id.example"]},
    "another audience": {"aud": "other-app"},
    "part of the audience": {"aud": "huikuan"},
    "audience empty": {"aud": []},
    "several audiences, asked for by nobody": {"aud": ["huikuan-web", "other-app"]},
    "several audiences, asked for by another": {"aud": ["huikuan-web", "other-app"], "azp": "other-app"},
    "subject empty": {"sub": ""},
    "subject a number": {"sub": 1},
    "subject too long": {"sub": "x" * 256},
    "expiry text": {"exp": "9999999999"},
    "expiry true": {"exp": True},
    "expiry beyond the calendar": {"exp": 10**15},
    "expiry of a thousand digits": {"exp": 10**1000},
    "expiry before issue": {"iat": START + 10, "exp": START + 5},
    "issued in the future": {"iat": START + 31},
    "not yet valid": {"nbf": START + 31},
    "not before a word": {"nbf": "now"},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_claim_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(TokenInvalid):
        ISSUER.verify(forged({**GOOD, **changes}), CLOCK)


def test_several_audiences_are_accepted_when_we_asked() -> None:
    several = {**GOOD, "aud": ["huikuan-web", "other-app"], "azp": "huikuan-web"}
    assert ISSUER.verify(forged(several), CLOCK).subject == "248289761001"


def test_an_old_token_is_refused_by_our_clock() -> None:
    leeway = ISSUER.verify(forged({**GOOD, "iat": START - 60, "exp": START - 29}), CLOCK)
    assert leeway.expires_at < NOON
    with pytest.raises(TokenExpired):
        ISSUER.verify(forged({**GOOD, "iat": START - 60, "exp": START - 30}), CLOCK)


def test_an_email_address_counts_only_when_verified() -> None:
    for unverified in (
        {**GOOD, "email_verified": False},
        {**GOOD, "email_verified": "true"},
        without(GOOD, "email_verified"),
    ):
        assert ISSUER.verify(forged(unverified), CLOCK).email is None
    trusting = issuer(trust_email=True)
    assert trusting.verify(forged(without(GOOD, "email_verified")), CLOCK).email == "li.wei@example.com"
    assert trusting.verify(forged({**GOOD, "email_verified": False}), CLOCK).email is None


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"kid": "other"},
        {"crit": ["exp"]},
        {"jku": "https://id.example/jwks"},
        {"jwk": RING.jwks()["keys"][0]},
        {"x5u": "https://id.example/cert"},
        {"x5c": ["MIIB"]},
        {"typ": "logout+jwt"},
    ],
    # The values differ in each process; the names must not.
    ids=lambda header: "-".join([*header, str(header.get("alg", ""))]).strip("-"),
)
def test_a_dangerous_header_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(TokenInvalid):
        ISSUER.verify(forged(GOOD, **header), CLOCK)


def test_a_public_key_is_no_secret_to_sign_with() -> None:
    secret = RING.jwks()["keys"][0]["x"].encode()
    with pytest.raises(TokenInvalid):
        ISSUER.verify(compact(header_of(RING, alg="HS256"), GOOD, mac(secret)), CLOCK)


def test_a_huge_token_is_refused() -> None:
    with pytest.raises(TokenInvalid):
        ISSUER.verify(forged({**GOOD, "groups": ["g" * 100] * 1000}), CLOCK)


ES_JWK = SigningKey.generate("ES256", kid="e").public_jwk()
ED_JWK = RING.jwks()["keys"][0]
SETUPS: dict[str, tuple[dict[str, Any], str]] = {
    "symmetric": ({"algorithms": ("HS256",)}, "must be asymmetric"),
    "none": ({"algorithms": ("none",)}, "must be asymmetric"),
    "mixed": ({"algorithms": ("EdDSA", "HS256")}, "must be asymmetric"),
    "no algorithm": ({"algorithms": ()}, "must be asymmetric"),
    "no issuer": ({"issuer": ""}, "needs its issuer"),
    "no audience": ({"audience": ""}, "needs its issuer"),
    "long leeway": ({"leeway": timedelta(seconds=61)}, "between 0 and 60"),
    "no keys": ({"jwks": {"keys": []}}, "at least one key"),
    "keys not a list": ({"jwks": {"keys": {}}}, "at least one key"),
    "key not an object": ({"jwks": {"keys": ["x"]}}, "at least one key"),
    "shared secret": ({"jwks": {"keys": [{"kty": "oct", "kid": "o", "k": "AAAA"}]}}, "private parts"),
    "private key": ({"jwks": {"keys": [{**ED_JWK, "d": "AAAA"}]}}, "private parts"),
    "no kid": ({"jwks": {"keys": [without(ED_JWK, "kid")]}}, "needs a kid"),
    "kid twice": ({"jwks": {"keys": [ED_JWK, ED_JWK]}}, "two keys have the kid"),
    "algorithm not listed": ({"jwks": {"keys": [ES_JWK]}}, "not one of its algorithms"),
    "curve of another algorithm": (
        {"algorithms": ("ES384",), "jwks": {"keys": [{**ES_JWK, "alg": "ES384"}]}},
        "can't be read",
    ),
    "unreadable": ({"jwks": {"keys": [{**ED_JWK, "x": "AA"}]}}, "can't be read"),
    "absent file": ({"jwks": Path("absent.json")}, "absent.json can't be read"),
}


@pytest.mark.parametrize(("changes", "message"), SETUPS.values(), ids=SETUPS.keys())
def test_a_wrong_set_up_refuses_to_start(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(KeySetupError, match=message):
        issuer(**changes)


def test_keys_may_stand_in_a_file_and_encryption_keys_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [{**ES_JWK, "use": "enc"}, ED_JWK]}), encoding="utf-8")
    assert issuer(jwks=path).verify(forged(GOOD), CLOCK).subject == "248289761001"


def test_a_token_is_tried_only_with_the_issuer_it_names() -> None:
    other_ring = KeyRing([SigningKey.generate(kid=RING.signer.kid)])
    other = issuer(issuer="https://other.example", jwks=other_ring.jwks())
    issuers = ExternalIssuers([ISSUER, other])
    assert issuers.verify(forged(GOOD), CLOCK).issuer == "https://id.example"
    for name in ("https://other.example", "https://unknown.example", None, 1, ["https://id.example"]):
        with pytest.raises(TokenInvalid):
            issuers.verify(forged({**GOOD, "iss": name}), CLOCK)
    with pytest.raises(KeySetupError, match="configured twice"):
        ExternalIssuers([ISSUER, issuer()])
    with pytest.raises(TokenInvalid):
        ExternalIssuers().verify(forged(GOOD), CLOCK)


def test_nothing_is_fetched_while_verifying(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    ISSUER.verify(forged(GOOD), CLOCK)
    with pytest.raises(TokenInvalid):
        ISSUER.verify(forged(GOOD, kid="new", jku="https://id.example/jwks"), CLOCK)
