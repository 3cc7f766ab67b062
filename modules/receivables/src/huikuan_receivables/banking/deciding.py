"""What a person decides about a line: which match is right, which is not, and that it is no payment at all."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan.errors import Refusal
from huikuan.money import Money
from huikuan_receivables.banking.facts import LineFacts, line_facts
from huikuan_receivables.banking.open_lines import check_proposed, drop_proposals, open_line, refuse_settled
from huikuan_receivables.banking.payers import learn
from huikuan_receivables.banking.posting import Order, lock_keys, post_line
from huikuan_receivables.banking.returning import confirm_outgoing
from huikuan_receivables.changes import Changes, item_balances
from huikuan_receivables.choosing import chosen_shares, items_named
from huikuan_receivables.errors import LINE_OUTGOING, MATCH_UNCLEAR, NOT_OPEN
from huikuan_receivables.events import BankLineIgnored
from huikuan_receivables.inputs import PaymentAllocationInput
from huikuan_receivables.models import BankLine, BankMatch, BankMatchPart, BankRule
from huikuan_receivables.snapshots import BankLineStatus, MatchKind, MatchRule, MatchStatus, Share

__all__ = ["by_hand", "confirm", "ignore", "reject"]

ZERO = Decimal(0)
SURE = 100


def confirm(ctx: Context, match_id: UUID, customer_id: UUID | None, rate: Decimal | None) -> BankMatch:
    """Post what was proposed, and know the payer again."""
    match = ctx.get(BankMatch, match_id)
    if match.kind is not MatchKind.PAYMENT:
        return confirm_outgoing(ctx, match)
    parts = _parts(ctx, match_id)
    whose = customer_id or match.customer_id
    if whose is None:
        ctx.refuse(
            Refusal(
                MATCH_UNCLEAR,
                "The items are on several accounts; say whose payment it is.",
                field="customer",
                advice="Name the customer who paid.",
            )
        )
    assert whose is not None
    ctx.lock(lock_keys(ctx, match.line_id, [whose], [part.item_id for part in parts]))
    match = ctx.get(BankMatch, match_id)
    check_proposed(ctx, match)
    line = open_line(ctx, match.line_id)
    order = Order(
        customer_id=whose,
        shares=_shares(ctx, line, parts),
        rule=match.rule,
        score=match.score,
        reason=match.reason,
        automatic=False,
        rate=rate,
        given_up={part.item_id: part.given_up for part in parts if part.given_up},
        cause=ctx.get(BankRule, match.bank_rule_id).cause if match.bank_rule_id is not None else None,
    )
    return _post(ctx, line, match, order)


def by_hand(
    ctx: Context,
    line_id: UUID,
    customer_id: UUID,
    wanted: Sequence[PaymentAllocationInput],
    rate: Decimal | None,
    note: str | None,
) -> BankMatch:
    """Post what somebody chose; what is left of the money stays unapplied."""
    named = items_named(ctx, [row.invoice.id for row in wanted]) if wanted else {}
    ctx.lock(lock_keys(ctx, line_id, [customer_id], [item.item_id for items in named.values() for item in items]))
    line = open_line(ctx, line_id)
    if line.outgoing:
        ctx.refuse(
            Refusal(
                LINE_OUTGOING,
                "The money went out; it is no payment of a customer.",
                field="line",
                advice="Name the payment that it takes back, or the refund that it is.",
            )
        )
    shares = chosen_shares(ctx, wanted, line.amount) if wanted else []
    reason = note or "Somebody chose."
    match = BankMatch(line_id=line_id, rule=MatchRule.HAND, score=SURE, reason=reason, customer_id=customer_id)
    order = Order(
        customer_id=customer_id,
        shares=shares,
        rule=MatchRule.HAND,
        score=SURE,
        reason=reason,
        automatic=False,
        rate=rate,
    )
    match = _post(ctx, line, match, order)
    balances = item_balances(ctx, [share.item_id for share in shares])
    for position, share in enumerate(shares, 1):
        currency = balances[share.item_id].currency
        ctx.add(
            BankMatchPart(
                match_id=match.id, position=position, item_id=share.item_id, currency=currency, amount=share.amount
            )
        )
    return match


def reject(ctx: Context, match_id: UUID) -> BankMatch:
    """Say that a proposal is wrong; when none is left, nobody knows what the line pays."""
    ctx.lock(lock_keys(ctx, ctx.get(BankMatch, match_id).line_id, [], []))
    match = ctx.get(BankMatch, match_id)
    if match.status is MatchStatus.REJECTED:
        return match
    check_proposed(ctx, match)
    match.status, match.decided_at = MatchStatus.REJECTED, ctx.now
    ctx.flush()
    if not ctx.exists(BankMatch, line_id=match.line_id, status=MatchStatus.PROPOSED):
        ctx.get(BankLine, match.line_id).status = BankLineStatus.OPEN
    return match


def ignore(ctx: Context, line_id: UUID, ignored: bool, note: str | None) -> BankLine:
    """A line is nothing between a customer and the company; or it may be after all.

    Who ignores what a run has set aside keeps later runs from looking at it.
    """
    ctx.lock(lock_keys(ctx, line_id, [], []))
    line = ctx.get(BankLine, line_id)
    aside = line_facts(ctx, [line_id])[line_id].set_aside
    if (line.status is BankLineStatus.IGNORED and not (ignored and aside)) == ignored:
        return line
    if line.status is BankLineStatus.POSTED:
        refuse_settled(ctx, line.status)
    drop_proposals(ctx, line_id, None)
    line.status = BankLineStatus.IGNORED if ignored else BankLineStatus.OPEN
    line.note = note if ignored else None
    line.tried_at = None
    ctx.emit(BankLineIgnored(bank_line_id=line.id, ignored=ignored, note=line.note))
    return line


def _post(ctx: Context, line: LineFacts, match: BankMatch, order: Order) -> BankMatch:
    changes = Changes(ctx)
    post_line(ctx, changes, line, match, order)
    changes.finish()
    drop_proposals(ctx, line.id, match.id)
    ctx.get(BankLine, line.id).status = BankLineStatus.POSTED
    learn(ctx, line, match)
    return match


def _parts(ctx: Context, match_id: UUID) -> Sequence[BankMatchPart]:
    statement = select(BankMatchPart).where(BankMatchPart.match_id == match_id)
    return ctx.scalars(statement.order_by(BankMatchPart.position))


def _shares(ctx: Context, line: LineFacts, parts: Sequence[BankMatchPart]) -> list[Share]:
    """What was proposed, if it is still open; money of another currency settles the item as a whole."""
    balances = item_balances(ctx, [part.item_id for part in parts])
    shares = []
    for part in parts:
        balance = balances[part.item_id]
        if balance.open < part.amount + part.given_up:
            ctx.refuse(
                Refusal(
                    NOT_OPEN,
                    f"Only {Money(max(ZERO, balance.open), balance.currency)} are open of what was proposed.",
                    field="id",
                    advice="Run the matching again, or choose by bankMatchPost.",
                    item=part.item_id,
                )
            )
        foreign = balance.currency != line.amount.currency
        shares.append(
            Share(
                item_id=part.item_id,
                amount=part.amount,
                source_amount=line.amount.amount if foreign else None,
            )
        )
    return shares
