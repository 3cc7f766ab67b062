"""What a unit of work gathers while it runs, to be written at its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from huikuan.db import TenantModel
from huikuan.db.locks import LockKey
from huikuan.errors import Refusal
from huikuan.events import Event

if TYPE_CHECKING:
    from huikuan.commands import Command

__all__ = ["HoldRequest", "NumberRequest", "Work"]


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """A hold to be placed because a command was refused at level APPROVE."""

    refusal: Refusal
    subject_type: str
    subject_id: UUID
    pin: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NumberRequest:
    """A number to be taken just before commit, and what is set on the row together with it."""

    series: str
    row: TenantModel
    attribute: str
    format: Callable[[int], str]
    also: Mapping[str, Any]


@dataclass(slots=True)
class Work:
    """What a command gathered; the runner writes it at the end."""

    warnings: list[Refusal] = field(default_factory=list)
    holds: list[HoldRequest] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    numbers: list[NumberRequest] = field(default_factory=list)
    created: set[UUID] = field(default_factory=set)
    locked: frozenset[LockKey] | None = None
    children: list[tuple[Command[..., Any], dict[str, Any], Any]] = field(default_factory=list)
    remaining: list[Refusal] = field(default_factory=list)
    passed: list[UUID] = field(default_factory=list)

    def copy(self) -> Work:
        """What was gathered so far; later additions do not show in it."""
        return replace(
            self,
            warnings=[*self.warnings],
            holds=[*self.holds],
            events=[*self.events],
            numbers=[*self.numbers],
            created={*self.created},
            children=[*self.children],
            remaining=[*self.remaining],
            passed=[*self.passed],
        )
