"""Dunning policies, and who is reminded by which."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from huikuan.codec import digest
from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import BadInput, Refusal
from huikuan.money import Money
from huikuan.values import Id, Ref
from huikuan_customers.types import Customer, CustomerGroup
from huikuan_invoicing.types import Invoice
from huikuan_receivables.collecting import said
from huikuan_receivables.errors import POLICY_TAKEN
from huikuan_receivables.models import DunningAssignment, DunningLevel, DunningPolicy, DunningTolerance
from huikuan_receivables.policies import assignment_key
from huikuan_receivables.reminding import LevelRule, faults
from huikuan_receivables.snapshots import DunningScope, LevelTest

__all__ = [
    "DunningLevelInput",
    "DunningPolicyInput",
    "dunning_assign",
    "dunning_policy_create",
    "dunning_unassign",
]

MAX_LEVELS = 20
MAX_DAYS = 3_650
HUNDRED = Decimal(100)


@dataclass(frozen=True, kw_only=True)
class DunningLevelInput:
    """One level of a policy; they follow each other in the order given."""

    name: Annotated[str, "Name of the level."]
    days: Annotated[int, "How many days; negative: before the due day."]
    test: Annotated[LevelTest, "What the days count from."] = LevelTest.NET_DAYS
    text: Annotated[str, "What the letter says."] = ""
    blocks_orders: Annotated[bool, "Whether an open item at this level stops new orders."] = False
    blocks_shipping: Annotated[bool, "Whether an open item at this level stops shipments."] = False
    fee: Annotated[Money | None, "A late fee, for invoices in its currency."] = None
    fee_percent: Annotated[Decimal | None, "Or one as a percentage of what is overdue of the invoice."] = None


@dataclass(frozen=True, kw_only=True)
class DunningPolicyInput:
    """A new dunning policy; without levels, nobody reminds."""

    code: Annotated[str, "Your own unique key: the same content sent again is the same policy."]
    name: Annotated[str, "Name of the policy."]
    levels: Annotated[list[DunningLevelInput], "Its levels, in order; none: nobody reminds."]
    gap_days: Annotated[int, "Days that lie at least between two levels of an item."] = 1
    tolerances: Annotated[list[Money] | None, "By currency: up to so much, nobody reminds."] = None


@command(permission="receivables.manage", idempotency="natural")
def dunning_policy_create(ctx: Context, input: DunningPolicyInput) -> DunningPolicy:
    """Write a dunning policy. It never changes: write another one and assign that instead."""
    code, name = said(input.code, "code", 64), said(input.name, "name", 200)
    found = ctx.find(DunningPolicy, code=code)
    if found is not None:
        if found.input_hash != digest(input):
            ctx.refuse(Refusal(POLICY_TAKEN, f"The policy {code!r} has other content.", field="code"))
        return found
    _check(input)
    policy = ctx.add(
        DunningPolicy(
            code=code,
            name=name,
            input_hash=digest(input),
            follows=bool(input.levels),
            gap_days=input.gap_days,
        )
    )
    ctx.flush()
    for position, level in enumerate(input.levels, 1):
        ctx.add(
            DunningLevel(
                policy_id=policy.id,
                position=position,
                name=said(level.name, f"levels.{position - 1}.name", 200),
                test=level.test,
                days=level.days,
                text=level.text,
                blocks_orders=level.blocks_orders,
                blocks_shipping=level.blocks_shipping,
                fee=level.fee,
                fee_percent=level.fee_percent,
            )
        )
    for row in input.tolerances or ():
        ctx.add(DunningTolerance(policy_id=policy.id, currency=row.currency, amount=row.amount))
    return policy


def _check(input: DunningPolicyInput) -> None:
    if len(input.levels) > MAX_LEVELS:
        raise BadInput(f"A policy has at most {MAX_LEVELS} levels.", field="levels")
    if not 1 <= input.gap_days <= MAX_DAYS:
        raise BadInput("At least a day lies between two levels.", field="gapDays")
    rules = [LevelRule(position, level.test, level.days) for position, level in enumerate(input.levels, 1)]
    wrong = faults(rules)
    if wrong:
        raise BadInput(f"These levels make no sense: {wrong[0]}.", field="levels")
    for index, (rule, level) in enumerate(zip(rules, input.levels, strict=True)):
        _check_level(rule, level, f"levels.{index}")
    tolerances = input.tolerances or []
    if len({row.currency for row in tolerances}) != len(tolerances) or any(row.amount < 0 for row in tolerances):
        raise BadInput("Give one tolerance for each currency, and none below nothing.", field="tolerances")


def _check_level(rule: LevelRule, level: DunningLevelInput, where: str) -> None:
    if abs(level.days) > MAX_DAYS:
        raise BadInput(f"At most {MAX_DAYS} days.", field=f"{where}.days")
    if level.fee is not None and level.fee_percent is not None:
        raise BadInput("Give an amount or a percentage, not both.", field=f"{where}.fee")
    if level.fee is not None and level.fee.amount <= 0:
        raise BadInput("A fee is more than nothing.", field=f"{where}.fee")
    if level.fee_percent is not None and not 0 < level.fee_percent <= HUNDRED:
        raise BadInput("A percentage is more than 0 and at most 100.", field=f"{where}.feePercent")
    costs = level.fee is not None or level.fee_percent is not None or level.blocks_orders or level.blocks_shipping
    if rule.beforehand and costs:
        raise BadInput("Before anything is overdue there is no fee and no block.", field=where)


@command(permission="receivables.manage", idempotency="natural")
def dunning_assign(
    ctx: Context,
    policy: Ref[DunningPolicy],
    invoice: Ref[Invoice] | None = None,
    customer: Ref[Customer] | None = None,
    group: Ref[CustomerGroup] | None = None,
    rating: str | None = None,
) -> DunningAssignment:
    """Remind by a policy: of one invoice, of a customer, of a group, or, if none is named, of everybody else.

    The narrowest one holds. With a rating it is meant only for customers that are rated so, and goes first there.
    Another policy for the same takes the place of the one before.
    """
    given = [
        (DunningScope.INVOICE, invoice.id if invoice is not None else None),
        (DunningScope.CUSTOMER, customer.id if customer is not None else None),
        (DunningScope.GROUP, group.id if group is not None else None),
    ]
    named: list[tuple[DunningScope, UUID | None]] = [pair for pair in given if pair[1] is not None]
    if len(named) > 1:
        raise BadInput("Name an invoice, a customer or a group, not several.", field="customer")
    scope, subject_id = named[0] if named else (DunningScope.COMPANY, None)
    grade = said(rating, "rating", 20) if rating is not None else None
    key = assignment_key(scope, subject_id, grade)
    found = ctx.find(DunningAssignment, key=key)
    if found is not None:
        found.policy_id = policy.id
        return found
    return ctx.add(DunningAssignment(key=key, scope=scope, subject_id=subject_id, rating=grade, policy_id=policy.id))


@command(permission="receivables.manage", idempotency="natural", payload="removed")
def dunning_unassign(ctx: Context, id: Id[DunningAssignment]) -> bool:
    """Take an assignment away: the next wider one holds from now on."""
    ctx.remove(ctx.get(DunningAssignment, id))
    return True
