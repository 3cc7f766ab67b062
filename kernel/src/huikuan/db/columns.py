"""The column declarations that modules write: amounts, money, states, references."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum as PyEnum
from typing import Any, Literal

from sqlalchemy import CheckConstraint, Enum, Index, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import MappedColumn, mapped_column

from huikuan.db.types import Amount, Quantity

TENANT_FK = "tenant_fk"
STATE = "state"
PII = "pii"
STATE_LENGTH = 40


@dataclass(frozen=True, slots=True)
class TenantFk:
    """What `tenant_fk` leaves for the base class, which alone knows the column's name and table."""

    table: str
    index: bool
    ondelete: Literal["RESTRICT", "CASCADE"]


@dataclass(frozen=True, slots=True)
class MoneyMarker:
    """What `money` leaves for the base class to expand into two columns and a composite."""

    doc: str


def tenant_fk(
    table: str,
    *,
    nullable: bool = False,
    index: bool = True,
    ondelete: Literal["RESTRICT", "CASCADE"] = "RESTRICT",
    doc: str = "",
) -> Any:
    """A reference to a row of the same tenant: `customer_id: Mapped[UUID] = tenant_fk("customers_customer")`.

    The foreign key is `(tenant_id, column) -> (tenant_id, id)`, so a row cannot point into another tenant.
    """
    info = {TENANT_FK: TenantFk(table, index, ondelete)}
    return mapped_column(Uuid, nullable=nullable, doc=doc, info=info)


def money(doc: str = "") -> Any:
    """An amount with its own currency: `total: Mapped[Money] = money()`.

    Makes the columns `total_amount` and `total_currency`, which queries compare and sort by.
    """
    return MoneyMarker(doc)


def amount(doc: str = "", **kwargs: Any) -> Any:
    """An amount in the document's currency, which stands in a sibling column: `Mapped[Decimal]`, 4 digits."""
    return mapped_column(Amount, doc=doc, **kwargs)


def quantity(doc: str = "", **kwargs: Any) -> Any:
    """A quantity, unit price or rate: `Mapped[Decimal]`, 6 digits."""
    return mapped_column(Quantity, doc=doc, **kwargs)


def currency_code(doc: str = "", **kwargs: Any) -> Any:
    """An ISO 4217 code: `Mapped[str]`."""
    return mapped_column(String(3), doc=doc, **kwargs)


def state(states: type[PyEnum], doc: str = "", **kwargs: Any) -> Any:
    """A state of an enum, stored by name with a CHECK: `state: Mapped[OrderState] = state(OrderState)`."""
    # Not a native enum: adding a state to one cannot run inside a migration's transaction everywhere.
    kind = Enum(
        states,
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=STATE_LENGTH,
        name="state",
    )
    return mapped_column(kind, doc=doc, info={STATE: True}, **kwargs)


def pii(column: Any) -> Any:
    """Marks a column as personal data: `email: Mapped[str] = pii(mapped_column())`."""
    column.column.info[PII] = True
    return column


def unique(*columns: str, where: str | None = None) -> UniqueConstraint | Index:
    """Unique within the tenant, for `__table_args__`; with `where` a partial unique index."""
    if where is None:
        return UniqueConstraint("tenant_id", *columns)
    return index(*columns, where=where, unique=True)


def index(*columns: str, where: str | None = None, unique: bool = False) -> Index:
    """An index that starts with the tenant, for `__table_args__`."""
    if where is None:
        return Index(None, "tenant_id", *columns, unique=unique)
    condition = text(where)
    return Index(None, "tenant_id", *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def money_columns(name: str, marker: MoneyMarker, optional: bool) -> tuple[dict[str, MappedColumn[Any]], list[Any]]:
    """The columns of a money attribute and the constraints they need."""
    columns = {
        f"{name}_amount": mapped_column(Amount, nullable=optional, doc=marker.doc),
        f"{name}_currency": mapped_column(String(3), nullable=optional, doc=f"Currency of {name}."),
    }
    both = f"({name}_amount IS NULL) = ({name}_currency IS NULL)"
    return columns, [CheckConstraint(both, name=f"{name}_whole")] if optional else []
