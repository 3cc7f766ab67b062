"""What credit contributes, through the same doors as everybody else."""

from __future__ import annotations

from collections.abc import Iterable

from huikuan.demo_step import DemoStep
from huikuan.hooks import hookimpl
from huikuan.invariants import Invariant
from huikuan_credit.demo import STEPS
from huikuan_credit.invariants import INVARIANTS

__all__ = ["kernel_demo_steps", "kernel_invariants"]


@hookimpl
def kernel_invariants() -> Iterable[Invariant]:
    """Balances, ledger, decisions, approvals and limits."""
    return INVARIANTS


@hookimpl
def kernel_demo_steps() -> Iterable[DemoStep]:
    """A limit, and who decides beyond it."""
    return STEPS
