"""Dice: decisions read from bytes, which make a document that can be made again."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")
MOST = 800


def rolled(key: bytes) -> bytes:
    """The bytes for one document: hypothesis chooses the key alone, because choosing them all costs it too long."""
    random = Random(key)
    return random.randbytes(random.randint(100, MOST)) if any(key) else b""


class Dice:
    """Once the bytes are used up every decision is the plainest one: no, or the first."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._place = 0

    def below(self, limit: int) -> int:
        """A number from 0 to ``limit`` - 1."""
        if limit <= 1:
            return 0
        width = 1 if limit <= 256 else 2
        piece = self._source[self._place : self._place + width]
        self._place += width
        return int.from_bytes(piece) % limit

    def chance(self, percent: int) -> bool:
        """Whether something rare happens; zero says no."""
        return self.below(100) >= 100 - percent

    def pick(self, values: Sequence[T]) -> T:
        """One of them."""
        return values[self.below(len(values))]
