"""Setting and taking back limits, increases, collateral and insurance."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from sqlalchemy import select

from huikuan import BadInput, Context, Id, Money, Ref, Refusal, command
from huikuan.db import LockKey
from huikuan_credit.accounts import account_locks, account_of, pool_of
from huikuan_credit.errors import LIMIT_INVALID
from huikuan_credit.events import CreditLimitEnded, CreditLimitSet
from huikuan_credit.families import group_locks, share_limit
from huikuan_credit.models import Limit
from huikuan_credit.rechecking import ease
from huikuan_credit.snapshots import LimitKind
from huikuan_credit.types import CreditLimit
from huikuan_customers.types import Customer, CustomerGroup

__all__ = ["credit_limit_end", "credit_limit_set"]


@command(permission="credit.limits", idempotency="key", payload="credit_limit")
def credit_limit_set(
    ctx: Context,
    amount: Annotated[Money, "How much may be owed; 0 is a limit. Of a cover, by how much it raises the limit."],
    reason: Annotated[str, "Why: whoever looks at the limit sees it."],
    customer: Annotated[Ref[Customer] | None, "Whose; the limit covers all companies below it."] = None,
    group: Annotated[Ref[CustomerGroup] | None, "Or of every customer of a group. Neither: of the company."] = None,
    kind: LimitKind = LimitKind.LIMIT,
    valid_from: Annotated[date | None, "First day; left out: today."] = None,
    valid_until: Annotated[date | None, "Last day; a temporary increase needs one."] = None,
    shared: Annotated[bool, "Whether the customers of the group share this one limit."] = False,
) -> Limit:
    """Set a limit, or what raises one: a temporary increase, collateral, insurance. Limits replace the one before.

    Orders that were held for want of room are asked anew right afterwards.
    """
    starts = valid_from or ctx.today
    _check(ctx, amount, reason, kind, starts, valid_until)
    customer_id, group_id = _owner(ctx, customer, group, kind, shared)
    ctx.lock(_locks(ctx, customer_id, group_id))
    if kind is LimitKind.LIMIT:
        _replace(ctx, customer_id, group_id, amount.currency, starts)
        if group_id is not None:
            share_limit(ctx, group_id, shared)
    if customer_id is not None:
        account_of(ctx, customer_id)  # from now on there is a row that decisions wait for
    row = ctx.add(
        Limit(
            customer_id=customer_id,
            group_id=group_id,
            kind=kind,
            currency=amount.currency,
            amount=amount.amount,
            valid_from=starts,
            valid_until=valid_until,
            reason=reason.strip(),
            set_by=ctx.actor.id,
        )
    )
    ctx.emit(
        CreditLimitSet(credit_limit_id=row.id, customer_id=customer_id, group_id=group_id, kind=kind, amount=amount)
    )
    ease(ctx, customer_id or group_id)
    return row


@command(permission="credit.limits", idempotency="natural", payload="credit_limit")
def credit_limit_end(ctx: Context, id: Id[CreditLimit]) -> Limit:
    """Take a limit or cover back at once; where a limit ends, that of the next level holds."""
    row = ctx.get(Limit, id)
    ctx.lock(_locks(ctx, row.customer_id, row.group_id))
    row = ctx.get(Limit, id)
    if row.ended_at is None:
        _end(ctx, row)
        ctx.emit(CreditLimitEnded(credit_limit_id=row.id))
        ease(ctx, row.customer_id or row.group_id)
    return row


def _check(ctx: Context, amount: Money, reason: str, kind: LimitKind, starts: date, until: date | None) -> None:
    if amount.amount < 0:
        raise BadInput("A limit is not negative; 0 lets nothing be owed.", field="amount")
    if not reason.strip():
        raise BadInput("Say why.", field="reason")
    if until is not None and (until < starts or until < ctx.today):
        raise BadInput("The last day lies before the first one, or has passed.", field="validUntil")
    if kind is LimitKind.INCREASE and until is None:
        ctx.refuse(
            Refusal(
                LIMIT_INVALID,
                "A temporary increase needs a last day.",
                field="validUntil",
                advice="Give validUntil, or set a larger limit.",
            )
        )


def _owner(
    ctx: Context, customer: Ref[Customer] | None, group: Ref[CustomerGroup] | None, kind: LimitKind, shared: bool
) -> tuple[UUID | None, UUID | None]:
    if customer is not None and group is not None:
        raise BadInput("Name a customer or a group, not both.", field="group")
    if shared and (group is None or kind is not LimitKind.LIMIT):
        raise BadInput("Only a group's limit can be shared.", field="shared")
    if customer is None:
        return None, None if group is None else group.id
    head = pool_of(ctx, customer.id).head
    if head != customer.id:
        ctx.refuse(
            Refusal(
                LIMIT_INVALID,
                "This customer belongs to a larger one, which owes as a whole.",
                field="customer",
                advice="Set the limit on the topmost parent.",
                customer=head,
            )
        )
    return head, None


def _locks(ctx: Context, customer_id: UUID | None, group_id: UUID | None) -> list[LockKey]:
    if customer_id is not None:
        return account_locks(ctx, [customer_id])
    return [] if group_id is None else group_locks(ctx, group_id)


def _replace(ctx: Context, customer_id: UUID | None, group_id: UUID | None, currency: str, starts: date) -> None:
    """Limits that begin on the same day or later are replaced; earlier ones hold until then."""
    before = select(Limit).where(
        Limit.customer_id == customer_id if customer_id is not None else Limit.customer_id.is_(None),
        Limit.group_id == group_id if group_id is not None else Limit.group_id.is_(None),
        Limit.kind == LimitKind.LIMIT,
        Limit.currency == currency,
        Limit.ended_at.is_(None),
        Limit.valid_from >= starts,
    )
    for row in ctx.scalars(before):
        _end(ctx, row)


def _end(ctx: Context, row: Limit) -> None:
    row.ended_at, row.ended_by = ctx.now, ctx.actor.id
