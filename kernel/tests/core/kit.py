"""What the tests of the core share: the catalog of their own modules, threads, rows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Select, select

from huikuan.catalog import ENTRY_POINTS, ModuleCatalog
from huikuan.core.models import AuditEntry, Hold, IdempotencyRecord, OutboxEvent
from huikuan.db import TenantModel
from huikuan.testing.shop import Shop

__all__ = ["MODULES", "at_once", "catalog_of", "column", "counts", "on_path", "rows"]

MODULES = Path(__file__).parent / "modules"
T = TypeVar("T")
KEPT: tuple[type[TenantModel], ...] = (IdempotencyRecord, AuditEntry, Hold, OutboxEvent)


@contextmanager
def on_path(folder: Path) -> Iterator[None]:
    """Meanwhile python finds packages in ``folder``."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def catalog_of(*packages: str) -> ModuleCatalog:
    """The catalog of these packages, as if they were installed."""
    return ModuleCatalog.of((name.removeprefix("huikuan_"), _point(name)) for name in packages)


def _point(package: str) -> EntryPoint:
    return EntryPoint(package.removeprefix("huikuan_"), f"{package}:module", ENTRY_POINTS)


def at_once(calls: Sequence[Callable[[], T]], threads: int = 8) -> list[T | BaseException]:
    """The results of calls that run at the same time; an exception is a result too."""

    def guarded(call: Callable[[], T]) -> T | BaseException:
        try:
            return call()
        except Exception as error:
            return error

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(guarded, calls))


def rows(shop: Shop, model: type[TenantModel], **equals: Any) -> list[Any]:
    """Rows of a table, oldest first."""
    with shop.reading() as ctx:
        return list(ctx.scalars(select(model).filter_by(**equals).order_by(model.id)))


def column(shop: Shop, statement: Select[Any]) -> list[Any]:
    """The first column of a select."""
    with shop.reading() as ctx:
        return list(ctx.scalars(statement))


def counts(shop: Shop, *models: type[TenantModel]) -> Mapping[str, int]:
    """How many rows stand in the tables that a command always may write, and in these."""
    tables: list[type[TenantModel]] = [*KEPT, *models]
    return {model.__name__: len(rows(shop, model)) for model in tables}
