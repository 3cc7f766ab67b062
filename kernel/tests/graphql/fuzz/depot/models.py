"""Tables of the module that owns most types. Without foreign keys, so that what is referred to may be missing."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, MetaData, Uuid

from huikuan.db import (
    Json,
    Mapped,
    TenantModel,
    UtcDateTime,
    amount,
    currency_code,
    mapped_column,
    money,
    quantity,
    state,
)
from huikuan.db.base import NAMING
from huikuan.money import Money


class ShelfKind(Enum):
    """What a shelf is for."""

    DRY = "keeps dry"
    COLD = "keeps cold"
    wet = "stands in water"


class FuzzModel(TenantModel):
    __abstract__ = True
    __module_name__ = "depot"
    metadata = MetaData(naming_convention=NAMING)


class Room(FuzzModel):
    code: Mapped[str]
    name: Mapped[str | None]
    floor: Mapped[int | None]
    area: Mapped[Decimal | None] = quantity()
    budget: Mapped[Money | None] = money("What may be spent.")
    opened_on: Mapped[date | None]
    heated: Mapped[bool]


class Vault(FuzzModel):
    code: Mapped[str]
    room_id: Mapped[UUID | None] = mapped_column(Uuid)
    depth: Mapped[int]


class Shelf(FuzzModel):
    code: Mapped[str]
    label: Mapped[str | None]
    room_id: Mapped[UUID] = mapped_column(Uuid)
    spare_room_id: Mapped[UUID | None] = mapped_column(Uuid)
    vault_id: Mapped[UUID | None] = mapped_column(Uuid)
    kind: Mapped[ShelfKind] = state(ShelfKind)
    height: Mapped[int | None]
    capacity: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = currency_code()
    price: Mapped[Decimal] = amount("What it cost.")
    discount: Mapped[Decimal | None] = amount("What was taken off.")
    weight: Mapped[Decimal] = quantity()
    painted_on: Mapped[date | None]
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    spec: Mapped[Any | None] = mapped_column(Json)
    odd: Mapped[Any | None] = mapped_column(Json)
    fragile: Mapped[bool | None]
    secret: Mapped[str]


class Box(FuzzModel):
    sku: Mapped[str]
    shelf_id: Mapped[UUID | None] = mapped_column(Uuid)
    grade: Mapped[int | None]
    sealed: Mapped[bool]
    content: Mapped[Decimal] = quantity()
    ratio: Mapped[float | None]


class Tag(FuzzModel):
    subject_type: Mapped[str]
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    text: Mapped[str]


class Wish(FuzzModel):
    """A table that is always empty."""

    text: Mapped[str]
