"""Advance-payment terms (CON-7): what is asked for beforehand, and what waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import delete, select

from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import BadInput
from huikuan_contracts.amounts import Part, check_amount, check_formula
from huikuan_contracts.commands.signing import checked
from huikuan_contracts.inputs import ContractAdvanceLineInput, ContractAdvanceTermInput, ContractInstalmentInput
from huikuan_contracts.models import ContractAdvanceLine, ContractAdvanceTerm
from huikuan_contracts.planning import MAX_DAYS
from huikuan_contracts.snapshots import InstalmentKind

__all__ = ["advance_parts", "contract_advance_term_set"]

MAX_LINES = 20


@command(permission="contracts.write", idempotency="natural")
def contract_advance_term_set(ctx: Context, input: ContractAdvanceTermInput) -> ContractAdvanceTerm:
    """Set an advance-payment term by its code: its deposits, each with its formula and with what waits for it.

    Plans that were written by it stay as they are.
    """
    code, name = checked(input.code, "code"), checked(input.name, "name")
    _check(input.lines)
    term = ctx.find(ContractAdvanceTerm, code=code) or ctx.add(ContractAdvanceTerm(code=code, name=name))
    term.name = name
    ctx.flush()
    ctx.execute(delete(ContractAdvanceLine).where(ContractAdvanceLine.term_id == term.id))
    ctx.add_all(
        [
            ContractAdvanceLine(
                term_id=term.id,
                position=position,
                name=line.name.strip(),
                percent=line.percent,
                amount=line.amount,
                days=line.days,
                blocks_supply=line.blocks_supply,
                blocks_shipping=line.blocks_shipping,
            )
            for position, line in enumerate(input.lines, 1)
        ]
    )
    return term


def advance_parts(ctx: Context, term: ContractAdvanceTerm, currency: str) -> list[ContractInstalmentInput]:
    """The deposits that a term asks for on an order in this currency."""
    lines = ctx.scalars(
        select(ContractAdvanceLine).where(ContractAdvanceLine.term_id == term.id).order_by(ContractAdvanceLine.position)
    )
    if any(line.amount is not None and line.amount.currency != currency for line in lines):
        raise BadInput(f"The term {term.code} asks for amounts that are not in {currency}.", field="advance")
    return [
        ContractInstalmentInput(
            name=line.name,
            amount=line.amount.amount if line.amount is not None else None,
            percent=line.percent,
            kind=InstalmentKind.DEPOSIT,
            days=line.days,
            blocks_supply=line.blocks_supply,
            blocks_shipping=line.blocks_shipping,
        )
        for line in lines
    ]


def _check(lines: Sequence[ContractAdvanceLineInput]) -> None:
    if not 1 <= len(lines) <= MAX_LINES:
        raise BadInput(f"A term has 1 to {MAX_LINES} lines.", field="lines")
    for index, line in enumerate(lines):
        where = f"lines.{index}"
        checked(line.name, f"{where}.name")
        if (line.amount is None) == (line.percent is None):
            raise BadInput("Give either a percentage or an amount.", field=where)
        if line.amount is not None:
            check_amount(line.amount.amount, line.amount.currency, f"{where}.amount")
        else:
            check_formula(Part(amount=None, percent=line.percent), "", where)
        if not 0 <= line.days <= MAX_DAYS:
            raise BadInput(f"Days lie between 0 and {MAX_DAYS}.", field=f"{where}.days")
    if sum((line.percent for line in lines if line.percent is not None), Decimal(0)) > 100:
        raise BadInput("Percentages come to 100 at most.", field="lines")
