"""What callers give to the commands of contracts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated

from huikuan.core.types import User
from huikuan.money import Money
from huikuan.values import UNSET, Ref, Unset
from huikuan_contracts.snapshots import BilledBy, ContractKind, InstalmentKind, InstalmentTrigger, PartyRole
from huikuan_customers.types import Customer

__all__ = [
    "ContractAdvanceLineInput",
    "ContractAdvanceTermInput",
    "ContractAmendInput",
    "ContractCallOffInput",
    "ContractCallOffLineInput",
    "ContractInput",
    "ContractInstalmentChangeInput",
    "ContractInstalmentInput",
    "ContractItemInput",
    "ContractPartyInput",
]


@dataclass(frozen=True, kw_only=True)
class ContractInstalmentInput:
    """A part of a collection plan: an amount, a percentage of the contract's, or an equal share of what is left."""

    name: Annotated[str, "What it is called, or what has to be reached."]
    amount: Annotated[Decimal | None, "Tax included, in the contract's currency."] = None
    percent: Annotated[Decimal | None, "Of the contract's amount."] = None
    kind: Annotated[InstalmentKind, "Deposit, payment or retention."] = InstalmentKind.PAYMENT
    trigger: Annotated[InstalmentTrigger | None, "Left out: its date; of a retention, the acceptance."] = None
    planned_on: Annotated[date | None, "When it is due, or expected; of an order, left out: its confirmation."] = None
    days: Annotated[int, "How many days after the milestone, acceptance or order's confirmation it is due."] = 0
    owner: Annotated[Ref[User] | None, "Who looks after it; left out: who looks after the contract."] = None
    blocks_shipping: Annotated[bool, "Whether goods of the contract's orders wait until it has come in."] = False
    blocks_supply: Annotated[bool, "Whether none are set aside or procured for them before."] = False


@dataclass(frozen=True, kw_only=True)
class ContractAdvanceLineInput:
    """A deposit of an advance-payment term: a percentage of the order's total, or an amount."""

    name: Annotated[str, "What it is called."]
    percent: Annotated[Decimal | None, "Of the order's total, tax included."] = None
    amount: Annotated[Money | None, "Tax included; the term is then for orders in this currency."] = None
    days: Annotated[int, "How many days after the order's confirmation it is due."] = 0
    blocks_supply: Annotated[bool, "Whether nothing is set aside or procured before it has come in."] = False
    blocks_shipping: Annotated[bool, "Whether goods wait until it has come in."] = False


@dataclass(frozen=True, kw_only=True)
class ContractAdvanceTermInput:
    """What is asked for beforehand on orders."""

    code: Annotated[str, "Its key; the same code again replaces its lines, for plans written from now on."]
    name: Annotated[str, "What it is called."]
    lines: Annotated[list[ContractAdvanceLineInput], "Its deposits."] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class ContractItemInput:
    """What may be called off from a framework contract."""

    sku: Annotated[str, "The article's key, once in a contract."]
    cap: Annotated[Decimal | None, "How much at most; left out: the amount alone limits it."] = None
    unit_price: Annotated[Decimal | None, "Agreed price; left out: the price of the day."] = None


@dataclass(frozen=True, kw_only=True)
class ContractPartyInput:
    """Somebody who takes part besides the customer."""

    name: Annotated[str, "Who it is."]
    role: Annotated[PartyRole, "Which part it takes."] = PartyRole.OTHER
    customer: Annotated[Ref[Customer] | None, "If it is a customer."] = None


@dataclass(frozen=True, kw_only=True)
class ContractInput:
    """A contract as it is negotiated."""

    reference: Annotated[str, "Your own unique key: the same content sent again is the same contract."]
    title: Annotated[str, "What it is about."]
    customer: Annotated[Ref[Customer], "With whom."]
    kind: Annotated[ContractKind, "Project or framework."] = ContractKind.PROJECT
    billed_by: Annotated[BilledBy, "What raises its invoices."] = BilledBy.PLAN
    amount: Annotated[Money | None, "Tax included; only a framework with items may leave it out."] = None
    currency: Annotated[str | None, "Without an amount; left out: the customer's."] = None
    tax_code: Annotated[str | None, "Code of the tax that the amounts include; left out: not taxed."] = None
    tax_percent: Annotated[Decimal, "Percent of the tax."] = Decimal(0)
    starts_on: Annotated[date | None, "First day in force; left out: the day of the signature."] = None
    ends_on: Annotated[date | None, "Last day in force; left out: without end."] = None
    fulfil_by: Annotated[date | None, "Last day for its checklist."] = None
    owner: Annotated[Ref[User] | None, "Who looks after it."] = None
    instalments: Annotated[list[ContractInstalmentInput], "Its collection plan."] = field(default_factory=list)
    items: Annotated[list[ContractItemInput], "What may be called off; none: anything."] = field(default_factory=list)
    parties: Annotated[list[ContractPartyInput], "Who takes part besides the customer."] = field(default_factory=list)
    tasks: Annotated[list[str], "Its checklist, each task once."] = field(default_factory=list)
    notes: Annotated[str, "Anything worth knowing."] = ""


@dataclass(frozen=True, kw_only=True)
class ContractInstalmentChangeInput:
    """What an amendment changes about an instalment; what is left out stays."""

    sequence: Annotated[int, "Which instalment."]
    name: Annotated[str | Unset, "What it is called."] = UNSET
    amount: Annotated[Decimal | Unset, "Tax included; not once it is invoiced."] = UNSET
    planned_on: Annotated[date | Unset, "The new day; the day planned first is kept for statistics."] = UNSET
    days: Annotated[int | Unset, "Days after the milestone or acceptance."] = UNSET
    owner: Annotated[Ref[User] | Unset | None, "Who looks after it."] = UNSET
    blocks_shipping: Annotated[bool | Unset, "Whether goods wait for it."] = UNSET
    blocks_supply: Annotated[bool | Unset, "Whether their supply waits for it."] = UNSET


@dataclass(frozen=True, kw_only=True)
class ContractAmendInput:
    """A new version of a signed contract; what is left out stays."""

    reason: Annotated[str, "Why."]
    signed_by: Annotated[str, "Who signed it for the customer."]
    signed_on: Annotated[date | None, "Left out: today."] = None
    amount: Annotated[Decimal | Unset, "Tax included, in the contract's currency."] = UNSET
    ends_on: Annotated[date | Unset | None, "Last day in force."] = UNSET
    fulfil_by: Annotated[date | Unset | None, "Last day for its checklist."] = UNSET
    add: Annotated[list[ContractInstalmentInput], "New instalments; percentages are of the new amount."] = field(
        default_factory=list
    )
    update: Annotated[list[ContractInstalmentChangeInput], "Instalments to change."] = field(default_factory=list)
    drop: Annotated[list[int], "Instalments to take out, by sequence."] = field(default_factory=list)
    items: Annotated[list[ContractItemInput], "Items to add, or with a new cap and price, by sku."] = field(
        default_factory=list
    )


@dataclass(frozen=True, kw_only=True)
class ContractCallOffLineInput:
    """What is called off: an article of the contract, or where it has no items, anything."""

    quantity: Annotated[Decimal, "In the article's unit, more than nothing."]
    sku: Annotated[str | None, "Which article; left out: a line of free text."] = None
    description: Annotated[str | None, "Text of the line; left out: the article's name."] = None
    unit_price: Annotated[Decimal | None, "Only where the contract has no price of its own."] = None


@dataclass(frozen=True, kw_only=True)
class ContractCallOffInput:
    """An order to be called off from a contract."""

    reference: Annotated[str, "Your own key, unique within the contract: the same content again is the same order."]
    lines: Annotated[list[ContractCallOffLineInput], "What is ordered."] = field(default_factory=list)
    ordered_on: Annotated[date | None, "Left out: today."] = None
    promised_on: Annotated[date | None, "When the customer gets it."] = None
    notes: Annotated[str, "Notes of the order."] = ""
