"""Billing plans: amounts that are invoiced part by part (BIL-1, CON-5)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from huikuan.codec import digest
from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import BadInput, Refusal
from huikuan.money import Money
from huikuan.values import Id
from huikuan_customers.api import customer_lock, roles_of
from huikuan_invoicing.amounts import check_numbers, tax_percent
from huikuan_invoicing.creating import Draft, rounding, store
from huikuan_invoicing.errors import PLAN_SUM, PLAN_TAKEN
from huikuan_invoicing.inputs import BillingMilestoneInput, BillingPlanInput
from huikuan_invoicing.masters import parties, terms_by_code
from huikuan_invoicing.models import BillingMilestone, BillingPlan, Invoice
from huikuan_invoicing.posting import others_locks, post
from huikuan_invoicing.values import LineValues

__all__ = ["billing_milestone_reach", "billing_plan_create", "create_plan", "due_milestones"]

ONE = Decimal(1)
HUNDRED = Decimal(100)
MAX_PARTS = 360


@command(permission="invoicing.plan", idempotency="natural")
def billing_plan_create(ctx: Context, input: BillingPlanInput) -> BillingPlan:
    """Agree to invoice an amount part by part: when milestones are reached, or on days.

    Nothing is owed before a part's own invoice. The same content sent again gives the same plan.
    """
    return create_plan(ctx, input)


def create_plan(
    ctx: Context, input: BillingPlanInput, source_type: str | None = None, source_id: UUID | None = None
) -> BillingPlan:
    """A billing plan, of an order if one is named."""
    if not input.reference.strip():
        raise BadInput("A reference is not empty.", field="reference")
    found = ctx.find(BillingPlan, reference=input.reference)
    if found is not None:
        if found.input_hash != digest(input):
            ctx.refuse(Refusal(PLAN_TAKEN, f"The plan {input.reference!r} has other content.", field="reference"))
        return found
    percent = tax_percent(input.tax_code, input.tax_percent, "plan")
    check_numbers(ONE, input.amount.amount, Decimal(0), percent, "plan")
    terms_by_code(ctx, input.payment_terms)
    parties(ctx, input.customer.id)
    amounts = _amounts(ctx, input.amount, input.milestones)
    plan = ctx.add(
        BillingPlan(
            reference=input.reference,
            input_hash=digest(input),
            customer_id=input.customer.id,
            source_type=source_type,
            source_id=source_id,
            payment_terms=input.payment_terms,
            amount=input.amount,
            tax_code=input.tax_code,
            tax_percent=percent,
            tax_included=input.tax_included,
        )
    )
    ctx.flush()
    for sequence, (part, amount) in enumerate(zip(input.milestones, amounts, strict=True), 1):
        ctx.add(
            BillingMilestone(
                plan_id=plan.id,
                sequence=sequence,
                name=part.name,
                amount=amount,
                planned_on=part.planned_on,
                scheduled=part.scheduled,
            )
        )
    return plan


def _amounts(ctx: Context, whole: Money, parts: Sequence[BillingMilestoneInput]) -> list[Money]:
    """Exact parts: percentages are rounded, and a last one that says nothing takes what is left."""
    if not 1 <= len(parts) <= MAX_PARTS:
        raise BadInput(f"A plan has 1 to {MAX_PARTS} milestones.", field="milestones")
    found: list[Money] = []
    for index, part in enumerate(parts):
        where = f"milestones.{index}"
        if part.scheduled and part.planned_on is None:
            raise BadInput("What is scheduled needs its day.", field=f"{where}.plannedOn")
        if part.amount is not None and part.percent is not None:
            raise BadInput("Give an amount or a percentage, not both.", field=where)
        if part.percent is not None and not 0 < part.percent <= HUNDRED:
            raise BadInput("A percentage is more than 0 and at most 100.", field=f"{where}.percent")
        if part.amount is not None:
            found.append(Money(part.amount, whole.currency))
        elif part.percent is not None:
            found.append((whole * (part.percent * Decimal("0.01"))).rounded())
        elif index == len(parts) - 1:
            found.append(whole - sum(found, Money.zero(whole.currency)))
        else:
            raise BadInput("Only the last milestone may leave out how much.", field=where)
    total = sum(found, Money.zero(whole.currency))
    if total != whole or any(item.amount <= 0 for item in found):
        ctx.refuse(
            Refusal(
                PLAN_SUM,
                f"The milestones come to {total}, the plan to {whole}; none may be nothing.",
                field="milestones",
                advice="Leave out how much the last one is.",
            )
        )
    return found


@command(permission="invoicing.plan", idempotency="natural")
def billing_milestone_reach(ctx: Context, id: Id[BillingMilestone]) -> BillingMilestone:
    """Say that a milestone is reached: its invoice is made, and posted if the setting says so. Once only."""
    plan = ctx.get(BillingPlan, ctx.get(BillingMilestone, id).plan_id)
    documents = [plan.source_id] if plan.source_id is not None else []
    whom = roles_of(ctx, plan.customer_id).bill_to
    ctx.lock([customer_lock(plan.customer_id), *others_locks(ctx, whom, documents)])
    milestone = ctx.get(BillingMilestone, id)
    plan = ctx.get(BillingPlan, milestone.plan_id)
    if milestone.invoice_id is None:
        milestone.reached_on = ctx.today
        milestone.invoice_id = _invoice(ctx, plan, milestone).id
    return milestone


def _invoice(ctx: Context, plan: BillingPlan, milestone: BillingMilestone) -> Invoice:
    line = LineValues.new(
        position=1,
        description=f"{plan.reference}: {milestone.name}",
        quantity=ONE,
        unit_price=milestone.amount.amount,
        tax_code=plan.tax_code,
        tax_percent=plan.tax_percent,
        tax_included=plan.tax_included,
        source_type="invoicing.milestone",
        source_id=milestone.id,
        document_id=plan.source_id,
    )
    invoice = store(
        ctx,
        Draft(
            parties=parties(ctx, plan.customer_id, plan.payment_terms, plan.amount.currency),
            lines=[line],
            tax_rounding=rounding(ctx),
            billing_key=f"milestone:{milestone.id}",
            source_type=plan.source_type,
            source_id=plan.source_id,
        ),
    )
    home = plan.amount.currency == ctx.tenant.currency
    return post(ctx, invoice) if ctx.setting("invoicing.auto_post") and home else invoice


def due_milestones(ctx: Context, limit: int) -> Sequence[UUID]:
    """Scheduled parts whose day has come and that have no invoice yet."""
    return ctx.scalars(
        select(BillingMilestone.id)
        .where(
            BillingMilestone.scheduled.is_(True),
            BillingMilestone.planned_on <= ctx.today,
            BillingMilestone.invoice_id.is_(None),
        )
        .order_by(BillingMilestone.id)
        .limit(limit)
    )
