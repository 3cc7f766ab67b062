"""Tables of contracts. Signatures and amendments are frozen, in the session and in the database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import LargeBinary, String

from huikuan.db import (
    Json,
    Mapped,
    TenantModel,
    currency_code,
    index,
    mapped_column,
    money,
    pii,
    state,
    tenant_fk,
    unique,
)
from huikuan.db import amount as sums  # columns are named amount and quantity
from huikuan.db import quantity as units
from huikuan.money import Money
from huikuan_contracts.snapshots import (
    BilledBy,
    CallOffState,
    ContractKind,
    FulfilmentState,
    InstalmentKind,
    InstalmentTrigger,
    PartyRole,
)

__all__ = [
    "CONTRACT_RANK",
    "CallOff",
    "CallOffLine",
    "Contract",
    "ContractAdvanceLine",
    "ContractAdvanceTerm",
    "ContractAmendment",
    "ContractContent",
    "ContractDocument",
    "ContractInstalment",
    "ContractItem",
    "ContractParty",
    "ContractSignature",
    "ContractTask",
]

CONTRACT_RANK = 15
"""Contracts are locked after customers and before orders."""

NAME = String(200)
ZERO = Decimal(0)


class Contract(TenantModel):
    """What was agreed with a customer. Amounts include tax, as contracts state them."""

    number: Mapped[str | None] = mapped_column(String(80), doc="Its number; gaps are allowed")
    reference: Mapped[str] = mapped_column(NAME, doc="Your own unique key, such as the number on the paper")
    input_hash: Mapped[str] = mapped_column(String(64), doc="Of the input that it was written from")
    kind: Mapped[ContractKind] = state(ContractKind, default=ContractKind.PROJECT)
    billed_by: Mapped[BilledBy] = state(BilledBy, default=BilledBy.PLAN)
    title: Mapped[str] = mapped_column(NAME)
    customer_id: Mapped[UUID] = tenant_fk("customers_customer", doc="With whom")
    owner_id: Mapped[UUID | None] = tenant_fk("kernel_user", nullable=True, doc="Who looks after it")
    currency: Mapped[str] = currency_code()
    amount: Mapped[Money | None] = money("Tax included; of a framework, how much may be called off at most")
    if TYPE_CHECKING:
        amount_amount: Mapped[Decimal | None]
    consumed: Mapped[Decimal] = sums("What open call-offs come to", default=ZERO)
    tax_code: Mapped[str | None] = mapped_column(String(40))
    tax_percent: Mapped[Decimal] = units("Of the tax that its amounts include", default=ZERO)
    starts_on: Mapped[date | None] = mapped_column(doc="First day in force; none: the day of the signature")
    ends_on: Mapped[date | None] = mapped_column(doc="Last day in force; none: without end")
    fulfil_by: Mapped[date | None] = mapped_column(doc="Last day for its checklist")
    fulfilment: Mapped[FulfilmentState] = state(FulfilmentState, default=FulfilmentState.NOT_APPLICABLE)
    signed_on: Mapped[date | None] = mapped_column(doc="As its signature says")
    accepted_on: Mapped[date | None] = mapped_column(doc="When its work was accepted")
    cancelled_on: Mapped[date | None]
    cancel_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1, doc="1, and one more with each amendment")
    notes: Mapped[str] = mapped_column(default="")
    order_id: Mapped[UUID | None] = mapped_column(doc="The order whose plan it is, and nothing else; not a foreign key")
    __table_args__ = (
        unique("reference"),
        unique("number"),
        unique("order_id", where="order_id IS NOT NULL"),
        index("fulfilment", "fulfil_by"),
    )


class ContractParty(TenantModel):
    """Somebody who takes part besides the customer."""

    contract_id: Mapped[UUID] = tenant_fk("contracts_contract", index=False, ondelete="CASCADE")
    position: Mapped[int] = mapped_column(doc="1, 2, … within the contract")
    role: Mapped[PartyRole] = state(PartyRole, default=PartyRole.OTHER)
    name: Mapped[str] = pii(mapped_column(NAME))
    customer_id: Mapped[UUID | None] = tenant_fk("customers_customer", nullable=True, doc="If it is a customer")
    __table_args__ = (unique("contract_id", "position"),)


class ContractSignature(TenantModel):
    """That a contract was signed, and what was signed; written once."""

    contract_id: Mapped[UUID] = tenant_fk("contracts_contract", index=False)
    signed_on: Mapped[date]
    signed_by: Mapped[str] = pii(mapped_column(NAME, doc="Who signed for the customer"))
    signed_for_us: Mapped[str] = pii(mapped_column(NAME, doc="Who signed for us"))
    terms_hash: Mapped[str] = mapped_column(String(64), doc="Of what was agreed")
    __table_args__ = (unique("contract_id"), {"info": {"draft_when": "false"}})

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        return True


class ContractAmendment(TenantModel):
    """A version of a signed contract; written once."""

    contract_id: Mapped[UUID] = tenant_fk("contracts_contract", index=False)
    version: Mapped[int] = mapped_column(doc="2, 3, … the contract as signed is version 1")
    reason: Mapped[str]
    signed_on: Mapped[date]
    signed_by: Mapped[str] = pii(mapped_column(NAME, doc="Who signed for the customer"))
    before: Mapped[Any] = mapped_column(Json, doc="The terms as they were")
    after: Mapped[Any] = mapped_column(Json, doc="The terms as they are since")
    terms_hash: Mapped[str] = mapped_column(String(64), doc="Of what is agreed since")
    __table_args__ = (unique("contract_id", "version"), {"info": {"draft_when": "false"}})

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        return True


class ContractDocument(TenantModel):
    """A file that belongs to a contract: what it is called, and the hash by which it is known."""

    contract_id: Mapped[UUID] = tenant_fk("contracts_contract", index=False, ondelete="CASCADE")
    name: Mapped[str] = mapped_column(NAME)
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(doc="In bytes")
    sha256: Mapped[str] = mapped_column(String(64), doc="SHA-256 of the content, as hex")
    uri: Mapped[str | None] = mapped_column(String(2_000), doc="Where it is kept, if not here")
    __table_args__ = (unique("contract_id", "sha256"),)


class ContractContent(TenantModel):
    """The bytes of a document that is kept here, apart from it so that lists stay quick."""

    document_id: Mapped[UUID] = tenant_fk("contracts_contract_document", index=False, ondelete="CASCADE")
    content: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (unique("document_id"),)


class ContractTask(TenantModel):
    """A line of a contract's checklist."""

    contract_id: Mapped[UUID] = tenant_fk("contracts_contract", index=False, ondelete="CASCADE")
    position: Mapped[int] = mapped_column(doc="1, 2, … within the contract")
    name: Mapped[str] = mapped_column(NAME, doc="What has to be done")
    done_on: Mapped[date | None]
    note: Mapped[str | None]
    __table_args__ = (unique("contract_id", "position"),)


class ContractItem(TenantModel):
    """What may be called off from a framework contract, at which price and how much of it."""

    contract_id: Mapped[UUID] = tenant_fk("contracts_contract", index=False, ondelete="CASCADE")
    position: Mapped[int] = mapped_column(doc="1, 2, … within the contract")
    sku: Mapped[str] = mapped_column(String(100), doc="The article's key")
    unit_price: Mapped[Decimal | None] = units("Agreed price; none: the price of the day")
    cap: Mapped[Decimal | None] = units("How much may be called off at most; none: the amount alone limits it")
    consumed: Mapped[Decimal] = units("What open call-offs come to", default=ZERO)
    __table_args__ = (unique("contract_id", "position"), unique("contract_id", "sku"))


class ContractInstalment(TenantModel):
    """A part of a contract's collection plan."""

    contract_id: Mapped[UUID] = tenant_fk("contracts_contract", index=False, ondelete="CASCADE")
    sequence: Mapped[int] = mapped_column(doc="1, 2, … within the contract; never given twice")
    name: Mapped[str] = mapped_column(NAME)
    kind: Mapped[InstalmentKind] = state(InstalmentKind, default=InstalmentKind.PAYMENT)
    trigger: Mapped[InstalmentTrigger] = state(InstalmentTrigger, default=InstalmentTrigger.DATE)
    amount: Mapped[Money] = money("Tax included")
    if TYPE_CHECKING:
        amount_amount: Mapped[Decimal]
    percent: Mapped[Decimal | None] = units("Of the whole, if it was written as such a share")
    shared: Mapped[bool] = mapped_column(default=False, doc="Whether it takes an equal share of what others leave")
    original_on: Mapped[date | None] = mapped_column(doc="The day planned first: delays are measured from it")
    planned_on: Mapped[date | None] = mapped_column(doc="The day planned now")
    days: Mapped[int] = mapped_column(default=0, doc="Days after the milestone, acceptance or order's confirmation")
    reached_on: Mapped[date | None] = mapped_column(doc="When its milestone was reached")
    due_on: Mapped[date | None] = mapped_column(doc="When it is due; none while its milestone is missing")
    owner_id: Mapped[UUID | None] = tenant_fk("kernel_user", nullable=True, doc="Who looks after it")
    blocks_shipping: Mapped[bool] = mapped_column(default=False, doc="Whether goods wait until it has come in")
    blocks_supply: Mapped[bool] = mapped_column(default=False, doc="Whether none are set aside or procured before")
    dropped_in: Mapped[int | None] = mapped_column(doc="The version that took it out")
    invoice_id: Mapped[UUID | None] = mapped_column(doc="The invoice it raised last; not a foreign key")
    invoices: Mapped[int] = mapped_column(default=0, doc="How many invoices it raised")
    refused_on: Mapped[date | None] = mapped_column(doc="When its invoice was refused last, if there is none")
    refused_code: Mapped[str | None] = mapped_column(String(80))
    refused_because: Mapped[str | None] = mapped_column(doc="The refusal in words")
    refused_pin: Mapped[str | None] = mapped_column(String(200), doc="What the refusal rests on")
    received_on: Mapped[date | None] = mapped_column(doc="When all of it had come in, as far as was seen")
    told_soon_on: Mapped[date | None] = mapped_column(doc="The due day that its owner was told of beforehand")
    told_late_on: Mapped[date | None] = mapped_column(doc="The due day that its owner was told of as overdue")
    __table_args__ = (
        unique("contract_id", "sequence"),
        unique("invoice_id", where="invoice_id IS NOT NULL"),
        index("due_on", "id"),
    )


class ContractAdvanceTerm(TenantModel):
    """What is asked for beforehand on orders: a name for a usual set of deposits."""

    code: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(NAME)
    __table_args__ = (unique("code"),)


class ContractAdvanceLine(TenantModel):
    """A deposit of an advance-payment term: its formula, and what waits for it."""

    term_id: Mapped[UUID] = tenant_fk("contracts_contract_advance_term", index=False, ondelete="CASCADE")
    position: Mapped[int] = mapped_column(doc="1, 2, … within the term")
    name: Mapped[str] = mapped_column(NAME)
    percent: Mapped[Decimal | None] = units("Of the order's total")
    amount: Mapped[Money | None] = money("Tax included; for orders in its currency")
    days: Mapped[int] = mapped_column(default=0, doc="Days after the order's confirmation when it is due")
    blocks_supply: Mapped[bool] = mapped_column(default=False)
    blocks_shipping: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (unique("term_id", "position"),)


class CallOff(TenantModel):
    """An order that uses up a contract."""

    contract_id: Mapped[UUID] = tenant_fk("contracts_contract")
    reference: Mapped[str] = mapped_column(NAME, doc="Your own key of it, unique within the contract")
    input_hash: Mapped[str | None] = mapped_column(String(64), doc="Of the input that it was called off with")
    source_type: Mapped[str] = mapped_column(String(60))
    source_id: Mapped[UUID]
    status: Mapped[CallOffState] = state(CallOffState, default=CallOffState.OPEN)
    amount: Mapped[Money] = money("What it uses up, tax included")
    if TYPE_CHECKING:
        amount_amount: Mapped[Decimal]
    called_on: Mapped[date]
    __table_args__ = (unique("source_type", "source_id"), unique("contract_id", "reference"))


class CallOffLine(TenantModel):
    """How much of an item a call-off uses up."""

    call_off_id: Mapped[UUID] = tenant_fk("contracts_call_off", index=False, ondelete="CASCADE")
    item_id: Mapped[UUID] = tenant_fk("contracts_contract_item")
    quantity: Mapped[Decimal] = units()
    __table_args__ = (unique("call_off_id", "item_id"),)
