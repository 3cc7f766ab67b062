"""GraphQL types of contracts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from huikuan.context import Context
from huikuan.core.types import User
from huikuan.graphql import batch, column, node, output, to_many, to_one
from huikuan.money import Money
from huikuan.values import Ref
from huikuan_contracts import models
from huikuan_contracts.queries import contract_amounts
from huikuan_contracts.receiving import states
from huikuan_contracts.snapshots import (
    BilledBy,
    CallOffState,
    ContractKind,
    ContractStatus,
    FulfilmentState,
    InstalmentKind,
    InstalmentState,
    InstalmentTrigger,
    PartyRole,
)
from huikuan_contracts.states import delay_days, status_of
from huikuan_customers.types import Customer

__all__ = [
    "Contract",
    "ContractAdvanceLine",
    "ContractAdvanceTerm",
    "ContractAmendment",
    "ContractCallOff",
    "ContractCallOffLine",
    "ContractDelay",
    "ContractDocument",
    "ContractExpected",
    "ContractInstalment",
    "ContractItem",
    "ContractParty",
    "ContractSignature",
    "ContractTask",
]


@node(models.Contract, keys=("number", "reference"), permission="contracts.read")
class Contract:
    """What was agreed with a customer. Its amounts include tax."""

    number: str | None = column("Its number.")
    reference: str
    kind: ContractKind = column("Project or framework.")
    billed_by: BilledBy = column("What raises its invoices.")
    title: str = column("What it is about.")
    customer: Customer = to_one("customer_id", "With whom.")
    owner: User | None = to_one("owner_id", "Who looks after it.")
    currency: str
    amount: Money | None = column("Tax included; of a framework, how much may be called off at most.")
    consumed: Money = column("What open call-offs come to.")
    tax_code: str | None = column("The tax that its amounts include.")
    tax_percent: Decimal = column("Its percent.")
    starts_on: date | None
    ends_on: date | None
    fulfil_by: date | None
    fulfilment: FulfilmentState = column("How far its checklist is, as of today's run of the daily job.")
    signed_on: date | None = column("When it was signed.")
    accepted_on: date | None
    cancelled_on: date | None = column("When it was cancelled.")
    cancel_reason: str | None = column("Why it was cancelled.")
    version: int
    notes: str = column("Anything worth knowing.")
    created_at: datetime = column("When it was written.")
    parties: list[ContractParty] = to_many("contract_id", "Who takes part besides the customer.", order_by="position")
    signatures: list[ContractSignature] = to_many("contract_id", "Its signature, if it is signed.", order_by="id")
    amendments: list[ContractAmendment] = to_many("contract_id", "Its later versions.", order_by="version")
    documents: list[ContractDocument] = to_many("contract_id", "Its documents.", order_by="id")
    tasks: list[ContractTask] = to_many("contract_id", "Its checklist.", order_by="position")
    items: list[ContractItem] = to_many("contract_id", "What may be called off; none: anything.", order_by="position")
    instalments: list[ContractInstalment] = to_many(
        "contract_id", "Its collection plan, dropped instalments included.", order_by="sequence"
    )
    call_offs: list[ContractCallOff] = to_many("contract_id", "Orders that use it up.", order_by="id")

    @batch(requires=["signed_on", "starts_on", "ends_on", "cancelled_on"])
    def status(ctx: Context, contracts: Sequence[Any]) -> list[ContractStatus]:
        """Where it stands today, by its signature and dates."""
        return [
            status_of(it.signed_on, it.starts_on, it.ends_on, it.cancelled_on is not None, ctx.today)
            for it in contracts
        ]

    @batch(requires=["amount", "consumed", "currency"])
    def remaining(ctx: Context, contracts: Sequence[Any]) -> list[Money | None]:
        """What may still be called off; null without an amount."""
        return [it.amount - Money(it.consumed, it.currency) if it.amount is not None else None for it in contracts]

    @batch(requires=["id", "currency"])
    def planned(ctx: Context, contracts: Sequence[Any]) -> list[Money]:
        """What its living instalments come to."""
        found = contract_amounts(ctx, [it.id for it in contracts])
        return [found[it.id][0] if it.id in found else Money.zero(it.currency) for it in contracts]

    @batch(requires=["id", "currency"])
    def received(ctx: Context, contracts: Sequence[Any]) -> list[Money]:
        """What came in on its living instalments."""
        found = contract_amounts(ctx, [it.id for it in contracts])
        return [found[it.id][1] if it.id in found else Money.zero(it.currency) for it in contracts]


@node(models.ContractParty, permission="contracts.read", root=False)
class ContractParty:
    """Somebody who takes part in a contract besides the customer."""

    position: int = column("1, 2, … within the contract.")
    role: PartyRole = column("Which part it takes.")
    name: str = column("Who it is.")
    customer: Customer | None = to_one("customer_id", "If it is a customer.")


@node(models.ContractSignature, permission="contracts.read", root=False)
class ContractSignature:
    """That a contract was signed; it never changes."""

    signed_on: date = column("When.")
    signed_by: str
    signed_for_us: str
    terms_hash: str


@node(models.ContractAmendment, permission="contracts.read", root=False)
class ContractAmendment:
    """A later version of a signed contract; it never changes."""

    version: int
    reason: str = column("Why.")
    signed_on: date = column("When it was signed.")
    signed_by: str
    before: Any = column("The terms as they were.")
    after: Any = column("The terms as they are since.")
    terms_hash: str


@node(models.ContractDocument, permission="contracts.read", root=False)
class ContractDocument:
    """A document of a contract."""

    name: str = column("What it is called.")
    media_type: str = column("What kind of file it is.")
    size: int
    sha256: str
    uri: str | None
    created_at: datetime = column("When it was added.")


@node(models.ContractTask, permission="contracts.read", root=False)
class ContractTask:
    """A task of a contract's checklist."""

    position: int = column("1, 2, … within the contract.")
    name: str
    done_on: date | None = column("When it was done.")
    note: str | None = column("What was said about it.")


@node(models.ContractItem, permission="contracts.read", root=False)
class ContractItem:
    """What may be called off from a framework contract."""

    position: int = column("1, 2, … within the contract.")
    sku: str
    unit_price: Decimal | None
    cap: Decimal | None
    consumed: Decimal


@node(models.ContractInstalment, permission="contracts.read")
class ContractInstalment:
    """A part of a contract's collection plan."""

    contract: Contract = to_one("contract_id", "The contract.")
    sequence: int = column("1, 2, … within the contract.")
    name: str = column("What it is called, or what has to be reached.")
    kind: InstalmentKind = column("Deposit, payment or retention.")
    trigger: InstalmentTrigger = column("When it falls due.")
    amount: Money
    original_on: date | None
    planned_on: date | None
    days: int
    reached_on: date | None
    due_on: date | None
    owner: User | None = to_one("owner_id", "Who looks after it.")
    percent: Decimal | None
    blocks_shipping: bool
    blocks_supply: bool
    dropped_in: int | None
    received_on: date | None

    @batch(requires=["id"])
    def state(ctx: Context, instalments: Sequence[Any]) -> list[InstalmentState]:
        """How far it came in, by receipts and its due day."""
        found = states(ctx, [it.id for it in instalments])
        return [found[it.id][0] for it in instalments]

    @batch(requires=["id"])
    def received(ctx: Context, instalments: Sequence[Any]) -> list[Money]:
        """What came in on it, by receipts or out of a prepayment."""
        found = states(ctx, [it.id for it in instalments])
        return [found[it.id][1].amount for it in instalments]

    @batch(requires=["original_on", "received_on"])
    def delay_days(ctx: Context, instalments: Sequence[Any]) -> list[int | None]:
        """Days from the day planned first to the receipt, else to today if that is later; early is negative."""
        return [
            delay_days(it.original_on, it.received_on, ctx.today) if it.original_on is not None else None
            for it in instalments
        ]


@node(models.ContractAdvanceTerm, keys=("code",), permission="contracts.read")
class ContractAdvanceTerm:
    """What is asked for beforehand on orders."""

    code: str = column("Its key.")
    name: str = column("What it is called.")
    lines: list[ContractAdvanceLine] = to_many("term_id", "Its deposits.", order_by="position")


@node(models.ContractAdvanceLine, permission="contracts.read", root=False)
class ContractAdvanceLine:
    """A deposit of an advance-payment term."""

    position: int = column("1, 2, … within the term.")
    name: str = column("What it is called.")
    percent: Decimal | None
    amount: Money | None
    days: int
    blocks_supply: bool = column("Whether nothing is set aside or procured before it has come in.")
    blocks_shipping: bool = column("Whether goods wait until it has come in.")


@node(models.CallOff, permission="contracts.read", root=False)
class ContractCallOff:
    """An order that uses up a contract."""

    contract: Contract = to_one("contract_id", "The contract.")
    reference: str
    status: CallOffState = column("Whether it counts.")
    amount: Money
    called_on: date = column("When it was called off.")
    lines: list[ContractCallOffLine] = to_many("call_off_id", "What it uses up of the contract's items.")


@node(models.CallOffLine, permission="contracts.read", root=False)
class ContractCallOffLine:
    """How much of an item a call-off uses up."""

    item: ContractItem = to_one("item_id", "The item.")
    quantity: Decimal = column("In the article's unit.")


@output
@dataclass(frozen=True)
class ContractExpected:
    """An instalment that somebody should look after."""

    instalment: Annotated[Ref[models.ContractInstalment], "The instalment."]
    contract: Annotated[Ref[models.Contract], "Its contract."]
    owner: Annotated[Ref[User] | None, "Who looks after it."]
    state: Annotated[InstalmentState, "How far it came in."]
    due_on: Annotated[date, "When it is due."]
    days: Annotated[int, "Days since it was due; negative before."]
    open: Annotated[Money, "What has not come in."]


@output
@dataclass(frozen=True)
class ContractDelay:
    """How late the instalments of one owner or customer come in, against what was planned first."""

    owner: Annotated[Ref[User] | None, "The owner, if that was asked; null: nobody looks after them."]
    customer: Annotated[Ref[Customer] | None, "The customer, if that was asked."]
    instalments: Annotated[int, "How many came in, or are late."]
    late: Annotated[int, "How many of them later than planned first."]
    open: Annotated[int, "How many of them have not come in."]
    renegotiated: Annotated[int, "How many of them have another planned day now."]
    average_days: Annotated[float, "Days of delay of one instalment; early is negative."]
