"""Aging: what is open by how long it is overdue, as of any day.

Each posting carries customer, currency and due day, so no item is looked at: sums of postings are sums of what is open.
They are taken from whichever side is shorter: all postings up to the day, or what is open now less all postings
since. Years of settled invoices cost nothing that way.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, union_all

from huikuan.context import Context
from huikuan.errors import BadInput
from huikuan_receivables.days import shifted
from huikuan_receivables.models import Entry, ItemBalance, Payment, Posting
from huikuan_receivables.snapshots import Account

__all__ = ["Aged", "Bucket", "Filter", "Key", "account_aging", "aged", "edges_of", "nothing"]

ZERO = Decimal(0)
MOST_EDGES = 12
Key = tuple[UUID | None, str]
Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Bucket:
    """A span of days overdue; ``most`` None: without end, ``least`` None: not due."""

    label: str
    least: int | None
    most: int | None

    def holds(self, due_on: Any, day: date) -> ColumnElement[bool]:
        """Whether what was due then falls into it on a day."""
        conditions = []
        if self.most is not None:
            conditions.append(due_on >= shifted(day, -self.most))
        if self.least is not None:
            conditions.append(due_on <= shifted(day, -self.least))
        return and_(*conditions)


@dataclass(slots=True)
class Aged:
    """Sums of one currency: by bucket, and if asked for in the company's currency, as the ledger has it."""

    amounts: list[Decimal]
    base: list[Decimal]
    unapplied: Decimal = ZERO
    base_unapplied: Decimal = ZERO
    disputed: Decimal = ZERO

    @property
    def open(self) -> Decimal:
        return sum(self.amounts, ZERO)

    @classmethod
    def together(cls, found: Sequence[Aged]) -> Aged:
        """The sums of all of them, at least one, of the same currency and buckets."""
        return cls(
            [sum(column, ZERO) for column in zip(*(each.amounts for each in found), strict=True)],
            [sum(column, ZERO) for column in zip(*(each.base for each in found), strict=True)],
            sum((each.unapplied for each in found), ZERO),
            sum((each.base_unapplied for each in found), ZERO),
            sum((each.disputed for each in found), ZERO),
        )

    def add(self, other: Aged) -> None:
        """Add another one's sums of the same currency."""
        self.amounts = [mine + more for mine, more in zip(self.amounts, other.amounts, strict=True)]
        self.base = [mine + more for mine, more in zip(self.base, other.base, strict=True)]
        self.unapplied += other.unapplied
        self.base_unapplied += other.base_unapplied
        self.disputed += other.disputed


@dataclass(frozen=True, slots=True)
class Filter:
    """Whose accounts, and which currency; None: all."""

    customer_ids: Collection[UUID] | None = None
    currency: str | None = None

    @property
    def nobody(self) -> bool:
        """Whether no account is wanted."""
        return self.customer_ids is not None and not self.customer_ids

    def on(self, customer: Any, currency: Any) -> list[ColumnElement[bool]]:
        """The conditions for columns of customer and currency."""
        conditions: list[ColumnElement[bool]] = []
        if self.customer_ids is not None:
            conditions.append(customer.in_(self.customer_ids))
        if self.currency is not None:
            conditions.append(currency == self.currency)
        return conditions


def edges_of(ctx: Context, given: Sequence[int] | None) -> list[Bucket]:
    """Buckets between these days overdue, or those of the setting: not due, 1 to the first, … and beyond the last."""
    edges = list(given) if given is not None else days_of(str(ctx.setting("receivables.aging_buckets")))
    if not edges or len(edges) > MOST_EDGES or edges[0] < 1 or any(one >= next_ for one, next_ in pairwise(edges)):
        raise BadInput(
            f"Give 1 to {MOST_EDGES} days, each more than the one before, such as 30, 60, 90.", field="buckets"
        )
    starts = [1, *(edge + 1 for edge in edges)]
    return [
        Bucket("not due", None, 0),
        *(Bucket(f"{start}-{edge}", start, edge) for start, edge in zip(starts, edges, strict=False)),
        Bucket(f"{starts[-1]}+", starts[-1], None),
    ]


def aged(
    ctx: Context, as_of: date, buckets: Sequence[Bucket], wanted: Filter, *, by_customer: bool, base: bool = False
) -> dict[Key, Aged]:
    """Sums by customer and currency, or by currency alone, without anybody who has nothing. Two aggregates.

    ``base``: also in the company's currency.
    """
    found: dict[Key, Aged] = {}
    if wanted.nobody:
        return found
    recent, everything = _recent(ctx, as_of), [Bucket("", None, None)]
    for key, amounts, bases in _sums(ctx, _open(as_of, wanted, recent), as_of, buckets, by_customer, base):
        if any(amounts) or any(bases):
            found[key] = Aged(amounts, bases)
    for key, amounts, bases in _sums(ctx, _unapplied(as_of, wanted, recent), as_of, everything, by_customer, base):
        if any(amounts) or any(bases):
            row = found.setdefault(key, nothing(buckets, base=base))
            row.unapplied, row.base_unapplied = amounts[0], sum(bases, ZERO)
    return found


def nothing(buckets: Sequence[Bucket], *, base: bool) -> Aged:
    """Sums of nothing."""
    zeros = [ZERO for _ in buckets]
    return Aged(zeros, list(zeros) if base else [])


def account_aging(
    ctx: Context, customer_ids: Collection[UUID], buckets: Sequence[Bucket], *, as_of: date | None = None
) -> dict[tuple[UUID, str], list[Decimal]]:
    """What is open of these accounts by bucket; today as it stands, or as of a day. One statement."""
    if not customer_ids:
        return {}
    wanted = Filter(customer_ids)
    rows = _open_now(wanted) if as_of is None else _postings(Account.RECEIVABLE, 1, Posting.on <= as_of, wanted)
    found = {}
    for (customer_id, currency), amounts, _ in _sums(ctx, [rows], as_of or ctx.today, buckets, True, False):
        assert customer_id is not None
        found[customer_id, currency] = amounts
    return found


def days_of(text: str) -> list[int]:
    """Days overdue between the buckets: ``30, 60, 90``."""
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise BadInput(f"The setting receivables.aging_buckets holds {text!r}; write it like '30, 60, 90'.") from None


def _sums(
    ctx: Context, sides: Sequence[Rows], as_of: date, buckets: Sequence[Bucket], by_customer: bool, base: bool
) -> list[tuple[Key, list[Decimal], list[Decimal]]]:
    statement = _added(sides[0], as_of, buckets, by_customer, base)
    keys = 2 if by_customer else 1
    if len(sides) > 1:  # each side is added up by itself: that is much less to put together
        both = union_all(*(_added(side, as_of, buckets, by_customer, base) for side in sides)).subquery()
        columns = list(both.c)
        statement = select(*columns[:keys], *(func.sum(it) for it in columns[keys:])).group_by(*columns[:keys])
    found = []
    for row in ctx.rows(statement):
        customer_id, currency = (row[0], row[1]) if by_customer else (None, row[0])
        sums = [value or ZERO for value in row[keys:]]
        found.append(((customer_id, currency), sums[: len(buckets)], sums[len(buckets) :]))
    return found


def _added(side: Rows, as_of: date, buckets: Sequence[Bucket], by_customer: bool, base: bool) -> Rows:
    rows = side.subquery()
    keys = [rows.c.customer_id, rows.c.currency] if by_customer else [rows.c.currency]
    columns: list[Any] = []
    for name in ("amount", "base_amount") if base else ("amount",):
        for place, bucket in enumerate(buckets):
            total = func.sum(rows.c[name])
            whole = bucket.least is None and bucket.most is None
            wanted = total if whole else total.filter(bucket.holds(rows.c.due_on, as_of))
            columns.append(wanted.label(f"{name}_{place}"))
    return select(*keys, *columns).group_by(*keys)


def _open(as_of: date, wanted: Filter, recent: bool) -> list[Rows]:
    if not recent:
        return [_postings(Account.RECEIVABLE, 1, Posting.on <= as_of, wanted)]
    return [_open_now(wanted), _postings(Account.RECEIVABLE, -1, Posting.on > as_of, wanted)]


def _unapplied(as_of: date, wanted: Filter, recent: bool) -> list[Rows]:
    """Money that settles nothing is owed to the customer: a credit, hence the signs."""
    if not recent:
        return [_postings(Account.UNAPPLIED, -1, Posting.on <= as_of, wanted)]
    return [_unapplied_now(wanted), _postings(Account.UNAPPLIED, 1, Posting.on > as_of, wanted)]


def _recent(ctx: Context, as_of: date) -> bool:
    """Whether a day lies in the last fifth of the ledger: what is open now and what was posted since is less to read.

    That holds where most of what was ever invoiced is settled, and costs little more where most of it is open.
    """
    first = ctx.scalar(select(func.min(Entry.on)))
    return first is None or (ctx.today - as_of) * 4 <= as_of - first


def _postings(account: Account, sign: int, when: ColumnElement[bool], wanted: Filter) -> Rows:
    amount, base = (Posting.amount, Posting.base_amount) if sign > 0 else (-Posting.amount, -Posting.base_amount)
    return select(
        Posting.customer_id,
        Posting.currency,
        Posting.due_on,
        amount.label("amount"),
        base.label("base_amount"),
    ).where(Posting.account == account, when, *wanted.on(Posting.customer_id, Posting.currency))


def _open_now(wanted: Filter) -> Rows:
    return select(
        ItemBalance.customer_id,
        ItemBalance.currency,
        ItemBalance.due_on,
        ItemBalance.open.label("amount"),
        ItemBalance.base_open.label("base_amount"),
    ).where(ItemBalance.open != 0, *wanted.on(ItemBalance.customer_id, ItemBalance.currency))


def _unapplied_now(wanted: Filter) -> Rows:
    return select(
        Payment.customer_id,
        Payment.amount_currency.label("currency"),
        Payment.received_on.label("due_on"),
        Payment.unapplied.label("amount"),
        Payment.base_unapplied.label("base_amount"),
    ).where(Payment.unapplied != 0, *wanted.on(Payment.customer_id, Payment.amount_currency))
