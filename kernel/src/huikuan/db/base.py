"""Bases of all models, and the declarations that modules write in them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, MetaData, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, composite, mapped_column

from huikuan.db.columns import STATE, TENANT_FK, MoneyMarker, TenantFk, money_columns
from huikuan.db.errors import ModelError
from huikuan.db.scope import now_default, tenant_default
from huikuan.db.types import UtcDateTime
from huikuan.ids import new_id
from huikuan.money import Money

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Root of all models: one MetaData, every constraint named, tables named `<module>_<class>`."""

    metadata = MetaData(naming_convention=NAMING)
    __module_name__: ClassVar[str]
    """Owning module; derived from the package, set it only where the package does not tell."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if not cls.__dict__.get("__abstract__", False) and cls.__name__ not in ("TenantModel", "GlobalModel"):
            _name_table(cls)
            _expand_money(cls)
            _complete_table_args(cls)
        super().__init_subclass__(**kwargs)


class TenantModel(Base):
    """A table of tenants' rows, keyed `(tenant_id, id)`."""

    __abstract__ = True

    tenant_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=tenant_default, sort_order=-20)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=new_id, sort_order=-19)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now_default, sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now_default, onupdate=now_default, sort_order=91)

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", new_id())  # known before the flush, so that other rows can refer to it
        super().__init__(**values)

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        """Override to freeze posted documents: true if a row *stored* like `instance` may not change."""
        return False


class GlobalModel(Base):
    """A table without tenant. Only the kernel has such: modules keep everything by tenant."""

    __abstract__ = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.__dict__.get("__abstract__", False) and (module := module_of(cls)) != "kernel":
            raise ModelError(
                f"Module {module!r}: {cls.__name__} has no tenant; derive it from TenantModel, "
                "tables without tenant belong to the kernel alone."
            )


def module_of(cls: type[Any]) -> str:
    """Module that owns a model: `huikuan_orders.models` -> `orders`, `huikuan.core` -> `kernel`."""
    declared = getattr(cls, "__module_name__", None)
    if declared:
        return str(declared)
    package = cls.__module__.partition(".")[0]
    return "kernel" if package == "huikuan" else package.removeprefix("huikuan_")


def _name_table(cls: type[Any]) -> None:
    if "__tablename__" not in cls.__dict__:
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", cls.__name__).lower()
        cls.__tablename__ = f"{module_of(cls)}_{snake}"


def _declared(cls: type[Any]) -> Iterator[tuple[str, Any]]:
    """Declarations of the class and of its abstract bases, each name once."""
    seen: set[str] = set()
    for base in cls.__mro__:
        if base is cls or "__table__" not in base.__dict__:
            for name, value in list(base.__dict__.items()):
                if name not in seen and isinstance(value, MappedColumn | MoneyMarker):
                    seen.add(name)
                    yield name, value


def _expand_money(cls: type[Any]) -> None:
    for name, marker in _declared(cls):
        if not isinstance(marker, MoneyMarker):
            continue
        optional = _optional(cls, name)
        columns, constraints = money_columns(name, marker, optional)
        for key, column in columns.items():
            setattr(cls, key, column)
        setattr(cls, name, composite(Money, *columns, return_none_on=_all_none if optional else None))
        _add_table_args(cls, constraints)


def _all_none(*values: Any) -> bool:
    return all(value is None for value in values)


def _optional(cls: type[Any], name: str) -> bool:
    for base in cls.__mro__:
        if name in (annotations := inspect.get_annotations(base)):
            return "None" in str(annotations[name]) or "Optional" in str(annotations[name])
    raise ModelError(f"{cls.__name__}.{name}: write the type too, e.g. {name}: Mapped[Money] = money().")


def _complete_table_args(cls: type[Any]) -> None:
    arguments: list[Any] = []
    for name, column in _declared(cls):
        if not isinstance(column, MappedColumn):
            continue
        info = column.column.info
        if isinstance(reference := info.get(TENANT_FK), TenantFk):
            target = [f"{reference.table}.tenant_id", f"{reference.table}.id"]
            arguments.append(ForeignKeyConstraint(["tenant_id", name], target, ondelete=reference.ondelete))
            if reference.index:
                arguments.append(Index(None, "tenant_id", name))
        if info.get(STATE):
            kind: Any = column.column.type
            kind.name = name  # names the CHECK after the column
    _add_table_args(cls, arguments)
    cls.__table_args__ = (*_positional(cls), {**_keywords(cls), "info": _info(cls)})


def _add_table_args(cls: type[Any], arguments: list[Any]) -> None:
    cls.__table_args__ = (*_positional(cls), *arguments, _keywords(cls))


def _positional(cls: type[Any]) -> tuple[Any, ...]:
    arguments = getattr(cls, "__table_args__", ())
    return () if isinstance(arguments, dict) else tuple(a for a in arguments if not isinstance(a, dict))


def _keywords(cls: type[Any]) -> dict[str, Any]:
    arguments = getattr(cls, "__table_args__", ())
    if isinstance(arguments, dict):
        return arguments
    return dict(arguments[-1]) if arguments and isinstance(arguments[-1], dict) else {}


def _info(cls: type[Any]) -> dict[str, Any]:
    frozen = issubclass(cls, TenantModel) and any(
        "frozen_when" in base.__dict__ for base in cls.__mro__ if base is not TenantModel
    )
    return {
        **_keywords(cls).get("info", {}),
        "module": module_of(cls),
        "tenant": issubclass(cls, TenantModel),
        "frozen": frozen,
    }
