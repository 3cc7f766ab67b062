"""Posted documents do not change: what a model declares by `frozen_when` is enforced at each flush."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.base import NO_VALUE

from huikuan.db.base import TenantModel
from huikuan.db.errors import PostedImmutableError


class Stored:
    """An instance as the database has it: what was changed since is undone for the reader."""

    def __init__(self, session: Session, instance: TenantModel) -> None:
        self._session = session
        self._instance = instance
        self._before = inspect(instance).committed_state

    def __getattr__(self, name: str) -> Any:
        if name not in self._before:
            return getattr(self._instance, name)
        value = self._before[name]
        return self._read(name) if value is NO_VALUE else value

    def _read(self, name: str) -> Any:
        """An attribute that was overwritten before it was ever loaded."""
        model = type(self._instance)
        mine = (model.tenant_id == self._instance.tenant_id, model.id == self._instance.id)
        with self._session.no_autoflush:
            return self._session.scalar(select(getattr(model, name)).where(*mine))


def may_freeze(model: type[TenantModel]) -> bool:
    """Whether a model declares `frozen_when`."""
    table: Any = model.__table__
    return bool(table.info.get("frozen"))


def refuse_frozen(session: Session, instances: Iterable[Any]) -> None:
    """Raises if any of these changed or deleted rows is frozen as it is stored."""
    for instance in instances:
        if not isinstance(instance, TenantModel) or not may_freeze(type(instance)):
            continue
        if type(instance).frozen_when(Stored(session, instance)):
            raise PostedImmutableError(
                f"{type(instance).__name__} {instance.id} is posted and cannot change: correct it by another."
            )
