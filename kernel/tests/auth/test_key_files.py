"""Keys on disk: read and written whole, only by their owner, and picked up when replaced."""

from __future__ import annotations

import json
import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from huikuan.auth.errors import KeySetupError
from huikuan.auth.key_codec import keys_to_json
from huikuan.auth.key_files import KeySource, load_ring, save_ring
from huikuan.auth.keys import KeyRing, KeyState, SigningKey
from huikuan.auth.tokens import AccessClaims, CallerKind, issue_access, verify_access
from huikuan.clock import FixedClock
from huikuan.ids import new_id
from kernel.tests.auth.forge import NOON


def private_pem(key: SigningKey) -> str:
    pem: bytes = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode()


def public_pem(key: SigningKey) -> str:
    pem: bytes = key.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


def write(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def works_together(signs: KeyRing, verifies: KeyRing) -> None:
    clock = FixedClock(NOON)
    claims = AccessClaims(sub=new_id(), tid=new_id(), kind=CallerKind.USER, epoch=0)
    verify_access(issue_access(signs, claims, clock), verifies, clock)


@pytest.mark.parametrize("alg", ["EdDSA", "ES256", "HS256"])
def test_a_saved_ring_comes_back_the_same(alg: str, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    ring = KeyRing.generate(alg).rotate(retire_at=NOON + timedelta(hours=1))
    save_ring(ring, path)
    loaded = load_ring(path)
    assert [(key.kid, key.alg, key.state, key.retire_at) for key in loaded.keys] == [
        (key.kid, key.alg, key.state, key.retire_at) for key in ring.keys
    ]
    works_together(ring, loaded)
    works_together(loaded, ring)


def test_a_saved_ring_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "keys.json", "old", 0o644)
    previous = os.umask(0)
    try:
        save_ring(KeyRing.generate(), path)
    finally:
        os.umask(previous)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["keys.json"]


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602, 0o620, 0o666], ids=oct)
def test_a_key_file_open_to_others_is_refused(mode: int, tmp_path: Path) -> None:
    path = write(tmp_path / "keys.json", keys_to_json(KeyRing.generate().keys), mode)
    with pytest.raises(KeySetupError, match="chmod 600"):
        load_ring(path)
    pem = write(tmp_path / "key.pem", private_pem(SigningKey.generate()), mode)
    with pytest.raises(KeySetupError, match="chmod 600"):
        load_ring(pem)


def test_a_group_may_read_as_with_mounted_secrets(tmp_path: Path) -> None:
    load_ring(write(tmp_path / "keys.json", keys_to_json(KeyRing.generate().keys), 0o440))


def test_one_pem_key_is_a_ring_with_a_kid_of_its_own(tmp_path: Path) -> None:
    key = SigningKey.generate()
    path = write(tmp_path / "key.pem", private_pem(key))
    assert load_ring(path).signer.kid == key.kid
    assert load_ring(str(path)).signer.kid == key.kid


def test_a_ring_may_come_from_the_environment() -> None:
    ring = KeyRing.generate("ES256")
    works_together(load_ring(keys_to_json(ring.keys)), ring)
    works_together(load_ring(private_pem(ring.signer)), ring)


def test_in_a_directory_the_last_private_key_signs(tmp_path: Path) -> None:
    first, second, watched = SigningKey.generate(), SigningKey.generate("ES256"), SigningKey.generate()
    write(tmp_path / "2026-10.pem", private_pem(first))
    write(tmp_path / "2026-11.pem", private_pem(second))
    write(tmp_path / "partner.pem", public_pem(watched), 0o644)
    ring = load_ring(tmp_path)
    assert ring.signer.kid == "2026-11"
    assert {key.kid: key.state for key in ring.keys} == {
        "2026-10": KeyState.VERIFY_ONLY,
        "2026-11": KeyState.ACTIVE,
        "partner": KeyState.VERIFY_ONLY,
    }


def test_an_empty_directory_is_no_ring(tmp_path: Path) -> None:
    with pytest.raises(KeySetupError, match="no signing key"):
        load_ring(tmp_path)


def test_an_encrypted_or_foreign_key_is_refused_with_the_remedy(tmp_path: Path) -> None:
    key = SigningKey.generate()
    locked = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"password")).decode()
    for text in (locked, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"):
        with pytest.raises(KeySetupError, match="unencrypted PEM"):
            load_ring(write(tmp_path / "key.pem", text))


GOOD_JWK = json.loads(keys_to_json((SigningKey.generate(kid="good"),)))["keys"][0]
BROKEN = {
    "not JSON": "{",
    "no keys": "{}",
    "keys not a list": '{"keys": 1}',
    "entry not an object": '{"keys": [1]}',
    "empty": '{"keys": []}',
    "without kid": json.dumps({"keys": [{**GOOD_JWK, "kid": None}]}),
    "unknown alg": json.dumps({"keys": [{**GOOD_JWK, "alg": "RS256"}]}),
    "unknown state": json.dumps({"keys": [{**GOOD_JWK, "state": "asleep"}]}),
    "bad time": json.dumps({"keys": [{**GOOD_JWK, "retire_at": "soon"}]}),
    "for encryption": json.dumps({"keys": [{**GOOD_JWK, "use": "enc"}]}),
    "other operations": json.dumps({"keys": [{**GOOD_JWK, "key_ops": ["encrypt"]}]}),
    "operations not a list": json.dumps({"keys": [{**GOOD_JWK, "key_ops": 5}]}),
    "x of another key": json.dumps({"keys": [{**GOOD_JWK, "x": "A" * 43}]}),
    "x missing": json.dumps({"keys": [{**GOOD_JWK, "x": None}]}),
    "short secret": '{"keys": [{"kid": "a", "alg": "HS256", "kty": "oct", "k": "c2hvcnQ"}]}',
    "same kid twice": json.dumps({"keys": [GOOD_JWK, {**GOOD_JWK, "state": "verify_only"}]}),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_key_set_refuses_to_start_without_showing_the_key(text: str, tmp_path: Path) -> None:
    with pytest.raises(KeySetupError) as caught:
        load_ring(write(tmp_path / "keys.json", text))
    assert caught.value.code == "SETUP"
    assert GOOD_JWK["d"] not in str(caught.value)


def test_an_absent_or_binary_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeySetupError, match="huikuan keys generate"):
        load_ring(tmp_path / "absent.json")
    binary = tmp_path / "keys.bin"
    binary.write_bytes(b"\xff\xfe")
    with pytest.raises(KeySetupError, match="is not text"):
        load_ring(binary)


def test_a_replaced_file_is_used_at_once_and_a_broken_one_keeps_the_last_good_ring(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    ring = KeyRing.generate()
    save_ring(ring, path)
    source = KeySource(path)
    loaded = source.ring
    assert source.ring is loaded

    rotated = ring.rotate()
    save_ring(rotated, path)
    assert source.ring.signer.kid == rotated.signer.kid
    works_together(ring, source.ring)

    write(path, "{")
    assert source.ring.signer.kid == rotated.signer.kid
    assert source.problem is not None
    path.unlink()
    assert source.ring.signer.kid == rotated.signer.kid

    save_ring(ring, path)
    assert source.ring.signer.kid == ring.signer.kid
    assert source.problem is None


def test_a_source_from_the_environment_never_changes() -> None:
    source = KeySource(keys_to_json(KeyRing.generate().keys), issuer="a", audience="b")
    assert source.ring is source.ring
    assert (source.ring.issuer, source.ring.audience) == ("a", "b")
