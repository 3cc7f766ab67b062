"""Writes collection plans: exact amounts, days that make sense, never more than the contract."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from huikuan.context import Context
from huikuan.errors import BadInput, Refusal
from huikuan.money import Money
from huikuan_contracts.amounts import shares
from huikuan_contracts.errors import AMOUNT_MISSING, PLAN_SUM
from huikuan_contracts.inputs import ContractInstalmentInput
from huikuan_contracts.models import Contract, ContractInstalment
from huikuan_contracts.snapshots import InstalmentKind, InstalmentTrigger
from huikuan_contracts.states import due_day
from huikuan_contracts.views import whole_of

__all__ = [
    "MAX_DAYS",
    "check_days",
    "check_positive",
    "check_sum",
    "instalment_rows",
    "next_sequence",
    "over_whole",
    "redate",
]

MAX_INSTALMENTS = 360
MAX_DAYS = 3_660
ZERO = Decimal(0)


def instalment_rows(
    ctx: Context,
    contract: Contract,
    parts: Sequence[ContractInstalmentInput],
    *,
    whole: Money | None,
    first: int = 1,
    before: Iterable[Money] = (),
    field: str = "instalments",
) -> list[ContractInstalment]:
    """Instalments of this whole to be stored, numbered from ``first``; those that say nothing share what is left."""
    if not parts:
        return []
    if first + len(parts) > MAX_INSTALMENTS + 1:
        raise BadInput(f"A plan has at most {MAX_INSTALMENTS} instalments.", field=field)
    if whole is None:
        ctx.refuse(Refusal(AMOUNT_MISSING, "Give the contract an amount, or leave out its plan.", field="amount"))
        return []
    taken = sum(before, Money.zero(contract.currency))
    amounts = shares(whole, parts, field, taken=taken)
    check_positive(ctx, amounts, field)
    rows = []
    unbound = contract.order_id is not None and contract.signed_on is None
    for index, (part, amount) in enumerate(zip(parts, amounts, strict=True)):
        trigger = part.trigger or _usual_trigger(part.kind)
        check_days(trigger, part, f"{field}.{index}", of_order=unbound)
        rows.append(
            ContractInstalment(
                contract_id=contract.id,
                sequence=first + index,
                name=part.name.strip(),
                kind=part.kind,
                trigger=trigger,
                amount=amount,
                percent=part.percent,
                shared=part.percent is None and part.amount is None,
                original_on=part.planned_on,
                planned_on=part.planned_on,
                days=part.days,
                due_on=due_day(trigger, part.planned_on, part.days, None, contract.accepted_on),
                owner_id=part.owner.id if part.owner is not None else contract.owner_id,
                blocks_shipping=part.blocks_shipping,
                blocks_supply=part.blocks_supply,
            )
        )
    return rows


def _usual_trigger(kind: InstalmentKind) -> InstalmentTrigger:
    return InstalmentTrigger.ACCEPTANCE if kind is InstalmentKind.RETENTION else InstalmentTrigger.DATE


def check_days(trigger: InstalmentTrigger, part: ContractInstalmentInput, where: str, *, of_order: bool) -> None:
    """A day for what is due on a day, days that are few enough, a name. Of an order the day may follow from it."""
    if not part.name.strip():
        raise BadInput("An instalment needs a name.", field=f"{where}.name")
    if trigger is InstalmentTrigger.DATE and part.planned_on is None and not of_order:
        raise BadInput("What is due on a day needs it.", field=f"{where}.plannedOn")
    if trigger is InstalmentTrigger.DATE and part.days and part.planned_on is not None:
        raise BadInput("Days are counted from a milestone or acceptance.", field=f"{where}.days")
    if not 0 <= part.days <= MAX_DAYS:
        raise BadInput(f"Days lie between 0 and {MAX_DAYS}.", field=f"{where}.days")


def check_positive(ctx: Context, amounts: Iterable[Money], field: str) -> None:
    if any(amount.amount <= ZERO for amount in amounts):
        ctx.refuse(
            Refusal(
                PLAN_SUM,
                "Nothing is left for one of the instalments.",
                field=field,
                advice="Make the others smaller, or leave it out.",
            )
        )


def check_sum(ctx: Context, contract: Contract, amounts: Iterable[Money], field: str = "instalments") -> None:
    """A plan comes to the contract's amount at most, or to its order's."""
    refusal = over_whole(contract, whole_of(contract), amounts, field)
    if refusal is not None:
        ctx.refuse(refusal)


def over_whole(
    contract: Contract, whole: Money | None, amounts: Iterable[Money], field: str = "instalments"
) -> Refusal | None:
    """Why instalments do not fit the whole: they come to more."""
    total = sum(amounts, Money.zero(contract.currency))
    if not total or (whole is not None and total <= whole):
        return None
    what = "contract" if contract.order_id is None else "order"
    return Refusal(
        PLAN_SUM,
        f"The instalments come to {total}, the {what} to {whole or 'no amount'}.",
        field=field,
        advice="Leave out how much the last one is: it takes what is left."
        if contract.order_id is None
        else "Lower instalments first, by contractAmend, or before the confirmation by contractOrderPlan.",
        total=total,
    )


def redate(contract: Contract, parts: Iterable[ContractInstalment]) -> None:
    """Make the due days follow from plans, milestones and the acceptance; who was told is told of a new day."""
    for part in parts:
        due_on = due_day(part.trigger, part.planned_on, part.days, part.reached_on, contract.accepted_on)
        if due_on != part.due_on:
            part.due_on = due_on


def next_sequence(parts: Iterable[ContractInstalment]) -> int:
    """The number of the next instalment: none is given twice, dropped ones keep theirs."""
    return max((part.sequence for part in parts), default=0) + 1
