"""Types of the laboratory. What batch functions answer is chosen by the test, in `SAID`."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from huikuan.context import Context
from huikuan.graphql import batch, column, node, to_many, to_one
from huikuan.money import Money
from huikuan.values import Id
from kernel.tests.graphql.engine.lab import models
from kernel.tests.graphql.engine.lab.models import Colour

SAID: dict[str, Any] = {}
"""What the batch functions answer for each row; an exception is raised, a function is called."""


def said(name: str, rows: Sequence[Any]) -> list[Any]:
    """The same for all rows."""
    value = SAID[name]() if callable(SAID[name]) else SAID[name]
    if isinstance(value, Exception):
        raise value
    return [value] * len(rows)


@node(models.Sample, keys=("code",), permission="lab.read")
class Sample:
    """One of each."""

    code: str
    text: str | None
    whole: int | None
    large: int | None
    flag: bool | None
    day: date | None
    moment: datetime | None
    free: dict[str, Any] | None
    colour: Colour | None
    weight: Decimal | None
    ratio: float | None
    currency: str
    price: Money | None
    net: Decimal | None = column("Without currency.", attribute="price")
    deposit: Money | None
    other: Id[models.Sample] | None

    @batch()
    @staticmethod
    def said_text(ctx: Context, rows: Sequence[Any]) -> list[str | None]:
        """A text."""
        return said("text", rows)

    @batch()
    @staticmethod
    def said_texts(ctx: Context, rows: Sequence[Any]) -> list[list[str]]:
        """Texts."""
        return said("texts", rows)

    @batch()
    @staticmethod
    def said_free(ctx: Context, rows: Sequence[Any]) -> list[dict[str, Any] | None]:
        """Free JSON."""
        return said("free", rows)

    @batch()
    @staticmethod
    def eaten(ctx: Context, rows: Sequence[Any], given: dict[str, Any]) -> list[dict[str, Any]]:
        """What was sent, from which the function takes away as it works."""
        found = copy.deepcopy(given)
        given["b"].clear()
        given.clear()
        return [found] * len(rows)


@node(models.Bead, permission="lab.read", root=False)
class Bead:
    """On a knot."""

    place: int


@node(models.Knot, keys=("code",), permission="lab.read")
class Knot:
    """Refers to others of its kind."""

    code: str
    ref0: Knot | None = to_one("ref0", "Another.")
    ref1: Knot | None = to_one("ref1", "Another.")
    ref2: Knot | None = to_one("ref2", "Another.")
    ref3: Knot | None = to_one("ref3", "Another.")
    ref4: Knot | None = to_one("ref4", "Another.")
    ref5: Knot | None = to_one("ref5", "Another.")
    ref6: Knot | None = to_one("ref6", "Another.")
    ref7: Knot | None = to_one("ref7", "Another.")
    ref8: Knot | None = to_one("ref8", "Another.")
    ref9: Knot | None = to_one("ref9", "Another.")
    beads: list[Bead] = to_many("knot", "In their order.", order_by="place")
