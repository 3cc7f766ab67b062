"""Instalments whose invoice was refused (CON-5): told once, asked for again when something changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import or_, select

from huikuan.context import Context
from huikuan.errors import Refusal
from huikuan_contracts.events import ContractInstalmentNotInvoiced
from huikuan_contracts.models import Contract, ContractInstalment

__all__ = ["forget_refusal", "keep_refusal", "left_alone", "refusal_pin", "stray_refusals"]


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


def stray_refusals(ctx: Context) -> Sequence[UUID]:
    """Instalments that say why they have no invoice and have one, or say only half of it."""
    marks = (
        ContractInstalment.refused_on,
        ContractInstalment.refused_code,
        ContractInstalment.refused_because,
        ContractInstalment.refused_pin,
    )
    wrong = or_(ContractInstalment.invoice_id.is_not(None), *(mark.is_(None) for mark in marks))
    statement = select(ContractInstalment.id).where(or_(*(mark.is_not(None) for mark in marks)), wrong)
    return ctx.scalars(statement.order_by(ContractInstalment.id))
