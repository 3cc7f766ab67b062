"""What can be done with the bell."""

from __future__ import annotations

import time

from huikuan.commands import command
from huikuan.context import Context
from huikuan.ids import new_id
from kernel.tests.web.bell.events import BellMuted, BellRung


@command(permission="bell.ring", payload="number")
def bell_ring(ctx: Context, number: int, loud: int = 0, slow: int = 0) -> int:
    """Ring, so many characters loud; the clapper may take its time, in milliseconds."""
    time.sleep(slow / 1_000)
    ctx.emit(BellRung(bell_id=new_id(), number=number, sound="o" * loud))
    return number


@command(permission="bell.ring", payload="quiet")
def bell_mute(ctx: Context) -> bool:
    """Be quiet."""
    ctx.emit(BellMuted(bell_id=new_id()))
    return True
