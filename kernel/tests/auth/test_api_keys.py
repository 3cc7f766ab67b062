"""API keys and refresh tokens: opaque, found by prefix or hash, never stored in the clear."""

from __future__ import annotations

import re

import pytest

from huikuan.auth.api_keys import new_api_key, parse_api_key
from huikuan.auth.errors import ApiKeyInvalid, RefreshInvalid
from huikuan.auth.refresh import new_refresh, refresh_hash

PREFIX, SECRET = "abcd1234", "S" * 43


def test_a_new_key_is_recognised_by_what_was_stored() -> None:
    text, stored = new_api_key()
    assert re.fullmatch(r"hk_[a-z0-9]{8}_[A-Za-z0-9_-]{43}", text)
    presented = parse_api_key(text)
    assert presented.prefix == stored.prefix
    assert presented.matches(stored.secret_hash)
    assert len(stored.secret_hash) == 32


def test_another_secret_or_an_unknown_prefix_does_not_match() -> None:
    text, _ = new_api_key()
    _, other = new_api_key()
    presented = parse_api_key(text)
    assert not presented.matches(other.secret_hash)
    assert not presented.matches(None)
    assert not presented.matches(b"")
    assert not presented.matches(presented.secret_hash[:-1])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hk_",
        f"hk_{PREFIX}_",
        f"hk_{PREFIX}_{SECRET[:-1]}",
        f"hk_{PREFIX}_{SECRET}S",
        f"hk_{PREFIX}_{SECRET}\n",
        f" hk_{PREFIX}_{SECRET}",
        f"HK_{PREFIX}_{SECRET}",
        f"hk_{PREFIX.upper()}_{SECRET}",
        f"hk_{PREFIX}-{SECRET}",
        f"hk_{PREFIX}_{SECRET[:-1]}=",
        f"hk_{PREFIX}_{SECRET[:-1]}é",
        f"hk_' OR 1=_{SECRET}",
        f"hkr_{SECRET}",
    ],
    ids=repr,
)
def test_another_shape_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(ApiKeyInvalid) as caught:
        parse_api_key(text)
    assert caught.value.code == "UNAUTHENTICATED"
    assert SECRET[:10] not in str(caught.value) + caught.value.detail


def test_a_huge_key_is_refused_quickly() -> None:
    with pytest.raises(ApiKeyInvalid):
        parse_api_key("hk_" + "a" * 10_000_000)


def test_keys_and_refresh_tokens_do_not_repeat_or_show() -> None:
    keys = {new_api_key()[0] for _ in range(500)}
    tokens = {new_refresh().token for _ in range(500)}
    assert len(keys) == len(tokens) == 500
    fresh = new_refresh()
    assert fresh.token not in repr(fresh)
    assert repr(new_api_key()[1]).count("=") == 1


def test_a_refresh_token_is_found_by_its_hash() -> None:
    fresh = new_refresh()
    assert refresh_hash(fresh.token) == fresh.hash
    assert len(fresh.hash) == 32
    assert refresh_hash(new_refresh().token) != fresh.hash
    for wrong in ("", "hkr_", fresh.token + "\n", fresh.token[:-1], fresh.token.upper(), fresh.token[4:]):
        with pytest.raises(RefreshInvalid):
            refresh_hash(wrong)
