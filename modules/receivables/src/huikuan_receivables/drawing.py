"""The unapplied money of payments: guarded statements, so that no two commands use the same money."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm.attributes import set_committed_value

from huikuan.context import Context
from huikuan.errors import Conflict, Refusal
from huikuan.money import Money
from huikuan_receivables.booking import portion
from huikuan_receivables.errors import NOT_UNAPPLIED, WRONG_STATE
from huikuan_receivables.hookspecs import receivables_after_unapplied
from huikuan_receivables.models import Payment
from huikuan_receivables.snapshots import PaymentStatus, UnappliedChange

__all__ = ["arrive", "draw", "end", "give_back", "hold"]

TRIES = 5
ZERO = Decimal(0)


def arrive(ctx: Context, payments: Iterable[Payment]) -> None:
    """Tell of the money of payments that have just come; they are stored."""
    _tell(ctx, [(payment, ZERO) for payment in payments])


def draw(ctx: Context, payment: Payment, amount: Decimal) -> Decimal:
    """Use so much of a payment; returns what it is worth in the company's currency.

    The statement asks and writes at once: an advance is applied by whoever posts the invoice, without the
    customer's lock.
    """
    for _ in range(TRIES):
        _require(ctx, payment, amount)
        before = (payment.unapplied, payment.base_unapplied)
        base = portion(before[1], amount, before[0], ctx.tenant.currency)
        if _swap(ctx, payment, (before[0] - amount, before[1] - base), PaymentStatus.SUCCEEDED):
            return base
    raise Conflict(f"Payment {payment.number} is being used elsewhere; try again.", reason="CONCURRENT")


def give_back(ctx: Context, payment: Payment, amount: Decimal, base: Decimal) -> None:
    """So much of a payment settles nothing any more."""
    for _ in range(TRIES):
        after = (payment.unapplied + amount, payment.base_unapplied + base)
        if _swap(ctx, payment, after, payment.status):
            return
    raise Conflict(f"Payment {payment.number} is being used elsewhere; try again.", reason="CONCURRENT")


def hold(ctx: Context, payment: Payment) -> None:
    """Keep others from using this payment until the end of the command, and read anew what they have left of it.

    For who posts an invoice, which must not be refused because somebody else used the advance meanwhile.
    """
    ctx.flush()
    ctx.execute(
        update(Payment)
        .where(Payment.id == payment.id)
        .values(unapplied=Payment.unapplied)
        .execution_options(synchronize_session=False)
    )
    _read_again(ctx, payment.id, payment)


def end(ctx: Context, payment: Payment) -> bool:
    """Take all that is unapplied off a payment that bounced; False if somebody used some of it meanwhile."""
    return _swap(ctx, payment, (ZERO, ZERO), PaymentStatus.SUCCEEDED)


def _swap(ctx: Context, payment: Payment, after: tuple[Decimal, Decimal], status: PaymentStatus) -> bool:
    before = payment.unapplied
    if payment.id in ctx.work.created and payment.status is status:
        payment.unapplied, payment.base_unapplied = after  # nobody else has seen it yet
        _tell(ctx, [(payment, before)])
        return True
    ctx.flush()
    touched = ctx.execute(
        update(Payment)
        .where(
            Payment.id == payment.id,
            Payment.unapplied == payment.unapplied,
            Payment.base_unapplied == payment.base_unapplied,
            Payment.status == status,
        )
        .values(unapplied=after[0], base_unapplied=after[1])
        .execution_options(synchronize_session=False)
    )
    if touched:
        set_committed_value(payment, "unapplied", after[0])
        set_committed_value(payment, "base_unapplied", after[1])
        _tell(ctx, [(payment, before)])
    else:
        _read_again(ctx, payment.id, payment)
    return bool(touched)


def _tell(ctx: Context, changed: Iterable[tuple[Payment, Decimal]]) -> None:
    changes = [
        UnappliedChange(
            payment_id=payment.id,
            customer_id=payment.customer_id,
            currency=payment.amount.currency,
            before=before,
            after=payment.unapplied,
        )
        for payment, before in changed
        if before != payment.unapplied
    ]
    if changes:
        ctx.react(receivables_after_unapplied, payments=changes)


def _read_again(ctx: Context, id: UUID, payment: Payment) -> None:
    columns = select(Payment.unapplied, Payment.base_unapplied, Payment.status).where(Payment.id == id)
    [row] = ctx.rows(columns)
    for name in ("unapplied", "base_unapplied", "status"):
        set_committed_value(payment, name, getattr(row, name))


def _require(ctx: Context, payment: Payment, amount: Decimal) -> None:
    if payment.status is not PaymentStatus.SUCCEEDED:
        ctx.refuse(
            Refusal(
                WRONG_STATE,
                f"Payment {payment.number} is {payment.status.name}; it settles nothing.",
                advice="Only payments that succeeded settle anything.",
            )
        )
    if amount > payment.unapplied:
        left = Money(payment.unapplied, payment.amount.currency)
        ctx.refuse(
            Refusal(
                NOT_UNAPPLIED,
                f"Of payment {payment.number} {left} are unapplied, less than {amount:f}.",
                field="amount",
                advice="Use less, or take an allocation of it back first.",
                unapplied=left,
                payment=payment.id,
            )
        )
