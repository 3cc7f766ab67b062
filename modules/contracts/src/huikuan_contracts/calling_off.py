"""Call-offs as their documents come and go: opened once, counted anew, ended; under the contract's lock."""

from __future__ import annotations

from uuid import UUID

from huikuan.context import Context
from huikuan.errors import Conflict
from huikuan_contracts.consuming import Use, consume, obstacles, open_use, release
from huikuan_contracts.models import CallOff, Contract
from huikuan_contracts.order_plans import cancel
from huikuan_contracts.queries import call_off_of
from huikuan_contracts.snapshots import CallOffState
from huikuan_contracts.views import contract_lock, locked

__all__ = ["count", "counted", "end", "free", "open_call_off", "require_lock"]


def counted(ctx: Context, source_type: str, source_id: UUID) -> CallOff | None:
    """What a document uses up of its contract, which is locked; if it began to meanwhile, the caller tries again."""
    call_off = call_off_of(ctx, source_type, source_id)
    if call_off is not None:
        require_lock(ctx, call_off.contract_id)
    return call_off


def require_lock(ctx: Context, contract_id: UUID) -> None:
    """Being counted does not change an order's version, so orders do not notice it while they wait for their lock."""
    held = ctx.work.locked
    if held is not None and contract_lock(contract_id) not in held:
        raise Conflict("The order was counted for a contract meanwhile; try again.", reason="CONCURRENT")


def open_call_off(
    ctx: Context,
    contract: Contract,
    use: Use,
    source: tuple[str, UUID],
    reference: str,
    input_hash: str | None = None,
) -> CallOff:
    """Count a document for the contract, if nothing stands against it. ``source``: the document's type and id."""
    if refusals := obstacles(ctx, contract, use):
        ctx.refuse(*refusals)
    call_off = CallOff(
        contract_id=contract.id,
        reference=reference,
        input_hash=input_hash,
        source_type=source[0],
        source_id=source[1],
        status=CallOffState.OPEN,
        amount=use.amount,
        called_on=ctx.today,
    )
    open_use(ctx, contract, call_off, use)
    return call_off


def count(ctx: Context, source_type: str, source_id: UUID, use: Use) -> None:
    """Make a document use up exactly this of its contract, if it has one."""
    call_off = counted(ctx, source_type, source_id)
    if call_off is not None:
        consume(ctx, ctx.get(Contract, call_off.contract_id), call_off, use)


def free(ctx: Context, source_type: str, source_id: UUID) -> None:
    """A document has ended, and nothing is locked yet."""
    call_off = call_off_of(ctx, source_type, source_id)
    if call_off is not None:
        contract = locked(ctx, call_off.contract_id)
        end(ctx, contract, ctx.get(CallOff, call_off.id))


def end(ctx: Context, contract: Contract, call_off: CallOff) -> None:
    """Give back what a document used up; a plan of its own ends with it."""
    release(ctx, contract, call_off)
    if contract.order_id is not None:
        cancel(ctx, contract)
