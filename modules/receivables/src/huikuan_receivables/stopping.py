"""What dunning levels stop, as refusals that somebody may release."""

from __future__ import annotations

from uuid import UUID

from huikuan.context import Context
from huikuan.errors import Level, Refusal
from huikuan_receivables.errors import DUNNING_BLOCK
from huikuan_receivables.queries import items_by_id
from huikuan_receivables.snapshots import BlockKind
from huikuan_receivables.standing import blocks

__all__ = ["stopped"]


def stopped(ctx: Context, customer_id: UUID, kind: BlockKind) -> Refusal | None:
    """Why nothing of this kind goes on for a customer: the item that stands highest; None if all may go on."""
    found = [block for block in blocks(ctx, [customer_id]).get(customer_id, ()) if block.kind is kind]
    if not found:
        return None
    worst = max(found, key=lambda block: (block.level, block.item_id))
    item = items_by_id(ctx, [worst.item_id])[worst.item_id]
    return Refusal(
        DUNNING_BLOCK,
        f"Invoice {item.number} stands at dunning level {worst.level}, {worst.level_name}.",
        level=Level.APPROVE,
        advice="Have it paid, settle what is disputed, or ask somebody to release the hold.",
        invoice=item.invoice_id,
        item=item.item_id,
        dunning_level=worst.level,
        items=len(found),
    )
