"""Row locks in one order, so that commands wait for each other and never deadlock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from sqlalchemy import select

from huikuan.db.base import TenantModel
from huikuan.db.many import one_of
from huikuan.db.seen import forget_answers, hold_rows
from huikuan.db.session import LOCKING, GuardedSession


@dataclass(frozen=True, slots=True)
class LockKey:
    """One row to lock. Lower ranks are locked first."""

    rank: int
    model: type[TenantModel]
    id: UUID

    def __post_init__(self) -> None:
        # Keys come from many modules: a wrong one must fail where it is made, not where all are sorted.
        if not (isinstance(self.rank, int) and isinstance(self.id, UUID) and issubclass(self.model, TenantModel)):
            raise TypeError(f"a lock needs a rank, a tenant's model and an id, not {self!r}")

    @property
    def order(self) -> tuple[int, str, UUID]:
        return self.rank, self.model.__tablename__, self.id

    def __lt__(self, other: LockKey) -> bool:
        return self.order < other.order


def lock(session: GuardedSession, keys: Iterable[LockKey]) -> None:
    """Lock the rows by rank, table and id, each once; what was read before is read anew, the locked rows at once.

    SQLite has one writer at a time, so the transaction itself is the lock.
    """
    wanted = sorted(set(keys))
    if not wanted:
        return
    session.flush()
    forget_answers(session)
    session.expire_all()  # what was read before the lock may have been changed by the command it waited for
    if session.get_bind().dialect.name != "sqlite":
        for _, group in groupby(wanted, key=lambda key: (key.rank, key.model.__tablename__)):
            rows = list(group)
            model = rows[0].model
            among = one_of(session.get_bind().dialect, model.id, [key.id for key in rows])
            statement = select(model).where(among).order_by(model.id)
            # NO KEY: a new row that refers to a locked one need not wait; keys never change.
            held = session.scalars(statement.with_for_update(key_share=True), execution_options={LOCKING: True})
            hold_rows(session, held.all(), locked=True)
