"""Events: facts in the past tense, appended in the command's transaction, delivered after commit."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar, dataclass_transform
from uuid import UUID

from huikuan.codec import decode, encode
from huikuan.errors import SetupError

__all__ = ["Envelope", "Event", "Subscriber", "deliver", "event_name", "subscribe"]


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Event:
    """Base of all events: a frozen dataclass of ids, amounts and times, never of rows.

    ``class OrderConfirmed(Event, aggregate="order")`` needs a field ``order_id``; events of one
    aggregate are delivered in the order in which they were appended.
    """

    aggregate: ClassVar[str]
    aggregate_field: ClassVar[str]
    type_name: ClassVar[str]

    def __init_subclass__(cls, *, aggregate: str | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.type_name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).upper()
        if aggregate is not None:
            cls.aggregate = aggregate
            cls.aggregate_field = f"{aggregate}_id"
        dataclass(frozen=True, kw_only=True)(cls)
        if getattr(cls, "aggregate", None) is None:
            raise SetupError(
                f"event {cls.__name__} must name its aggregate: class {cls.__name__}(Event, aggregate='order')"
            )
        if cls.aggregate_field not in cls.__dataclass_fields__:  # type: ignore[attr-defined]
            raise SetupError(f"event {cls.__name__} needs a field {cls.aggregate_field}: UUID")

    @property
    def aggregate_id(self) -> UUID:
        found: UUID = getattr(self, self.aggregate_field)
        return found

    def payload(self) -> dict[str, Any]:
        """The JSON form that stands in the outbox."""
        encoded: dict[str, Any] = encode(self)
        return encoded


E_ = TypeVar("E_", bound=Event)


def event_name(cls: type[Event]) -> str:
    """OrderConfirmed -> ORDER_CONFIRMED: its name in the outbox and in GraphQL."""
    return cls.type_name


def load(cls: type[E_], payload: Mapping[str, Any]) -> E_:
    """Rebuild an event from its outbox row; fields added since then take their defaults."""
    hints = typing.get_type_hints(cls)
    return cls(**{key: decode(hints[key], value) for key, value in payload.items() if key in hints})


@dataclass(frozen=True, slots=True)
class Envelope:
    """What surrounds a delivered event: its id is the dedupe key, ``attempt`` starts at 1."""

    event_id: UUID
    type: str
    at: Any
    aggregate_id: UUID
    sequence: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A function that wants an event after commit.

    ``transactional``: runs in one transaction with its dedupe row, so its effect happens exactly
    once. Otherwise it runs without a transaction, at least once, and keeps states of its own.
    """

    event: type[Event]
    function: Callable[..., None]
    transactional: bool
    name: str


def subscribe(event: type[E_]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """``@subscribe(OrderConfirmed) def f(ctx, event)``: after commit, effect exactly once."""
    return _marker(event, transactional=True)


def deliver(event: type[E_]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """``@deliver(OrderConfirmed) def f(ctx, event)``: for calls to the outside; no transaction is open."""
    return _marker(event, transactional=False)


def _marker(event: type[Event], *, transactional: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def mark(function: Callable[..., None]) -> Callable[..., None]:
        if not (isinstance(event, type) and issubclass(event, Event)):
            raise SetupError(f"{function.__name__} ({function.__module__}) subscribes to {event!r}, which is no Event")
        found = Subscriber(event, function, transactional, function.__name__)
        function.__dict__.setdefault("huikuan_subscribers", []).append(found)
        return function

    return mark
