"""What an access token must say to count, and every way of not saying it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from huikuan.auth.errors import AuthError, TokenExpired, TokenInvalid
from huikuan.auth.keys import KeyRing, SigningKey
from huikuan.auth.refresh import new_refresh
from huikuan.auth.tokens import AccessClaims, CallerKind, issue_access, verify_access
from huikuan.clock import FixedClock
from huikuan.ids import new_id
from kernel.tests.auth.forge import NOON, compact, header_of, mac, signer_of, without

RING = KeyRing.generate()
SUB, TENANT, JTI = new_id(), new_id(), new_id()
START = int(NOON.timestamp())
GOOD: dict[str, Any] = {
    "iss": "huikuan",
    "aud": "huikuan",
    "sub": str(SUB),
    "tid": str(TENANT),
    "typ": "access",
    "kind": "user",
    "epoch": 7,
    "jti": str(JTI),
    "iat": START,
    "exp": START + 900,
}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


def user_claims(**changes: Any) -> AccessClaims:
    values: dict[str, Any] = {"sub": SUB, "tid": TENANT, "kind": CallerKind.USER, "epoch": 7, "jti": JTI}
    return AccessClaims(**{**values, **changes})


def forged(payload: dict[str, Any] | bytes, ring: KeyRing = RING, **header: Any) -> str:
    return compact(header_of(ring, **header), payload, signer_of(ring))


def test_a_token_gives_back_what_was_signed(clock: FixedClock) -> None:
    claims = verify_access(issue_access(RING, user_claims(), clock), RING, clock)
    assert claims == user_claims(iat=NOON, exp=NOON + timedelta(minutes=15))


def test_an_operator_has_no_tenant_and_an_api_key_has_one(clock: FixedClock) -> None:
    operator = user_claims(kind=CallerKind.OPERATOR, tid=None)
    assert verify_access(issue_access(RING, operator, clock), RING, clock).tid is None
    with pytest.raises(ValueError, match="no tenant"):
        user_claims(kind=CallerKind.OPERATOR)
    with pytest.raises(ValueError, match="its tenant"):
        user_claims(kind=CallerKind.API_KEY, tid=None)


def test_the_forger_of_these_tests_makes_good_tokens_unless_told_otherwise(clock: FixedClock) -> None:
    assert verify_access(forged(GOOD), RING, clock).sub == SUB


@pytest.mark.parametrize("name", [name for name in GOOD if name != "tid"])
def test_a_missing_claim_is_refused(name: str, clock: FixedClock) -> None:
    for payload in (without(GOOD, name), {**GOOD, name: None}):
        with pytest.raises(TokenInvalid) as caught:
            verify_access(forged(payload), RING, clock)
        assert name in caught.value.detail


WRONG: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "huikuan.example"},
    "issuer as a list": {"iss": ["huikuan"]},
    "part of the issuer": {"iss": "huik"},
    "another audience": {"aud": "shop"},
    "audience as a list": {"aud": ["huikuan"]},
    "audience in other case": {"aud": "Huikuan"},
    "refresh as access": {"typ": "refresh"},
    "type in other case": {"typ": "ACCESS"},
    "subject not a uuid": {"sub": "root"},
    "subject a number": {"sub": 1},
    "subject in braces": {"sub": f"{{{SUB}}}"},
    "subject in capitals": {"sub": "ABCDEF00-0000-7000-8000-000000000000"},
    "subject with SQL": {"sub": f"{SUB}' OR '1'='1"},
    "tenant not a uuid": {"tid": "*"},
    "tenant a list": {"tid": [str(TENANT)]},
    "tenant false": {"tid": False},
    "tenant empty": {"tid": ""},
    "token id not a uuid": {"jti": "1"},
    "unknown kind": {"kind": "root"},
    "kind a list": {"kind": ["user"]},
    "operator with a tenant": {"kind": "operator"},
    "API key without a tenant": {"kind": "api_key", "tid": None},
    "epoch text": {"epoch": "7"},
    "epoch true": {"epoch": True},
    "epoch negative": {"epoch": -1},
    "epoch a fraction": {"epoch": 7.0},
    "expiry text": {"exp": str(START + 900)},
    "expiry a fraction": {"exp": START + 900.5},
    "expiry true": {"exp": True},
    "expiry before issue": {"exp": START - 1},
    "expiry equal to issue": {"exp": START},
    "lifetime too long": {"exp": START + 901},
    "expiry of a thousand digits": {"exp": 10**1000},
    "both times of a thousand digits": {"iat": 10**1000, "exp": 10**1000 + 1},
    "issued long ago, valid for ever": {"iat": 0},
    "issue time negative": {"iat": -1, "exp": 1},
    "issued in the future": {"iat": START + 31, "exp": START + 900},
    "issue time an object": {"iat": {}},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_claim_is_refused(changes: dict[str, Any], clock: FixedClock) -> None:
    with pytest.raises(TokenInvalid):
        verify_access(forged({**GOOD, **changes}), RING, clock)


def test_a_repeated_claim_is_refused(clock: FixedClock) -> None:
    twice = json.dumps(GOOD)[:-1] + f', "sub": "{new_id()}"}}'
    with pytest.raises(TokenInvalid):
        verify_access(forged(twice.encode()), RING, clock)


def test_time_comes_from_the_clock_with_thirty_seconds_of_leeway(clock: FixedClock) -> None:
    token = issue_access(RING, user_claims(), clock)
    clock.set(NOON - timedelta(seconds=30))
    assert verify_access(token, RING, clock).sub == SUB
    clock.set(NOON - timedelta(seconds=31))
    with pytest.raises(TokenInvalid):
        verify_access(token, RING, clock)
    clock.set(NOON + timedelta(minutes=15, seconds=29))
    assert verify_access(token, RING, clock).sub == SUB
    for seconds in (30, 31, 10_000_000):
        clock.set(NOON + timedelta(minutes=15, seconds=seconds))
        with pytest.raises(TokenExpired):
            verify_access(token, RING, clock)


def test_no_token_lives_longer_than_fifteen_minutes(clock: FixedClock) -> None:
    for ttl in (timedelta(minutes=15, seconds=1), timedelta(0), timedelta(seconds=-1)):
        with pytest.raises(ValueError, match="15 minutes"):
            issue_access(RING, user_claims(), clock, ttl)


HEADERS: dict[str, dict[str, Any]] = {
    "alg none": {"alg": "none"},
    "alg None": {"alg": "None"},
    "alg HS256": {"alg": "HS256"},
    "alg ES256": {"alg": "ES256"},
    "alg Ed25519": {"alg": "Ed25519"},
    "alg list": {"alg": ["EdDSA"]},
    "kid unknown": {"kid": "unknown"},
    "kid path": {"kid": "../../../../dev/null"},
    "kid absolute path": {"kid": "/proc/sys/kernel/randomize_va_space"},
    "kid SQL": {"kid": "x' UNION SELECT 'secret"},
    "kid with NUL": {"kid": f"{RING.signer.kid}\0"},
    "kid number": {"kid": 0},
    "kid null": {"kid": None},
    "kid list": {"kid": [RING.signer.kid]},
    "jwk": {"jwk": RING.signer.public_jwk()},
    "jku": {"jku": "https://keys.example/jwks"},
    "x5u": {"x5u": "https://keys.example/cert"},
    "x5c": {"x5c": ["MIIB"]},
    "x5t": {"x5t": "abc"},
    "crit empty": {"crit": []},
    "crit exp": {"crit": ["exp"], "exp": 1},
    "crit b64": {"crit": ["b64"], "b64": True},
    "b64 false": {"b64": False, "crit": ["b64"]},
    "zip": {"zip": "DEF"},
    "cty": {"cty": "JWT"},
    "typ of another kind": {"typ": "logout+jwt"},
    "typ null": {"typ": None},
    "unknown name": {"hint": 1},
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
def test_a_header_that_is_not_ours_is_refused_even_if_signed(header: dict[str, Any], clock: FixedClock) -> None:
    with pytest.raises(TokenInvalid):
        verify_access(forged(GOOD, **header), RING, clock)


def test_the_public_key_is_no_secret_to_sign_with(clock: FixedClock) -> None:
    public = RING.signer.public
    jwk = RING.jwks()["keys"][0]
    for secret in (
        public.public_bytes(Encoding.Raw, PublicFormat.Raw),
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        json.dumps(jwk).encode(),
        jwk["x"].encode(),
        b"",
    ):
        with pytest.raises(TokenInvalid):
            verify_access(compact(header_of(RING, alg="HS256"), GOOD, mac(secret)), RING, clock)


def test_a_token_of_another_ring_is_refused_even_under_our_kid(clock: FixedClock) -> None:
    stranger = KeyRing([SigningKey.generate(kid=RING.signer.kid)])
    with pytest.raises(TokenInvalid):
        verify_access(issue_access(stranger, user_claims(), clock), RING, clock)


def respelt(change: Callable[[str, str, str], str]) -> str:
    header, payload, signature = forged(GOOD).split(".")
    return change(header, payload, signature)


SPELLINGS: dict[str, Callable[[str, str, str], str]] = {
    "signature stripped": lambda h, p, s: f"{h}.{p}.",
    "signature and dot stripped": lambda h, p, s: f"{h}.{p}",
    "signature padded": lambda h, p, s: f"{h}.{p}.{s}==",
    "space before": lambda h, p, s: f" {h}.{p}.{s}",
    "newline behind": lambda h, p, s: f"{h}.{p}.{s}\n",
    "space inside": lambda h, p, s: f"{h}.{p} .{s}",
    "standard alphabet": lambda h, p, s: f"{h}.{p}.+/{s[2:]}",
    "unused bits set": lambda h, p, s: f"{h}.{p}.{s[:-1]}" + {"A": "B", "Q": "R", "g": "h", "w": "x"}[s[-1]],
    "fourth segment": lambda h, p, s: f"{h}.{p}.{s}.{s}",
    "halves swapped": lambda h, p, s: f"{p}.{h}.{s}",
    "empty": lambda h, p, s: "",
    "dots": lambda h, p, s: "..",
    "surrogate": lambda h, p, s: f"{h}.{p}.\ud800{s}",
    "huge and valid in form": lambda h, p, s: f"{h}.{'A' * 1_000_000}.{s}",
    "huge rubbish": lambda h, p, s: "." * 1_000_000,
}


@pytest.mark.parametrize("change", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_a_token_has_one_spelling(change: Callable[[str, str, str], str], clock: FixedClock) -> None:
    verify_access(forged(GOOD), RING, clock)
    with pytest.raises(TokenInvalid):
        verify_access(respelt(change), RING, clock)


def test_other_credentials_are_no_access_token(clock: FixedClock) -> None:
    with pytest.raises(TokenInvalid):
        verify_access(new_refresh().token, RING, clock)


def test_a_token_signed_but_too_long_is_refused(clock: FixedClock) -> None:
    with pytest.raises(TokenInvalid):
        verify_access(forged({**GOOD, "pad": "x" * 4096}), RING, clock)


def test_a_deeply_nested_payload_is_refused_not_a_crash(clock: FixedClock) -> None:
    deep = b'{"a":' + b"[" * 1400 + b"]" * 1400 + b"}"
    with pytest.raises(TokenInvalid):
        verify_access(forged(deep), RING, clock)


def test_the_public_line_is_one_for_all_reasons_and_quotes_nothing(clock: FixedClock) -> None:
    tokens = [forged({**GOOD, "iss": "canary"}), forged(GOOD, kid="canary"), "canary", forged(b"canary")]
    errors: list[AuthError] = []
    for token in tokens:
        with pytest.raises(TokenInvalid) as caught:
            verify_access(token, RING, clock)
        errors.append(caught.value)
    assert {(error.code, str(error)) for error in errors} == {("UNAUTHENTICATED", TokenInvalid.public)}
    assert not any("canary" in error.detail for error in errors)


def test_a_remembered_token_still_expires_and_still_needs_its_ring(clock: FixedClock) -> None:
    ring = KeyRing.generate()
    token = issue_access(ring, user_claims(), clock)
    first = verify_access(token, ring, clock)
    assert verify_access(token, ring, clock) == first
    with pytest.raises(TokenInvalid):
        verify_access(token, ring.rotate().without(ring.signer.kid), clock)
    clock.advance(timedelta(minutes=16))
    with pytest.raises(TokenExpired):
        verify_access(token, ring, clock)


def test_remembering_one_token_does_not_let_a_change_of_it_through(clock: FixedClock) -> None:
    token = issue_access(RING, user_claims(), clock)
    verify_access(token, RING, clock)
    header, _, signature = token.split(".")
    other = issue_access(RING, user_claims(sub=UUID(int=1)), clock).split(".")[1]
    with pytest.raises(TokenInvalid):
        verify_access(f"{header}.{other}.{signature}", RING, clock)


@pytest.mark.parametrize("alg", ["ES256", "HS256", "HS512"])
def test_the_other_algorithms_sign_and_verify(alg: str, clock: FixedClock) -> None:
    ring = KeyRing.generate(alg, issuer="https://erp.example", audience="erp")
    token = issue_access(ring, user_claims(), clock)
    assert verify_access(token, ring, clock).epoch == 7
    with pytest.raises(TokenInvalid):
        verify_access(token, KeyRing(ring.keys), clock)
