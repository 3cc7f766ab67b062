"""What inventory contributes to the kernel."""

from __future__ import annotations

from collections.abc import Iterable

from huikuan.demo_step import DemoStep
from huikuan.hooks import hookimpl
from huikuan.invariants import Invariant
from huikuan_inventory.demo import STEPS
from huikuan_inventory.invariants import INVARIANTS

__all__ = ["kernel_demo_steps", "kernel_invariants"]


@hookimpl
def kernel_invariants() -> Iterable[Invariant]:
    """Balances, ledger, reservations and shipments agree."""
    return INVARIANTS


@hookimpl
def kernel_demo_steps() -> Iterable[DemoStep]:
    """Goods come in and leave."""
    return STEPS
