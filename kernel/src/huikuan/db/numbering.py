"""Gapless numbers: a counter row per tenant and series, taken in the transaction that uses the number."""

from __future__ import annotations

from sqlalchemy import BigInteger, String, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from huikuan.db.base import TenantModel
from huikuan.db.columns import unique
from huikuan.db.session import GuardedSession


class Counter(TenantModel):
    """The last number given in a series of a tenant."""

    series: Mapped[str] = mapped_column(String(100))
    value: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (unique("series"),)


def next_numbers(session: GuardedSession, series: str, n: int = 1) -> int:
    """Take the next `n` numbers of a series; returns the first.

    The counter row stays locked until the transaction ends, and a rollback gives the numbers back. So there
    are no gaps, and this must be the last lock that a command takes.
    """
    if n < 1:
        raise ValueError(f"{n} numbers cannot be taken; at least one.")
    last = _advance(session, series, n)
    if last is None:
        _create(session, series)
        last = _advance(session, series, n)
    if last is None:
        raise LookupError(f"The counter of series {series!r} could not be made.")
    return last - n + 1


def _advance(session: GuardedSession, series: str, n: int) -> int | None:
    statement = update(Counter).where(Counter.series == series).values(value=Counter.value + n).returning(Counter.value)
    last: int | None = session.scalar(statement, execution_options={"synchronize_session": False})
    return last


def _create(session: GuardedSession, series: str) -> None:
    """Two first users at once: the second waits for the first, then finds its row."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(Counter).values(series=series, value=0).on_conflict_do_nothing())
