"""What is reported of the work (CON-2, CON-5, CON-9): tasks, milestones, acceptance; and who looks after it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from huikuan.commands import command
from huikuan.context import Context
from huikuan.core.types import User
from huikuan.errors import BadInput, Refusal
from huikuan.values import Id, Ref
from huikuan_contracts.errors import ACCEPTED, CANCELLED, NO_MILESTONE, NOT_SIGNED
from huikuan_contracts.events import ContractAccepted, ContractFulfilmentChanged, ContractMilestoneReached
from huikuan_contracts.models import Contract, ContractInstalment, ContractTask
from huikuan_contracts.planning import redate
from huikuan_contracts.snapshots import InstalmentTrigger
from huikuan_contracts.states import fulfilment_of
from huikuan_contracts.views import instalments_of, locked

__all__ = [
    "contract_accept",
    "contract_assign",
    "contract_milestone_reach",
    "contract_task_done",
    "judge",
    "require_binding",
]


@command(permission="contracts.progress", idempotency="natural")
def contract_task_done(
    ctx: Context, contract: Ref[Contract], position: int, note: str | None = None, done_on: date | None = None
) -> Contract:
    """Tick a task of the checklist; a second time changes nothing."""
    found = locked(ctx, contract.id)
    require_binding(ctx, found)
    on = _past(ctx, done_on, "doneOn")
    task = ctx.find(ContractTask, contract_id=found.id, position=position)
    if task is None:
        raise BadInput(f"The checklist has no task {position}.", field="position")
    if task.done_on is None:
        task.done_on, task.note = on, note
        ctx.flush()
        judge(ctx, found)
    return found


@command(permission="contracts.progress", idempotency="natural")
def contract_milestone_reach(
    ctx: Context, id: Id[ContractInstalment], reached_on: date | None = None
) -> ContractInstalment:
    """Say that the milestone of an instalment is reached: from here on it is owed. A second time changes nothing."""
    contract = locked(ctx, ctx.get(ContractInstalment, id).contract_id)
    part = ctx.get(ContractInstalment, id)
    if part.reached_on is not None:
        return part
    require_binding(ctx, contract)
    if part.trigger is not InstalmentTrigger.MILESTONE or part.dropped_in is not None:
        ctx.refuse(
            Refusal(
                NO_MILESTONE,
                f"Instalment {part.sequence} waits for no milestone.",
                advice="Only living instalments with a milestone reach one.",
            )
        )
    part.reached_on = _past(ctx, reached_on, "reachedOn")
    redate(contract, [part])
    assert part.due_on is not None
    ctx.emit(
        ContractMilestoneReached(
            contract_id=contract.id, instalment_id=part.id, reached_on=part.reached_on, due_on=part.due_on
        )
    )
    return part


@command(permission="contracts.progress", idempotency="natural")
def contract_accept(ctx: Context, id: Id[Contract], accepted_on: date | None = None) -> Contract:
    """Say that the work was accepted: retentions are due so many days after it. The same day again changes nothing."""
    contract = locked(ctx, id)
    require_binding(ctx, contract)
    if contract.accepted_on is not None:
        if accepted_on not in (None, contract.accepted_on):
            ctx.refuse(Refusal(ACCEPTED, f"The work was accepted on {contract.accepted_on}.", field="acceptedOn"))
        return contract
    contract.accepted_on = _past(ctx, accepted_on, "acceptedOn")
    redate(contract, instalments_of(ctx, contract.id))
    ctx.emit(ContractAccepted(contract_id=contract.id, accepted_on=contract.accepted_on))
    return contract


@command(permission="contracts.write", idempotency="natural")
def contract_assign(
    ctx: Context, id: Id[Contract], owner: Ref[User] | None = None, sequences: list[int] | None = None
) -> Contract:
    """Say who looks after a contract and its living instalments, or only after these ones; null: nobody."""
    contract = locked(ctx, id)
    parts = instalments_of(ctx, contract.id)
    if sequences is not None and not set(sequences) <= {part.sequence for part in parts}:
        raise BadInput("Name living instalments of the contract.", field="sequences")
    owner_id = owner.id if owner is not None else None
    if sequences is None:
        contract.owner_id = owner_id
    for part in parts:
        if sequences is None or part.sequence in sequences:
            part.owner_id = owner_id
    return contract


def require_binding(ctx: Context, contract: Contract) -> None:
    """Refuse what only a signed contract that was not cancelled allows."""
    if contract.cancelled_on is not None:
        ctx.refuse(Refusal(CANCELLED, f"Contract {contract.number} was cancelled on {contract.cancelled_on}."))
    if contract.signed_on is None:
        ctx.refuse(Refusal(NOT_SIGNED, f"Contract {contract.number} is not signed.", advice="Sign it first."))


def judge(ctx: Context, contract: Contract) -> None:
    """Store how far the checklist is, and tell if that is new."""
    tasks = select(func.count(ContractTask.id)).where(ContractTask.contract_id == contract.id)
    count = ctx.scalar(tasks) or 0
    done = ctx.scalar(tasks.where(ContractTask.done_on.is_not(None))) or 0
    before, after = contract.fulfilment, fulfilment_of(done, count, contract.fulfil_by, ctx.today)
    if before is not after:
        contract.fulfilment = after
        ctx.emit(ContractFulfilmentChanged(contract_id=contract.id, before=before, after=after))


def _past(ctx: Context, day: date | None, field: str) -> date:
    if day is not None and day > ctx.today:
        raise BadInput("This day lies in the future.", field=field)
    return day or ctx.today
