"""Stream: what a subscription answers. It says which events of the tenant's feed are followed, and what is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

__all__ = ["FeedEvent", "Stream"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """An event by its place in the feed; what else stands in it is read when it is shown."""

    id: UUID
    position: int
    type: str


@dataclass(frozen=True, slots=True)
class Stream(Generic[T]):
    """The events after position ``after``, of these ``types`` (None: of all), each shown as ``show`` says."""

    after: int
    show: Callable[[FeedEvent], T]
    types: frozenset[str] | None = None
