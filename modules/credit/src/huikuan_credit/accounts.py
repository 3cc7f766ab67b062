"""Who owes together: the account of a bill-to is that of its topmost parent, or of a group that shares one limit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select

from huikuan.context import Context
from huikuan.db import LockKey
from huikuan_credit.models import CREDIT_RANK, Account, Balance, Position
from huikuan_customers.api import customer_lock, customers, tops

__all__ = [
    "Pool",
    "account_id_of",
    "account_lock",
    "account_locks",
    "account_of",
    "balance_of",
    "forget_pools",
    "pool_of",
    "pools",
    "settled_pool",
]

MEMORY = "credit.pools"


@dataclass(frozen=True, slots=True)
class Pool:
    """Who owes together: ``head`` is the topmost parent, ``group_id`` its group; no account before the first debt."""

    head: UUID
    group_id: UUID | None
    account_id: UUID | None
    shared: bool = False
    class_id: UUID | None = None

    @property
    def owner(self) -> dict[str, UUID | None]:
        """Whose account it is."""
        return {"customer_id": None, "group_id": self.group_id} if self.shared else {"customer_id": self.head}


def pools(ctx: Context, bill_to_ids: Collection[UUID]) -> dict[UUID, Pool]:
    """The pool of each bill-to; asked once in a unit of work. Two statements for customers without parents."""
    known: dict[UUID, Pool] = ctx.memory.setdefault(MEMORY, {})
    unknown = [id for id in dict.fromkeys(bill_to_ids) if id not in known]
    if unknown:
        known.update(_read(ctx, unknown))
    return {id: known[id] for id in bill_to_ids if id in known}


def pool_of(ctx: Context, bill_to_id: UUID) -> Pool:
    """The pool of one bill-to."""
    return pools(ctx, [bill_to_id])[bill_to_id]


def settled_pool(ctx: Context, bill_to_id: UUID) -> Pool:
    """As ``pool_of``, after the locks: whoever held them before may have made the account."""
    pool = pool_of(ctx, bill_to_id)
    return pool if pool.account_id is not None else _again(ctx, bill_to_id)


def forget_pools(ctx: Context) -> None:
    """Whoever changed accounts, or waited for a lock that families change under, asks anew."""
    ctx.memory.pop(MEMORY, None)


def _read(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, Pool]:
    found = customers(ctx, ids)
    below = [id for id in ids if id in found and found[id].parent_id is not None]
    heads = {id: id for id in ids if id in found}
    if below:
        heads |= tops(ctx, below)
        found |= customers(ctx, {heads[id] for id in below} - found.keys())
    groups = {id: found[head].group_id for id, head in heads.items()}
    wanted = {group for group in groups.values() if group is not None}
    rows = ctx.rows(
        select(Account.id, Account.customer_id, Account.group_id, Account.class_id).where(
            Account.in_use,
            or_(Account.customer_id.in_(set(heads.values())), Account.group_id.in_(wanted)),
        )
    )
    own = {row.customer_id: row for row in rows if row.customer_id is not None}
    shared = {row.group_id: row for row in rows if row.group_id is not None}
    return {id: _pool(head, groups[id], own.get(head), shared.get(groups[id])) for id, head in heads.items()}


def _pool(head: UUID, group_id: UUID | None, own: Row[Any] | None, shared: Row[Any] | None) -> Pool:
    row = shared or own
    if row is None:
        return Pool(head, group_id, None)
    return Pool(head, group_id, row.id, shared is not None, row.class_id)


def account_lock(account_id: UUID) -> LockKey:
    """The key that locks an account and all that hangs on it."""
    return LockKey(CREDIT_RANK, Account, account_id)


def account_locks(ctx: Context, bill_to_ids: Iterable[UUID], sources: Sequence[UUID] = ()) -> list[LockKey]:
    """What to lock to decide about these bill-tos, and to write positions of these sources.

    An account that is not there cannot be locked; whoever makes one holds the head of the family.
    """
    found = pools(ctx, list(bill_to_ids)).values()
    keys = [account_lock(pool.account_id) for pool in found if pool.account_id is not None]
    keys += [customer_lock(pool.head) for pool in found if pool.account_id is None]
    if sources:
        # A position stays with the account that it was made for until the family's move has reached it.
        statement = select(Position.account_id).where(Position.source_id.in_(sources)).distinct()
        key = "credit.accounts_of", tuple(sources)
        keys += [account_lock(id) for id in ctx.once(key, lambda: ctx.scalars(statement), Position)]
    return keys


def account_id_of(ctx: Context, bill_to_id: UUID) -> UUID:
    """The account of a bill-to, made if it is missing; account or head of the family is locked."""
    pool = settled_pool(ctx, bill_to_id)
    if pool.account_id is not None:
        return pool.account_id
    account = ctx.add(Account(**pool.owner))
    ctx.flush()  # before what refers to it
    forget_pools(ctx)
    return account.id


def account_of(ctx: Context, bill_to_id: UUID) -> Account:
    """As ``account_id_of``, the row itself."""
    return ctx.get(Account, account_id_of(ctx, bill_to_id))


def _again(ctx: Context, bill_to_id: UUID) -> Pool:
    forget_pools(ctx)
    return pool_of(ctx, bill_to_id)


def balance_of(ctx: Context, account_id: UUID, currency: str) -> Balance | None:
    """What an account owes in a currency, if it ever owed anything."""

    def read() -> Balance | None:
        return ctx.find(Balance, account_id=account_id, currency=currency)

    return ctx.once(("credit.balance", account_id, currency), read, Balance, rows=True)
