"""Invariants that fail themselves: they prove nothing, and keep no other from being proved."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Integer, cast, literal, select

from huikuan.invariants import Invariant, run_checks
from huikuan.testing.shop import Shop
from huikuan_shelf.models import Item


def _crash(ctx: Any) -> Any:
    raise OSError("in the middle")


def _nothing(ctx: Any) -> Any:
    return None


def _wrong_statement(ctx: Any) -> Any:
    """PostgreSQL takes no further statement of the transaction, or of its part, after this one."""
    ctx.scalars(select(cast(literal("no number") + Item.code, Integer)))
    raise ValueError("SQLite makes a 0 of it")


@pytest.mark.parametrize("find", [_crash, _nothing, _wrong_statement], ids=["crashes", "None", "wrong statement"])
def test_one_that_fails_counts_as_broken_and_the_others_are_proved(shop: Shop, find: Any) -> None:
    shop.run("item_add", code="A", quantity=1)
    absent = select(Item.id).where(Item.code == "B")
    good = Invariant("b.good", "All is well.", lambda ctx: list(ctx.scalars(absent)))
    with shop.reading() as ctx:
        bad, well = run_checks(ctx, [good, Invariant("a.bad", "It runs.", find)])
    assert (bad.violations, bad.first, well.violations) == (1, (), 0)
    assert bad.statement.startswith("It runs. (not proven: ")
