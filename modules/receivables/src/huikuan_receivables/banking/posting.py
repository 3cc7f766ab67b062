"""The payment of a line and what it settles, one line at a time: any currency, discounts, small differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from huikuan.context import Context
from huikuan.db import LockKey
from huikuan.errors import Refusal
from huikuan.money import Money, quantize
from huikuan_customers.api import customer_lock
from huikuan_receivables.allocating import give_up, settle_by_payment
from huikuan_receivables.banking.facts import LineFacts
from huikuan_receivables.changes import Changes, item_balances
from huikuan_receivables.collecting import dispute_of, open_dispute
from huikuan_receivables.errors import NOT_OPEN
from huikuan_receivables.events import BankLineMatched
from huikuan_receivables.models import BANK_LINE_RANK, BankLine, BankMatch, Payment
from huikuan_receivables.paying import NewPayment, record
from huikuan_receivables.queries import items_by_id
from huikuan_receivables.refunding import refund_payment
from huikuan_receivables.shares import How
from huikuan_receivables.snapshots import DisputeReason, MatchRule, MatchStatus, RefundKind, Share, WriteOffCause
from huikuan_receivables.tolerance import tolerance

__all__ = ["NAMING", "Order", "begins_dispute", "line_lock", "lock_keys", "post_line"]

ZERO = Decimal(0)
HUNDRED = 100
NAMING = (MatchRule.REFERENCE, MatchRule.NUMBER)
KEPT = "too little to be paid back"
GIVEN_UP = MatchRule.RULE.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be posted of a line: whose payment it is, and what it settles, in this order."""

    customer_id: UUID
    shares: Sequence[Share]
    rule: MatchRule
    score: int
    reason: str
    automatic: bool
    rate: Decimal | None = None
    given_up: Mapping[UUID, Decimal] = field(default_factory=dict)
    """By item, what a rule gives up beside, for ``cause``."""
    cause: WriteOffCause | None = None


def line_lock(line_id: UUID) -> LockKey:
    """The lock of a line."""
    return LockKey(BANK_LINE_RANK, BankLine, line_id)


def lock_keys(ctx: Context, line_id: UUID, customer_ids: Sequence[UUID], item_ids: Sequence[UUID]) -> list[LockKey]:
    """The accounts and the line."""
    accounts = {balance.customer_id for balance in item_balances(ctx, item_ids).values()}
    return [line_lock(line_id), *(customer_lock(id) for id in {*customer_ids, *accounts})]


def post_line(ctx: Context, changes: Changes, line: LineFacts, match: BankMatch, order: Order) -> Payment:
    """Record the payment and settle; the accounts and the line are locked. ``changes.finish`` comes later.

    ``match``: what was proposed, or a new one.
    """
    new = NewPayment(
        customer_id=order.customer_id,
        amount=line.amount,
        received_on=line.on,
        rate=order.rate if order.rate is not None else line.rate,
        bank_line_id=line.id,
        allow_duplicate=True,
    )
    payment = record(ctx, new, new)
    how = How(rule=order.rule.name, score=order.score, reason=order.reason, on=line.on, round_off=not order.given_up)
    settle_by_payment(ctx, changes, payment, order.shares, how)
    _give_up(ctx, changes, payment, line, order)
    if order.shares and ZERO < payment.unapplied <= tolerance(ctx, line.amount.currency):
        refund_payment(ctx, payment, payment.unapplied, line.on, KEPT, kind=RefundKind.KEPT)
    elif order.shares and not payment.unapplied and order.rule in NAMING:
        match.dispute_id = _dispute_rest(ctx, order.shares[-1], line)
    match.status, match.customer_id, match.payment_id = MatchStatus.POSTED, order.customer_id, payment.id
    match.automatic, match.rest, match.decided_at = order.automatic, payment.unapplied, ctx.now
    if match.tenant_id is None:
        ctx.add(match)
    ctx.flush()
    ctx.emit(
        BankLineMatched(
            bank_line_id=line.id,
            match_id=match.id,
            kind=match.kind,
            payment_id=payment.id,
            refund_id=None,
            customer_id=order.customer_id,
            rule=match.rule,
            score=match.score,
            automatic=order.automatic,
            amount=line.amount,
        )
    )
    return payment


def _give_up(ctx: Context, changes: Changes, payment: Payment, line: LineFacts, order: Order) -> None:
    """What a rule gives up goes with the payment when that is taken back."""
    if not order.given_up:
        return
    assert order.cause is not None
    for item_id, balance in item_balances(ctx, order.given_up).items():
        amount = order.given_up[item_id]
        if amount > balance.open:
            left = Money(max(ZERO, balance.open), balance.currency)
            ctx.refuse(
                Refusal(
                    NOT_OPEN,
                    f"Only {left} are open of what the rule would give up.",
                    advice="Run the matching again, or choose by bankMatchPost.",
                    item=item_id,
                )
            )
        on = max(line.on, balance.issued_on)
        give_up(
            ctx, changes, balance, amount, on, cause=order.cause, payment=payment, rule=GIVEN_UP, reason=order.reason
        )


def begins_dispute(ctx: Context, currency: str, paid: Decimal, lacks: Decimal) -> bool:
    """Whether so much that lacks of an item is disputed: little of it; else it is a payment in part."""
    most = int(ctx.setting("receivables.dispute_percent"))
    return ZERO < lacks <= quantize((paid + lacks) * most / HUNDRED, currency)


def _dispute_rest(ctx: Context, share: Share, line: LineFacts) -> UUID | None:
    """What a payment keeps back of an item beyond the tolerance is disputed, unless it is a payment in part."""
    ctx.flush()
    item = items_by_id(ctx, [share.item_id])[share.item_id]
    if not begins_dispute(ctx, item.currency, share.amount, item.open) or dispute_of(ctx, item.item_id) is not None:
        return None
    due_on = ctx.today + timedelta(days=int(ctx.setting("receivables.dispute_days")))
    note = f"The payment of {line.amount} on {line.on} is short."
    rest = Money(item.open, item.currency)
    return open_dispute(ctx, item, DisputeReason.SHORT_PAYMENT, rest, due_on=due_on, note=note).id
