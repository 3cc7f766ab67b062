"""Global ids: made one by one or all at once, and read back in one spelling only."""

from __future__ import annotations

import base64
from uuid import UUID

import pytest

from huikuan.errors import BadInput
from huikuan.graphql.ids import decode_any_id, decode_id, encode_id, encode_ids
from huikuan.ids import new_id

EDGES = [UUID(int=0), UUID(int=2**128 - 1), UUID(int=1), UUID(int=0x3A << 120), UUID(bytes=b":" * 16)]
NAMES = ["A", "AB", "ABC", "ABCD", "OrderTemplateLine", "Order", "X9_"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 50])
def test_many_at_once_are_the_same_as_one_by_one(name: str, count: int) -> None:
    ids = (EDGES + [new_id() for _ in range(50)])[:count]
    wanted = [encode_id(name, id) for id in ids]
    assert encode_ids(name, [str(id) for id in ids]) == wanted, "as PostgreSQL gives them"
    assert encode_ids(name, [id.hex for id in ids]) == wanted, "as SQLite keeps them"
    assert len(set(wanted)) == count


@pytest.mark.parametrize("name", NAMES)
def test_what_is_made_is_read_back(name: str) -> None:
    for id in [*EDGES, new_id()]:
        text = encode_id(name, id)
        assert decode_any_id(text) == (name, id)
        assert decode_id(name, text) == id
        assert text.replace("-", "").replace("_", "").isalnum(), "it stands in a URL as it is"


def test_ids_of_names_that_begin_alike_differ() -> None:
    id = new_id()
    assert len({encode_id(name, id) for name in ("Order", "OrderLine", "Orde", "Orders")}) == 4
    with pytest.raises(BadInput, match="not the id of an Order"):
        decode_id("Order", encode_id("OrderLine", id))


def _spellings(name: str, id: UUID) -> dict[str, str]:
    """Other texts that a lenient reader would take for the same object."""
    text = encode_id(name, id)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    next_bits = alphabet[alphabet.index(text[-1]) + 1]  # the last character holds bits that nobody reads
    colons = {count: base64.urlsafe_b64encode(name.encode() + b":" * count + id.bytes) for count in range(7)}
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return {
        "padded": text + "=" * (-len(text) % 4 or 4),
        "other bits": text[:-1] + next_bits,
        "standard alphabet": base64.b64encode(raw).rstrip(b"=").decode(),
        "blank before": f" {text}",
        "newline after": f"{text}\n",
        "newline within": f"{text[:4]}\n{text[4:]}",
        "percent": text.replace("-", "%2D").replace("_", "%5F"),
        **{f"{count} colons": found.rstrip(b"=").decode() for count, found in colons.items()},
    }


@pytest.mark.parametrize("name", NAMES)
def test_each_object_has_one_id(name: str) -> None:
    id = UUID("fbff0000-0000-7000-8000-00000000ffff")  # with both characters in which the alphabets differ
    text = encode_id(name, id)
    assert {"-", "_"} <= set(text)
    refused = {key for key, other in _spellings(name, id).items() if other != text and not _taken(other)}
    assert refused == {key for key, other in _spellings(name, id).items() if other != text}
    assert len(refused) >= 12


@pytest.mark.parametrize(
    "text", ["", "=", ":", "AAAA", "x" * 201, "中文", base64.urlsafe_b64encode(b":" * 19).decode(), "\ud800", "A\0"]
)
def test_what_was_never_made_is_refused(text: str) -> None:
    assert not _taken(text)
    with pytest.raises(BadInput):
        decode_id("Order", text)


def _taken(text: str) -> bool:
    try:
        decode_any_id(text)
    except BadInput:
        return False
    return True
