"""The one door for signed tokens, against fixed vectors (vectors/jws.json)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jwt.api_jwk import PyJWK

from huikuan.auth.errors import TokenInvalid
from huikuan.auth.jws import VerifyKey, read_header, verified_claims

GROUPS = json.loads((Path(__file__).parent / "vectors" / "jws.json").read_text("utf-8"))["groups"]
CASES = [
    pytest.param(group["key"], case, id=f"{case['tcId']}-{group['name']}")
    for group in GROUPS
    for case in group["tests"]
]


def opened(jwk: dict[str, Any], token: str) -> dict[str, Any]:
    keys = {jwk["kid"]: VerifyKey(jwk["kid"], jwk["alg"], PyJWK(jwk).key)}
    header = read_header(token, limit=8192)
    return verified_claims(token, header, keys.get(header["kid"]))


@pytest.mark.parametrize(("jwk", "case"), CASES)
def test_vector(jwk: dict[str, Any], case: dict[str, Any]) -> None:
    if case["result"] == "valid":
        assert opened(jwk, case["jws"]) == {"msg": "order to cash"}, case["comment"]
    else:
        with pytest.raises(TokenInvalid):
            opened(jwk, case["jws"])


def test_the_vectors_refuse_far_more_than_they_accept() -> None:
    results = [case["result"] for group in GROUPS for case in group["tests"]]
    assert set(results) == {"valid", "invalid"}
    assert results.count("invalid") >= 140
    assert all(any(case["result"] == "valid" for case in group["tests"]) for group in GROUPS)


def test_every_single_character_of_a_token_is_covered_by_the_signature() -> None:
    jwk, token = GROUPS[0]["key"], GROUPS[0]["tests"][0]["jws"]
    for place, character in enumerate(token):
        changed = token[:place] + ("A" if character != "A" else "B") + token[place + 1 :]
        with pytest.raises(TokenInvalid):
            opened(jwk, changed)


def test_every_beginning_of_a_token_is_refused() -> None:
    jwk, token = GROUPS[0]["key"], GROUPS[0]["tests"][0]["jws"]
    for length in range(len(token)):
        with pytest.raises(TokenInvalid):
            opened(jwk, token[:length])
