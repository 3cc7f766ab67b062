"""States that are derived: pure functions of signatures, dates and receipts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from huikuan_contracts.snapshots import ContractStatus, FulfilmentState, InstalmentState, InstalmentTrigger

__all__ = ["delay_days", "due_day", "fulfilment_of", "instalment_state", "status_of"]


def status_of(
    signed_on: date | None, starts_on: date | None, ends_on: date | None, cancelled: bool, today: date
) -> ContractStatus:
    """Where a contract stands today; it is in force on its last day too."""
    if cancelled:
        return ContractStatus.CANCELLED
    if signed_on is None:
        return ContractStatus.UNSIGNED
    begun = (starts_on or signed_on) <= today
    return ContractStatus.ACTIVE if begun and (ends_on is None or today <= ends_on) else ContractStatus.INACTIVE


def fulfilment_of(done: int, tasks: int, deadline: date | None, today: date) -> FulfilmentState:
    """How far a checklist is; what is done stays done after the deadline."""
    if not tasks:
        return FulfilmentState.NOT_APPLICABLE
    if done == tasks:
        return FulfilmentState.FULFILLED
    if deadline is not None and deadline < today:
        return FulfilmentState.LAPSED
    return FulfilmentState.PARTIALLY if done else FulfilmentState.UNFULFILLED


def due_day(
    trigger: InstalmentTrigger, planned_on: date | None, days: int, reached_on: date | None, accepted_on: date | None
) -> date | None:
    """The day an instalment is due; None while its milestone or the acceptance is missing."""
    if trigger is InstalmentTrigger.DATE:
        return planned_on
    begun = reached_on if trigger is InstalmentTrigger.MILESTONE else accepted_on
    return None if begun is None else begun + timedelta(days=days)


def instalment_state(
    amount: Decimal, received: Decimal, waived: Decimal, due_on: date | None, *, dropped: bool, today: date
) -> InstalmentState:
    """How far an instalment came in."""
    if received + waived >= amount:
        return InstalmentState.RECEIVED
    if dropped:
        return InstalmentState.DROPPED
    if due_on is not None and due_on < today:
        return InstalmentState.OVERDUE
    return InstalmentState.PARTLY if received > 0 else InstalmentState.OPEN


def delay_days(original_on: date, received_on: date | None, today: date) -> int | None:
    """Days from the day planned first to the receipt; what is late and open counts to today, early is negative."""
    if received_on is not None:
        return (received_on - original_on).days
    return (today - original_on).days if original_on < today else None
