"""What inventory contributes to the kernel."""

from __future__ import annotations

from collections.abc import Iterable

from huikuan.hooks import hookimpl
from huikuan.invariants import Invariant
from huikuan_inventory.invariants import INVARIANTS

__all__ = ["kernel_invariants"]


@hookimpl
def kernel_invariants() -> Iterable[Invariant]:
    """Balances, ledger, reservations and shipments agree."""
    return INVARIANTS
