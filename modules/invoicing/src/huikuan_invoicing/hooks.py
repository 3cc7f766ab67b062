"""What invoicing contributes, through the same doors as everybody else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from huikuan.context import Context
from huikuan.demo_step import DemoStep
from huikuan.hooks import hookimpl
from huikuan.invariants import Invariant
from huikuan_invoicing.demo import STEPS
from huikuan_invoicing.invariants import INVARIANTS
from huikuan_invoicing.settling import credited_parts
from huikuan_invoicing.snapshots import PaymentPart

__all__ = ["invoicing_payment_parts", "kernel_demo_steps", "kernel_invariants"]


@hookimpl
def invoicing_payment_parts(ctx: Context, invoices: Sequence[UUID]) -> list[PaymentPart]:
    """What credit notes settle."""
    return credited_parts(ctx, invoices)


@hookimpl
def kernel_invariants() -> Iterable[Invariant]:
    """Numbers, sums, hashes and credit notes."""
    return INVARIANTS


@hookimpl
def kernel_demo_steps() -> Iterable[DemoStep]:
    """Each shipment is invoiced."""
    return STEPS
