"""The rules of the company for its bank, in order, and what they are asked of a line."""

from __future__ import annotations

from sqlalchemy import select

from huikuan.context import Context
from huikuan_receivables.banking.facts import LineFacts
from huikuan_receivables.matching import Rule, Said
from huikuan_receivables.models import BankRule

__all__ = ["rules_in_force", "said_of"]


def rules_in_force(ctx: Context) -> list[Rule]:
    """Those that are not switched off, in the order in which they are asked. One statement."""
    statement = select(BankRule).where(BankRule.off_at.is_(None)).order_by(BankRule.sequence, BankRule.id)
    return [_rule(row) for row in ctx.scalars(statement)]


def said_of(line: LineFacts) -> Said:
    """What the bank says of a line."""
    return Said(
        source_id=line.source_id,
        amount=line.amount.amount,
        currency=line.amount.currency,
        text=f"{line.remittance or ''}\n{line.text}",
        payer_name=line.payer_name or "",
        payer_account=line.payer_account or "",
    )


def _rule(row: BankRule) -> Rule:
    return Rule(
        id=row.id,
        code=row.code,
        name=row.name,
        automatic=row.automatic,
        source_id=row.source_id,
        currency=row.currency,
        text_pattern=row.text_pattern,
        payer_pattern=row.payer_pattern,
        payer_account=row.payer_account,
        amount_from=row.amount_from,
        amount_to=row.amount_to,
        customer_id=row.customer_id,
        settles=row.settles,
        deducts=row.deducts,
        deduction=row.deduction,
        deduction_pattern=row.deduction_pattern,
        at_most=row.at_most,
        cause=row.cause,
    )
