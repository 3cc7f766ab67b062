"""Instalments whose invoice was refused (CON-5): told once, asked for again when something changed."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from huikuan.context import Context
from huikuan.errors import Refusal
from huikuan_contracts.events import ContractInstalmentNotInvoiced
from huikuan_contracts.models import Contract, ContractInstalment

__all__ = ["forget_refusal", "keep_refusal", "left_alone", "refusal_pin"]


def refusal_pin(contract: Contract, part: ContractInstalment, asked: Decimal) -> str:
    """What a refusal rests on: the instalment, what its orders come to, and what these were asked for already."""
    return "/".join(f"{amount.normalize():f}" for amount in (part.amount.amount, contract.consumed, asked))


def keep_refusal(ctx: Context, part: ContractInstalment, refusal: Refusal, pin: str) -> None:
    """Keep why there is no invoice; whoever looks after it is told of a reason once."""
    known = part.refused_code, part.refused_because
    part.refused_on, part.refused_pin = ctx.today, pin
    part.refused_code, part.refused_because = refusal.code, refusal.message
    if known != (refusal.code, refusal.message):
        ctx.emit(
            ContractInstalmentNotInvoiced(
                contract_id=part.contract_id,
                instalment_id=part.id,
                owner_id=part.owner_id,
                code=refusal.code,
                reason=refusal.message,
            )
        )


def forget_refusal(part: ContractInstalment) -> None:
    """Its invoice is there."""
    part.refused_on = part.refused_code = part.refused_because = part.refused_pin = None


def left_alone(ctx: Context, part: ContractInstalment, pin: str, lasting: Collection[str]) -> bool:
    """Whether asking again is in vain: nothing changed, and nothing else helps, or it was refused today already.

    ``lasting``: codes of refusals that stand as long as what they rest on.
    """
    if part.refused_pin != pin:
        return False
    return part.refused_code in lasting or part.refused_on == ctx.today
