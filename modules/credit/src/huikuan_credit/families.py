"""When a family or group changes, what is owed moves along to the account that answers for it now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan.db import LockKey
from huikuan_credit.accounts import account_id_of, account_lock, account_locks, forget_pools
from huikuan_credit.events import CreditPoolChanged
from huikuan_credit.ledger import COLUMNS, held, shift, write
from huikuan_credit.models import Account, Position
from huikuan_customers.api import customer_lock, customers, descendants

__all__ = ["family_locks", "follow_family", "group_locks", "rehome", "share_limit"]

PAGE = 1_000


def rehome(ctx: Context, positions: Iterable[Position]) -> None:
    """Bring positions into the accounts that answer for them; old and new accounts are locked."""
    moved: dict[UUID, int] = {}
    for position in positions:
        account_id = account_id_of(ctx, position.bill_to_id)
        if account_id == position.account_id:
            continue
        held(ctx, position)  # payments add to it without the account's lock, and wait from here on
        amounts = {part: getattr(position, column) for part, column in COLUMNS.items()}
        owed = {part: amount for part, amount in amounts.items() if amount}
        for part, amount in owed.items():
            write(ctx, "move", position, part, -amount)
        shift(ctx, position.account_id, position.currency, {part: -amount for part, amount in owed.items()})
        position.account_id = account_id
        for part, amount in owed.items():
            write(ctx, "move", position, part, amount)
        shift(ctx, account_id, position.currency, owed)
        moved[account_id] = moved.get(account_id, 0) + 1
    for account_id, count in moved.items():
        ctx.emit(CreditPoolChanged(credit_account_id=account_id, positions=count))


# --- a customer got another parent or group --------------------------------------------------------


def family_locks(ctx: Context, customer_id: UUID) -> list[LockKey]:
    """The customer with all below it, so that no order of theirs is decided meanwhile, and their accounts."""
    ids = _family(ctx, customer_id)
    positions = _positions(ctx, ids)
    keys = [customer_lock(id) for id in ids]
    keys += [account_lock(id) for id in {position.account_id for position in positions}]
    return [*keys, *account_locks(ctx, {position.bill_to_id for position in positions})]


def follow_family(ctx: Context, customer_id: UUID) -> None:
    """Move what the customer and all below it owe to where it belongs now; everything is locked."""
    rehome(ctx, _positions(ctx, _family(ctx, customer_id)))


def _family(ctx: Context, customer_id: UUID) -> list[UUID]:
    return sorted({customer_id, *descendants(ctx, [customer_id])[customer_id]})


def _positions(ctx: Context, bill_to_ids: Collection[UUID]) -> Sequence[Position]:
    return ctx.scalars(select(Position).where(Position.bill_to_id.in_(bill_to_ids)).order_by(Position.id))


# --- a group shares its limit, or no longer --------------------------------------------------------


def group_locks(ctx: Context, group_id: UUID) -> list[LockKey]:
    """Every account whose debts move when the group begins or ceases to share one limit."""
    shared = ctx.find(Account, group_id=group_id)
    keys = [account_lock(id) for id in _members(ctx, group_id)]
    if shared is not None:
        keys.append(account_lock(shared.id))
        heads = select(Position.bill_to_id).where(Position.account_id == shared.id).distinct()
        keys += [customer_lock(id) for id in ctx.scalars(heads)]
    return keys


def share_limit(ctx: Context, group_id: UUID, shared: bool) -> None:
    """Let the customers of a group owe together, or each for itself again; everything is locked."""
    account = ctx.find(Account, group_id=group_id)
    if account is None and not shared:
        return
    if account is None:
        account = ctx.add(Account(group_id=group_id, in_use=True))
    elif account.in_use == shared:
        return
    account.in_use = shared
    ctx.flush()
    forget_pools(ctx)
    ids = [account.id, *_members(ctx, group_id)]
    rehome(ctx, ctx.scalars(select(Position).where(Position.account_id.in_(ids)).order_by(Position.id)))


def _members(ctx: Context, group_id: UUID) -> list[UUID]:
    """Accounts of families whose head is in the group."""
    rows = ctx.rows(select(Account.id, Account.customer_id).where(Account.customer_id.is_not(None)))
    by_head = {row.customer_id: row.id for row in rows if row.customer_id is not None}
    heads = sorted(by_head)
    found = []
    for start in range(0, len(heads), PAGE):
        for id, customer in customers(ctx, heads[start : start + PAGE]).items():
            if customer.group_id == group_id:
                found.append(by_head[id])
    return found
