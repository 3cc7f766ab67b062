"""Tables of the module that contributes fields to the other one's types."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from uuid import UUID

from sqlalchemy import Uuid

from huikuan.db import Mapped, UtcDateTime, mapped_column, money, state
from huikuan.money import Money
from kernel.tests.graphql.fuzz.depot.models import FuzzModel


class Verdict(Enum):
    """What a visit found."""

    GOOD = "nothing to do"
    BAD = "something to do"


class Visit(FuzzModel):
    __module_name__ = "survey"

    shelf_id: Mapped[UUID] = mapped_column(Uuid)
    visited_at: Mapped[datetime] = mapped_column(UtcDateTime)
    verdict: Mapped[Verdict | None] = state(Verdict)
    score: Mapped[int | None]
    fee: Mapped[Money] = money("What it cost.")
