"""Contracts while they are negotiated (CON-1, CON-3)."""

from __future__ import annotations

from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import Refusal
from huikuan.values import Id
from huikuan_contracts.creating import apply, clear, parts_of, same_contract
from huikuan_contracts.errors import CANCELLED, SIGNED
from huikuan_contracts.events import ContractChanged, ContractCreated
from huikuan_contracts.inputs import ContractInput
from huikuan_contracts.models import Contract
from huikuan_contracts.views import locked, require_agreement

__all__ = ["contract_change", "contract_create", "require_unsigned"]


@command(permission="contracts.write", idempotency="natural")
def contract_create(ctx: Context, input: ContractInput) -> Contract:
    """Write a contract with its collection plan, checklist, items and parties; it binds nobody before it is signed.

    The same content sent again gives the contract that is there; other content with its reference is refused.
    """
    found = same_contract(ctx, input)
    if found is not None:
        return found
    contract = Contract()
    apply(ctx, contract, input)
    parts = parts_of(ctx, contract, input)
    ctx.add(contract)
    prefix = ctx.setting("contracts.number_prefix")
    ctx.number("contracts", contract, format=lambda value: f"{prefix}{value:06d}")
    ctx.flush()
    ctx.add_all(parts)
    ctx.emit(ContractCreated(contract_id=contract.id, customer_id=contract.customer_id, amount=contract.amount))
    return contract


@command(permission="contracts.write", idempotency="key")
def contract_change(ctx: Context, id: Id[Contract], input: ContractInput) -> Contract:
    """Write an unsigned contract anew: everything is replaced but its number and documents."""
    contract = locked(ctx, id)
    require_agreement(ctx, contract)
    require_unsigned(ctx, contract)
    if input.reference != contract.reference and (other := same_contract(ctx, input)) is not None:
        return other
    apply(ctx, contract, input)
    parts = parts_of(ctx, contract, input)
    clear(ctx, contract)
    ctx.add_all(parts)
    ctx.emit(ContractChanged(contract_id=contract.id))
    return contract


def require_unsigned(ctx: Context, contract: Contract) -> None:
    """Refuse what only an unsigned contract allows."""
    if contract.cancelled_on is not None:
        ctx.refuse(Refusal(CANCELLED, f"Contract {contract.number} was cancelled.", advice="Write a new one."))
    if contract.signed_on is not None:
        ctx.refuse(
            Refusal(
                SIGNED,
                f"Contract {contract.number} was signed on {contract.signed_on}.",
                advice="Change it by contractAmend.",
            )
        )
