"""The aging report: rows for customers, their owners, their groups or currencies, the largest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan_customers.api import groupings
from huikuan_receivables.aging import Aged, Bucket, Filter, Key, aged, nothing
from huikuan_receivables.models import CollectionAccount
from huikuan_receivables.open_parts import disputed_amounts
from huikuan_receivables.snapshots import AgingBy

__all__ = ["AgingReport", "AgingRow", "aging_report", "customers_of"]

Place = tuple[str, Decimal, UUID]
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class AgingRow:
    """Sums of one customer, owner or group in one currency; ``key`` None: of those who have none."""

    key: UUID | None
    currency: str
    sums: Aged

    @property
    def place(self) -> Place:
        """Where it stands: by currency, the most open first."""
        return self.currency, -self.sums.open, self.key or NOBODY


@dataclass(frozen=True, slots=True)
class AgingReport:
    """Sums by currency and one page of the rows that make them up."""

    as_of: date
    by: AgingBy
    buckets: Sequence[Bucket]
    totals: dict[str, Aged]
    rows: list[AgingRow]
    count: int
    more: bool


def aging_report(
    ctx: Context,
    as_of: date,
    by: AgingBy,
    buckets: Sequence[Bucket],
    wanted: Filter,
    *,
    base: bool,
    after: Place | None,
    limit: int,
) -> AgingReport:
    """What was open on a day by how long it was overdue. A fixed number of statements, whatever there is."""
    by_customer = by is not AgingBy.CURRENCY
    found = aged(ctx, as_of, buckets, wanted, by_customer=by_customer, base=base)
    _dispute(ctx, found, as_of, buckets, wanted, by_customer, base)
    if by in (AgingBy.OWNER, AgingBy.GROUP):
        found = _folded(found, customers_of(ctx, by))
    rows = sorted((AgingRow(key, currency, sums) for (key, currency), sums in found.items()), key=lambda row: row.place)
    left = [row for row in rows if after is None or row.place > after]
    return AgingReport(as_of, by, buckets, _totals(rows), left[:limit], len(rows), len(left) > limit)


def customers_of(ctx: Context, by: AgingBy) -> dict[UUID, UUID]:
    """The group of each customer, or who looks after it: its debts, else all of it. Who has none is left out."""
    known = groupings(ctx)
    if by is AgingBy.GROUP:
        return {id: group for id, (group, _) in known.items() if group is not None}
    owners = {id: owner for id, (_, owner) in known.items() if owner is not None}
    collectors = select(CollectionAccount.customer_id, CollectionAccount.owner_id)
    for row in ctx.rows(collectors.where(CollectionAccount.owner_id.is_not(None))):
        owners[row.customer_id] = row.owner_id
    return owners


def _dispute(
    ctx: Context,
    found: dict[Key, Aged],
    as_of: date,
    buckets: Sequence[Bucket],
    wanted: Filter,
    by_customer: bool,
    base: bool,
) -> None:
    """Add what is disputed; where credit notes come to as much as that, the row is not there yet."""
    for (customer_id, currency), amount in disputed_amounts(ctx, as_of, wanted).items():
        key = (customer_id if by_customer else None), currency
        found.setdefault(key, nothing(buckets, base=base)).disputed += amount


def _folded(found: Mapping[Key, Aged], keys: Mapping[UUID, UUID]) -> dict[Key, Aged]:
    folded: dict[Key, Aged] = {}
    for (customer_id, currency), sums in found.items():
        key = keys.get(customer_id) if customer_id is not None else None
        if (key, currency) in folded:
            folded[key, currency].add(sums)
        else:
            folded[key, currency] = sums
    return folded


def _totals(rows: Sequence[AgingRow]) -> dict[str, Aged]:
    by_currency: dict[str, list[Aged]] = {}
    for row in rows:
        by_currency.setdefault(row.currency, []).append(row.sums)
    return {currency: Aged.together(found) for currency, found in by_currency.items()}
