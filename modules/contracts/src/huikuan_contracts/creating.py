"""Writes a contract with all that hangs on it: first everything is checked, then it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import delete

from huikuan.codec import digest
from huikuan.context import Context
from huikuan.errors import BadInput, NotFound, Refusal
from huikuan.money import exponent
from huikuan_contracts.amounts import check_amount
from huikuan_contracts.errors import REFERENCE_TAKEN
from huikuan_contracts.inputs import ContractInput, ContractItemInput
from huikuan_contracts.models import Contract, ContractInstalment, ContractItem, ContractParty, ContractTask
from huikuan_contracts.planning import check_sum, instalment_rows
from huikuan_contracts.snapshots import ContractKind
from huikuan_contracts.states import fulfilment_of
from huikuan_customers.api import customers

__all__ = ["apply", "check_item", "clear", "parts_of", "same_contract"]

MAX_ROWS = 1_000
HUNDRED = Decimal(100)
LIMIT = Decimal(10) ** 12


def same_contract(ctx: Context, input: ContractInput) -> Contract | None:
    """The contract that was written from this very input before; refuses another content."""
    if not input.reference.strip():
        raise BadInput("A reference is not empty.", field="reference")
    found = ctx.find(Contract, reference=input.reference)
    if found is not None and found.input_hash != digest(input):
        ctx.refuse(
            Refusal(
                REFERENCE_TAKEN,
                f"Another contract has the reference {input.reference!r}, with other content.",
                field="reference",
                advice="Change that contract by contractChange, or send another reference.",
                contract=found.id,
            )
        )
    return found


def apply(ctx: Context, contract: Contract, input: ContractInput) -> None:
    """Set what the input says; the contract is new or unsigned, its parts are not there or are deleted before."""
    currency = _currency(ctx, input)
    _check(input)
    contract.reference, contract.input_hash = input.reference, digest(input)
    contract.kind, contract.billed_by, contract.title = input.kind, input.billed_by, input.title.strip()
    contract.customer_id, contract.owner_id = input.customer.id, input.owner.id if input.owner is not None else None
    contract.currency, contract.amount = currency, input.amount
    contract.tax_code, contract.tax_percent = input.tax_code, input.tax_percent
    contract.starts_on, contract.ends_on, contract.fulfil_by = input.starts_on, input.ends_on, input.fulfil_by
    contract.notes = input.notes


def parts_of(
    ctx: Context, contract: Contract, input: ContractInput
) -> list[ContractInstalment | ContractItem | ContractParty | ContractTask]:
    """Everything that hangs on a contract, checked and ready to be stored; the checklist begins anew."""
    plan = instalment_rows(ctx, contract, input.instalments, whole=contract.amount)
    check_sum(ctx, contract, (part.amount for part in plan))
    contract.fulfilment = fulfilment_of(0, len(input.tasks), input.fulfil_by, ctx.today)
    return [
        *plan,
        *(
            ContractItem(
                contract_id=contract.id, position=position, sku=item.sku, cap=item.cap, unit_price=item.unit_price
            )
            for position, item in enumerate(input.items, 1)
        ),
        *(
            ContractParty(
                contract_id=contract.id,
                position=position,
                name=party.name.strip(),
                role=party.role,
                customer_id=party.customer.id if party.customer is not None else None,
            )
            for position, party in enumerate(input.parties, 1)
        ),
        *(
            ContractTask(contract_id=contract.id, position=position, name=name.strip())
            for position, name in enumerate(input.tasks, 1)
        ),
    ]


def clear(ctx: Context, contract: Contract) -> None:
    """Delete what hangs on an unsigned contract, documents apart."""
    for model in (ContractInstalment, ContractItem, ContractParty, ContractTask):
        ctx.execute(delete(model).where(model.contract_id == contract.id))


def _currency(ctx: Context, input: ContractInput) -> str:
    customer = customers(ctx, [input.customer.id]).get(input.customer.id)
    if customer is None:
        raise NotFound("The customer does not exist.", field="customer")
    if customer.archived:
        raise BadInput(f"Customer {customer.code} is archived; restore it first.", field="customer")
    currency = input.amount.currency if input.amount is not None else input.currency or customer.currency
    if input.currency is not None and input.currency != currency:
        raise BadInput(f"The amount is in {currency}.", field="currency")
    exponent(currency)
    return currency


def _check(input: ContractInput) -> None:
    if not input.title.strip():
        raise BadInput("A contract needs a title.", field="title")
    if input.amount is not None:
        check_amount(input.amount.amount, input.amount.currency, "amount")
    if input.amount is None and (input.kind is ContractKind.PROJECT or not input.items):
        raise BadInput("Only a framework with items may leave out its amount.", field="amount")
    if input.items and input.kind is ContractKind.PROJECT:
        raise BadInput("Items are called off from a framework.", field="items")
    if input.ends_on is not None and input.starts_on is not None and input.ends_on < input.starts_on:
        raise BadInput("The contract ends before it begins.", field="endsOn")
    _check_tax(input)
    for name in ("items", "parties", "tasks"):
        if len(getattr(input, name)) > MAX_ROWS:
            raise BadInput(f"At most {MAX_ROWS} of these are possible.", field=name)
    if any(not task.strip() for task in input.tasks) or len({task.strip() for task in input.tasks}) != len(input.tasks):
        raise BadInput("Each task has a name of its own.", field="tasks")
    if any(not party.name.strip() for party in input.parties):
        raise BadInput("A party needs a name.", field="parties")
    _check_items(input.items)


def _check_tax(input: ContractInput) -> None:
    percent = input.tax_percent
    if not percent.is_finite() or not 0 <= percent <= HUNDRED or percent != round(percent, 6):
        raise BadInput("A percentage lies between 0 and 100, with at most 6 digits.", field="taxPercent")
    if input.tax_code is None and percent:
        raise BadInput("Say which tax it is.", field="taxCode")


def _check_items(items: Sequence[ContractItemInput]) -> None:
    for index, item in enumerate(items):
        check_item(item, f"items.{index}")
    if len({item.sku for item in items}) != len(items):
        raise BadInput("Name each article once.", field="items")


def check_item(item: ContractItemInput, where: str) -> None:
    """A cap and a price that can be stored."""
    if not item.sku.strip():
        raise BadInput("An item needs the article's key.", field=f"{where}.sku")
    for name, value in (("cap", item.cap), ("unitPrice", item.unit_price)):
        if value is not None and not (value.is_finite() and 0 <= value < LIMIT and value == round(value, 6)):
            raise BadInput("It is not negative and has at most 6 digits after the point.", field=f"{where}.{name}")
