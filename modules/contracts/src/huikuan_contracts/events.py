"""What happened to contracts: ids, amounts and dates."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from huikuan.events import Event
from huikuan.money import Money
from huikuan_contracts.snapshots import FulfilmentState

__all__ = [
    "ContractAccepted",
    "ContractAmended",
    "ContractCallOffEnded",
    "ContractCalledOff",
    "ContractCancelled",
    "ContractChanged",
    "ContractCreated",
    "ContractFulfilmentChanged",
    "ContractInstalmentDueSoon",
    "ContractInstalmentInvoiced",
    "ContractInstalmentNotInvoiced",
    "ContractInstalmentOverdue",
    "ContractInstalmentReceived",
    "ContractMilestoneReached",
    "ContractSigned",
]


class ContractCreated(Event, aggregate="contract"):
    """A contract was written."""

    contract_id: UUID
    customer_id: UUID
    amount: Money | None


class ContractChanged(Event, aggregate="contract"):
    """An unsigned contract was changed."""

    contract_id: UUID


class ContractSigned(Event, aggregate="contract"):
    """A contract was signed; from here on it changes by amendments only."""

    contract_id: UUID
    customer_id: UUID
    signed_on: date
    amount: Money | None


class ContractAmended(Event, aggregate="contract"):
    """A signed contract got a new version."""

    contract_id: UUID
    version: int
    before: Money | None
    amount: Money | None


class ContractCancelled(Event, aggregate="contract"):
    """A contract was ended by somebody."""

    contract_id: UUID
    customer_id: UUID
    was_signed: bool


class ContractAccepted(Event, aggregate="contract"):
    """The work was accepted: retentions run from this day."""

    contract_id: UUID
    accepted_on: date


class ContractFulfilmentChanged(Event, aggregate="contract"):
    """The checklist came to another state, by work or because its deadline passed."""

    contract_id: UUID
    before: FulfilmentState
    after: FulfilmentState


class ContractMilestoneReached(Event, aggregate="contract"):
    """An instalment's milestone was reached: it is due on a day now."""

    contract_id: UUID
    instalment_id: UUID
    reached_on: date
    due_on: date


class ContractInstalmentInvoiced(Event, aggregate="contract"):
    """An instalment raised its own invoice."""

    contract_id: UUID
    instalment_id: UUID
    invoice_id: UUID
    amount: Money


class ContractInstalmentNotInvoiced(Event, aggregate="contract"):
    """The invoice of an instalment that is owed was refused; ``owner_id`` is the user to tell, once for each reason."""

    contract_id: UUID
    instalment_id: UUID
    owner_id: UUID | None
    code: str
    reason: str


class ContractInstalmentDueSoon(Event, aggregate="contract"):
    """An instalment will be due and has not come in; ``owner_id`` is the user to tell."""

    contract_id: UUID
    instalment_id: UUID
    owner_id: UUID | None
    due_on: date
    open: Money


class ContractInstalmentOverdue(Event, aggregate="contract"):
    """An instalment was due and has not come in; ``owner_id`` is the user to tell."""

    contract_id: UUID
    instalment_id: UUID
    owner_id: UUID | None
    due_on: date
    open: Money


class ContractInstalmentReceived(Event, aggregate="contract"):
    """All of an instalment came in. ``original_on`` is the day that was planned first."""

    contract_id: UUID
    instalment_id: UUID
    owner_id: UUID | None
    amount: Money
    received_on: date
    original_on: date | None


class ContractCalledOff(Event, aggregate="contract"):
    """An order was called off, or changed what it uses up."""

    contract_id: UUID
    source_id: UUID
    amount: Money
    consumed: Money


class ContractCallOffEnded(Event, aggregate="contract"):
    """An order that was called off ended: its amount is free again."""

    contract_id: UUID
    source_id: UUID
    consumed: Money
