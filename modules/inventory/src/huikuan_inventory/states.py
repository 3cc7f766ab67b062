"""A reservation's state, told by its quantities alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from huikuan_inventory.snapshots import ReservationState

__all__ = ["ENDED", "WAITING", "Quantities", "open_of", "short_of", "state_of"]

WAITING = (ReservationState.DRAFT, ReservationState.PARTIALLY_RESERVED, ReservationState.PARTIALLY_SHIPPED)
ENDED = (ReservationState.SHIPPED, ReservationState.CANCELLED)


class Quantities(Protocol):
    """What a reservation row and a row of a select have in common."""

    @property
    def ordered(self) -> Decimal: ...
    @property
    def reserved(self) -> Decimal: ...
    @property
    def shipped(self) -> Decimal: ...
    @property
    def cancelled(self) -> Decimal: ...


def open_of(found: Quantities) -> Decimal:
    """What is still to be shipped."""
    return found.ordered - found.shipped - found.cancelled


def short_of(found: Quantities) -> Decimal:
    """What is still to be shipped and not reserved: the backorder."""
    return open_of(found) - found.reserved


def state_of(found: Quantities) -> ReservationState:
    """The one state that these quantities mean."""
    left = open_of(found)
    if left <= 0:
        return ReservationState.SHIPPED if found.shipped else ReservationState.CANCELLED
    if found.shipped:
        return ReservationState.PARTIALLY_SHIPPED
    if found.reserved >= left:
        return ReservationState.RESERVED
    return ReservationState.PARTIALLY_RESERVED if found.reserved else ReservationState.DRAFT
