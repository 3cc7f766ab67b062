"""What an account owes now: the parts of its balance that can be known, and what other modules add."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from huikuan.context import Context
from huikuan_credit.accounts import Pool
from huikuan_credit.hookspecs import credit_exposure_parts
from huikuan_credit.ledger import COLUMNS
from huikuan_credit.models import Balance, Position
from huikuan_credit.snapshots import ExposurePart, Part
from huikuan_customers.api import descendants

__all__ = ["NEEDS", "counts_from", "members", "missing_parts", "parts_of", "told_by"]

ZERO = Decimal(0)
BRIDGED = frozenset({"orders", "inventory", "invoicing", "receivables"})
"""Modules that tell credit what they know."""
NEEDS: Mapping[Part, tuple[str, ...]] = {
    Part.ORDERED: ("orders",),
    Part.SHIPPED: ("orders", "inventory", "invoicing"),
    Part.INVOICED: ("receivables",),
    Part.UNAPPLIED: ("receivables",),
}
"""The modules without which a part is not known: goods that left are no debt of their own where nobody knows whether
they were invoiced, nor are invoices where nobody knows whether they were paid."""


def told_by(ctx: Context, module: str) -> bool:
    """Whether a module is enabled and tells credit what it knows."""
    return module in BRIDGED and ctx.enabled(module)


def missing_parts(ctx: Context) -> tuple[str, ...]:
    """Parts that are not known, each with the modules that do not tell them."""
    found = []
    for part, modules in NEEDS.items():
        lacking = [name for name in modules if not told_by(ctx, name)]
        if lacking:
            found.append(f"{part.name.lower()} (needs {', '.join(lacking)})")
    return tuple(found)


def counts_from(ctx: Context) -> date | None:
    """The last shipping day that counts today; None where every order counts."""
    days = int(ctx.setting("credit.horizon_days"))
    return ctx.today + timedelta(days=days) if days > 0 else None


def parts_of(ctx: Context, pool: Pool, balance: Balance | None, currency: str) -> tuple[ExposurePart, ...]:
    """The parts by name. What ships beyond the horizon is not among what is ordered."""
    found = []
    for part, modules in NEEDS.items():
        if all(told_by(ctx, name) for name in modules):
            amount = ZERO if balance is None else getattr(balance, COLUMNS[part])
            if part is Part.ORDERED and balance is not None and amount:
                amount -= _far(ctx, balance)
            found.append(ExposurePart(name=part.name.lower(), amount=amount))
    return (*found, *_added(ctx, pool, currency))


def _far(ctx: Context, balance: Balance) -> Decimal:
    """What of the orders ships beyond the horizon: reads open orders alone, however long the history is."""
    until = counts_from(ctx)
    if until is None:
        return ZERO
    return (
        ctx.scalar(
            select(func.coalesce(func.sum(Position.ordered), 0)).where(
                Position.account_id == balance.account_id,
                Position.currency == balance.currency,
                Position.ships_on > until,
                Position.ordered != 0,
            )
        )
        or ZERO
    )


def _added(ctx: Context, pool: Pool, currency: str) -> list[ExposurePart]:
    if not ctx.composition.bus.implementations(credit_exposure_parts.__name__):
        return []
    sums: dict[str, Decimal] = {}
    for part in ctx.collect(credit_exposure_parts, customer_ids=members(ctx, pool), currency=currency):
        sums[part.name] = sums.get(part.name, ZERO) + part.amount
    return [ExposurePart(name=name, amount=amount) for name, amount in sums.items()]


def members(ctx: Context, pool: Pool) -> list[UUID]:
    """The customers that owe together: the family, and of a shared group all families that ever owed something."""
    heads: Collection[UUID] = {pool.head}
    if pool.account_id is not None and pool.shared:
        statement = select(Position.bill_to_id).where(Position.account_id == pool.account_id).distinct()
        heads = {pool.head, *ctx.scalars(statement)}
    below = descendants(ctx, heads)
    return sorted(set(heads).union(*below.values()))
