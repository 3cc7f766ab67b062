"""Signing and cancelling (CON-1): what is signed changes by amendments only."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from huikuan.codec import digest
from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import BadInput, Refusal
from huikuan.values import Id
from huikuan_contracts.commands.drafts import require_unsigned
from huikuan_contracts.errors import CALLED_OFF
from huikuan_contracts.events import ContractCancelled, ContractSigned
from huikuan_contracts.models import CallOff, Contract, ContractSignature
from huikuan_contracts.snapshots import CallOffState
from huikuan_contracts.views import locked, require_agreement, terms_of

__all__ = ["checked", "contract_cancel", "contract_sign"]


@command(permission="contracts.sign", idempotency="natural")
def contract_sign(
    ctx: Context, id: Id[Contract], signed_by: str, signed_for_us: str, signed_on: date | None = None
) -> Contract:
    """Record who signed and when: once and for all. The same signature again changes nothing."""
    contract = locked(ctx, id)
    require_agreement(ctx, contract)
    on = signed_on or ctx.today
    names = checked(signed_by, "signedBy"), checked(signed_for_us, "signedForUs")
    before = ctx.find(ContractSignature, contract_id=contract.id)
    if (
        before is not None
        and (before.signed_by, before.signed_for_us) == names
        and signed_on in (None, before.signed_on)
    ):
        return contract
    require_unsigned(ctx, contract)
    if on > ctx.today:
        raise BadInput("A signature does not lie in the future.", field="signedOn")
    if contract.ends_on is not None and contract.ends_on < on:
        raise BadInput("The contract ends before it is signed; change its last day.", field="signedOn")
    contract.signed_on = on
    ctx.add(
        ContractSignature(
            contract_id=contract.id,
            signed_on=on,
            signed_by=names[0],
            signed_for_us=names[1],
            terms_hash=digest(terms_of(ctx, contract)),
        )
    )
    ctx.emit(
        ContractSigned(contract_id=contract.id, customer_id=contract.customer_id, signed_on=on, amount=contract.amount)
    )
    return contract


@command(permission="contracts.sign", idempotency="natural")
def contract_cancel(ctx: Context, id: Id[Contract], reason: str) -> Contract:
    """End a contract. Orders that were called off stand in the way; what its invoices ask for stays owed."""
    contract = locked(ctx, id)
    require_agreement(ctx, contract)
    if contract.cancelled_on is not None:
        return contract
    reason = checked(reason, "reason")
    open_ones = select(CallOff.source_id).where(CallOff.contract_id == id, CallOff.status == CallOffState.OPEN)
    if orders := ctx.scalars(open_ones.order_by(CallOff.id)):
        ctx.refuse(
            Refusal(
                CALLED_OFF,
                f"{len(orders)} {'order' if len(orders) == 1 else 'orders'} of contract {contract.number} count.",
                advice="Cancel them first, or let the contract end by an amendment of its last day.",
                orders=list(orders),
            )
        )
    contract.cancelled_on, contract.cancel_reason = ctx.today, reason
    ctx.emit(
        ContractCancelled(
            contract_id=contract.id, customer_id=contract.customer_id, was_signed=contract.signed_on is not None
        )
    )
    return contract


def checked(text: str, field: str) -> str:
    """A text that says something."""
    if not text.strip():
        raise BadInput("This may not be empty.", field=field)
    return text.strip()
