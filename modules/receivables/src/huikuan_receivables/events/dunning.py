"""What happened in collections: ids, amounts and days."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from huikuan.events import Event
from huikuan.money import Money
from huikuan_receivables.snapshots import DisputeReason, DisputeState, PromiseState

__all__ = [
    "DisputeOpened",
    "DisputeSettled",
    "DunningRunApproved",
    "DunningRunFinished",
    "PromiseJudged",
    "PromiseMade",
    "ReceivableDeferred",
    "ReminderIssued",
]


class DunningRunApproved(Event, aggregate="run"):
    """Somebody approved a dunning run: its letters are being issued."""

    run_id: UUID
    on: date
    letters: int


class DunningRunFinished(Event, aggregate="run"):
    """Every letter of a dunning run was issued or skipped."""

    run_id: UUID
    on: date
    issued: int
    skipped: int


class ReminderIssued(Event, aggregate="letter"):
    """A customer is to be reminded: one letter for all that is overdue in a currency.

    ``amount``: what is open of its items, less the credit set against them; ``level``: the highest one.
    """

    letter_id: UUID
    run_id: UUID
    customer_id: UUID
    on: date
    level: int
    amount: Money
    items: int


class DisputeOpened(Event, aggregate="dispute"):
    """An item is disputed, or a part of it; nobody reminds of it meanwhile."""

    dispute_id: UUID
    item_id: UUID
    customer_id: UUID
    reason: DisputeReason
    amount: Money


class DisputeSettled(Event, aggregate="dispute"):
    """A dispute was decided or taken back."""

    dispute_id: UUID
    item_id: UUID
    customer_id: UUID
    state: DisputeState
    amount: Money


class PromiseMade(Event, aggregate="promise"):
    """A customer promised to pay; ``until``: the last day that counts."""

    promise_id: UUID
    item_id: UUID
    customer_id: UUID
    amount: Money
    promised_on: date
    until: date
    level: int


class PromiseJudged(Event, aggregate="promise"):
    """What became of a promise; payments that come, or are taken back, may change it again."""

    promise_id: UUID
    item_id: UUID
    customer_id: UUID
    state: PromiseState
    amount: Money
    paid: Money


class ReceivableDeferred(Event, aggregate="item"):
    """An item is reminded of from another day on; the day when it was due stays."""

    item_id: UUID
    customer_id: UUID
    due_on: date
    before: date
    until: date
