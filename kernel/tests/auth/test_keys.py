"""Which key sets a server starts with, and how keys follow one another."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.api_jwk import PyJWK
from jwt.api_jws import PyJWS

from huikuan.auth.errors import KeySetupError, TokenInvalid
from huikuan.auth.keys import KeyRing, KeyState, SigningKey
from huikuan.auth.tokens import AccessClaims, CallerKind, issue_access, verify_access
from huikuan.auth.verified import VerifiedTokens
from huikuan.clock import FixedClock
from huikuan.ids import new_id
from kernel.tests.auth.forge import NOON


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


def a_token(ring: KeyRing, clock: FixedClock) -> str:
    claims = AccessClaims(sub=new_id(), tid=new_id(), kind=CallerKind.USER, epoch=0)
    return issue_access(ring, claims, clock)


def test_two_kids_live_side_by_side_then_the_old_one_is_refused(clock: FixedClock) -> None:
    ring = KeyRing.generate()
    old = a_token(ring, clock)
    rotated = ring.rotate(retire_at=NOON + timedelta(minutes=10))
    new = a_token(rotated, clock)

    assert len({ring.signer.kid, rotated.signer.kid}) == 2
    verify_access(old, rotated, clock)
    verify_access(new, rotated, clock)

    clock.advance(timedelta(minutes=10))
    with pytest.raises(TokenInvalid):
        verify_access(old, rotated, clock)
    verify_access(new, rotated, clock)
    assert [key.kid for key in rotated.pruned(clock.now()).keys] == [rotated.signer.kid]


def test_a_key_taken_out_is_refused_at_once(clock: FixedClock) -> None:
    ring = KeyRing.generate()
    token = a_token(ring, clock)
    rotated = ring.rotate()
    verify_access(token, rotated, clock)
    with pytest.raises(TokenInvalid):
        verify_access(token, rotated.without(ring.signer.kid), clock)
    with pytest.raises(KeySetupError, match="no signing key with this kid"):
        ring.without("unknown")


def test_a_server_may_verify_without_being_able_to_sign(clock: FixedClock) -> None:
    ring = KeyRing.generate()
    key = ring.signer
    watcher = KeyRing([SigningKey(key.kid, key.alg, key.public, state=KeyState.VERIFY_ONLY)])
    verify_access(a_token(ring, clock), watcher, clock)
    with pytest.raises(KeySetupError, match="No signing key is active"):
        a_token(watcher, clock)


@pytest.mark.parametrize(("alg", "least"), [("HS256", 32), ("HS384", 48), ("HS512", 64)])
def test_a_short_secret_refuses_to_start(alg: str, least: int) -> None:
    for size in (0, 1, least - 1):
        with pytest.raises(KeySetupError, match=f"at least {least} bytes, this one has {size}"):
            SigningKey("short", alg, b"x" * size, b"x" * size)
    SigningKey("long", alg, b"x" * least, b"x" * least)


def test_a_pem_key_is_no_shared_secret() -> None:
    pem = b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
    with pytest.raises(KeySetupError, match="PEM key"):
        SigningKey("pem", "HS256", pem, pem)


def test_a_kid_names_one_key() -> None:
    with pytest.raises(KeySetupError, match="same kid"):
        KeyRing([SigningKey.generate(kid="a"), SigningKey.generate(kid="a")])


def test_symmetric_and_asymmetric_keys_never_share_a_set() -> None:
    ring = KeyRing.generate()
    with pytest.raises(KeySetupError, match="must not be in one set"):
        ring.rotate(SigningKey.generate("HS256"))


def test_only_one_key_signs() -> None:
    with pytest.raises(KeySetupError, match="a, b are all active"):
        KeyRing([SigningKey.generate(kid="a"), SigningKey.generate(kid="b")])


def test_a_ring_is_never_empty() -> None:
    with pytest.raises(KeySetupError, match="no signing key"):
        KeyRing([])
    with pytest.raises(KeySetupError, match="must not be empty"):
        KeyRing.generate(audience="")


@pytest.mark.parametrize("kid", ["", "../key", "a/b", "a b", "a\n", "-a", "x" * 65, "ключ"], ids=repr)
def test_a_kid_is_a_plain_name(kid: str) -> None:
    with pytest.raises(KeySetupError, match="letters, digits"):
        SigningKey.generate(kid=kid)


def test_a_key_serves_the_one_algorithm_it_is_made_for() -> None:
    ed, es = SigningKey.generate(), SigningKey.generate("ES256")
    with pytest.raises(KeySetupError, match="not a key for ES256"):
        SigningKey("a", "ES256", ed.public, ed.private)
    with pytest.raises(KeySetupError, match="not a key for EdDSA"):
        SigningKey("a", "EdDSA", es.public, es.private)
    other_curve = ec.generate_private_key(ec.SECP384R1())
    with pytest.raises(KeySetupError, match="not a key for ES256"):
        SigningKey("a", "ES256", other_curve.public_key(), other_curve)
    for alg in ("none", "RS256", "ES521", ""):
        with pytest.raises(KeySetupError, match="unknown algorithm"):
            SigningKey("a", alg, ed.public, ed.private)
        with pytest.raises(KeySetupError, match="unknown algorithm"):
            SigningKey.generate(alg)
    with pytest.raises(KeySetupError, match="belongs to another"):
        SigningKey("a", "EdDSA", SigningKey.generate().public, ed.private)
    with pytest.raises(KeySetupError, match="no private part"):
        SigningKey("a", "EdDSA", ed.public)


def test_a_time_of_retirement_needs_a_zone() -> None:
    key = SigningKey.generate()
    naive = datetime.fromisoformat("2026-11-23T12:00")
    with pytest.raises(KeySetupError, match="time zone"):
        SigningKey(key.kid, key.alg, key.public, key.private, retire_at=naive)


@pytest.mark.parametrize("alg", ["EdDSA", "ES256"])
def test_others_can_verify_with_the_published_keys(alg: str, clock: FixedClock) -> None:
    ring = KeyRing.generate(alg).rotate()
    jwks = ring.jwks()["keys"]
    assert {key["kid"] for key in jwks} == {key.kid for key in ring.keys}
    assert all(key["use"] == "sig" and "d" not in key for key in jwks)
    published = next(key for key in jwks if key["kid"] == ring.signer.kid)
    PyJWS().decode_complete(a_token(ring, clock), PyJWK(published).key, algorithms=[alg])


def test_a_shared_secret_is_never_published() -> None:
    assert KeyRing.generate("HS256").jwks() == {"keys": []}


def test_secrets_do_not_show_when_printed() -> None:
    key = SigningKey.generate("HS256")
    for text in (repr(key), repr(KeyRing([key])), str(KeyRing([key]))):
        assert key.kid in text
        assert repr(key.private)[2:12] not in text
        assert "private" not in text


def test_the_memory_of_verified_tokens_is_bounded() -> None:
    memory = VerifiedTokens(capacity=3)
    claims = {"exp": int(NOON.timestamp()) + 60}
    for number in range(5):
        memory.put(bytes([number]), "kid", claims)
        memory.get(bytes([0]), NOON)
    assert len(memory) == 3
    assert memory.get(bytes([0]), NOON) == ("kid", claims)
    assert memory.get(bytes([1]), NOON) is None
    assert memory.get(bytes([0]), NOON + timedelta(seconds=60)) is None
    assert len(memory) == 2
    memory.put(b"no expiry", "kid", {"exp": "soon"})
    assert len(memory) == 2
