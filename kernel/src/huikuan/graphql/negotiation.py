"""What a client accepts: the media type of its answer, and whether the answer may be compressed."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

__all__ = ["JSON", "RESPONSE", "MediaTypes", "accepts_gzip", "gunzip", "gzip", "media_types"]

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
_GZIP = 31  # zlib's name for the format of gzip
_LEVEL = 1  # a third of the time of the usual level for a fifth more bytes, measured on pages of orders
_WEIGHT = re.compile(r";\s*q\s*=\s*([0-9.]{1,6})\s*(?:;|$)", re.IGNORECASE)

Range = tuple[str, float]


@dataclass(frozen=True, slots=True)
class MediaTypes:
    """``executed`` is the type of what was executed, ``refused`` of what was refused beforehand."""

    executed: str
    refused: str


def media_types(accept: str | None) -> MediaTypes | None:
    """The types to answer in; None if the client takes neither.

    application/json answers 200 to a document that does not even parse. So who does not ask for it by name gets
    it only for what was executed, and the clear type and status for the rest.
    """
    ranges = _ranges(accept or "*/*")
    weights = {name: _weight(ranges, (name, "application/*", "*/*")) for name in (RESPONSE, JSON)}
    best = max(weights.values())
    if best == 0:
        return None
    liked = [name for name in weights if weights[name] == best]
    named = [name for name, _ in ranges if name in liked]
    if not named and len(liked) == 2:
        return MediaTypes(JSON, RESPONSE)
    chosen = (named or liked)[0]
    return MediaTypes(chosen, chosen)


def accepts_gzip(accept_encoding: str | None) -> bool:
    """Whether an answer may be compressed; only for who says so."""
    return _weight(_ranges(accept_encoding or ""), ("gzip", "x-gzip", "*")) > 0


def gzip(body: bytes) -> bytes:
    """``body``, compressed."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return packer.compress(body) + packer.flush()


def gunzip(body: bytes, most: int) -> bytes | None:
    """What was compressed, never more than ``most`` bytes: None if there is more. ValueError if it is no gzip."""
    unpacker = zlib.decompressobj(_GZIP)
    try:
        found = unpacker.decompress(body, most + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if len(found) > most:
        return None
    if not unpacker.eof or unpacker.unused_data:
        raise ValueError("not one whole gzip stream")
    return found


def _ranges(header: str) -> list[Range]:
    """Names in lower case with their weights, in the order of the header."""
    found = []
    for part in header.split(","):
        name, separator, parameters = part.partition(";")
        found.append((name.strip().lower(), _number(separator + parameters)))
    return found


def _number(parameters: str) -> float:
    found = _WEIGHT.search(parameters)
    try:
        return float(found[1]) if found else 1.0
    except ValueError:
        return 0.0


def _weight(ranges: list[Range], names: tuple[str, ...]) -> float:
    """The weight under the first of ``names`` that is listed: they stand from the most specific to the least."""
    for name in names:
        for listed, weight in ranges:
            if listed == name:
                return weight
    return 0.0
