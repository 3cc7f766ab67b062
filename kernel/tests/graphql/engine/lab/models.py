"""Tables of the laboratory: every type of column with and without null, references of all shapes."""

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


class Colour(Enum):
    """Names in both cases, as modules write them."""

    RED = "like blood"
    blue = "like the sky"


class LabModel(TenantModel):
    __abstract__ = True
    __module_name__ = "lab"
    metadata = MetaData(naming_convention=NAMING)


class Sample(LabModel):
    code: Mapped[str]
    text: Mapped[str | None]
    whole: Mapped[int | None]
    large: Mapped[int | None] = mapped_column(BigInteger)
    flag: Mapped[bool | None]
    day: Mapped[date | None]
    moment: Mapped[datetime | None] = mapped_column(UtcDateTime)
    free: Mapped[Any | None] = mapped_column(Json)
    colour: Mapped[Colour | None] = state(Colour)
    weight: Mapped[Decimal | None] = quantity()
    ratio: Mapped[float | None]
    currency: Mapped[str] = currency_code(default="EUR")
    price: Mapped[Decimal | None] = amount()
    deposit: Mapped[Money | None] = money()
    other: Mapped[UUID | None] = mapped_column(Uuid)


class Knot(LabModel):
    """Refers to ten others of its kind, without foreign keys: what it refers to may be missing."""

    code: Mapped[str]
    ref0: Mapped[UUID | None] = mapped_column(Uuid)
    ref1: Mapped[UUID | None] = mapped_column(Uuid)
    ref2: Mapped[UUID | None] = mapped_column(Uuid)
    ref3: Mapped[UUID | None] = mapped_column(Uuid)
    ref4: Mapped[UUID | None] = mapped_column(Uuid)
    ref5: Mapped[UUID | None] = mapped_column(Uuid)
    ref6: Mapped[UUID | None] = mapped_column(Uuid)
    ref7: Mapped[UUID | None] = mapped_column(Uuid)
    ref8: Mapped[UUID | None] = mapped_column(Uuid)
    ref9: Mapped[UUID | None] = mapped_column(Uuid)


class Bead(LabModel):
    knot: Mapped[UUID] = mapped_column(Uuid)
    place: Mapped[int]
