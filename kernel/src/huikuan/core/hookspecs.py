"""Extension points of the kernel."""

from __future__ import annotations

from collections.abc import Iterable

from huikuan.context import Context
from huikuan.hooks import contribution, reaction
from huikuan.invariants import Invariant

__all__ = ["kernel_invariants", "kernel_module_enabled"]


@contribution
def kernel_invariants(ctx: Context) -> Iterable[Invariant]:  # type: ignore[empty-body]
    """What must always be true of a module's data; ``huikuan check`` and the query ``check`` run them.

    Fires on demand, in a read-only transaction. Returns Invariants: a name, a sentence, and a
    function that returns the ids of the rows that break it.
    """


@reaction
def kernel_module_enabled(ctx: Context, module: str) -> None:
    """A module was enabled for this tenant; build what is derived from history that it missed.

    Fires in a job after the enabling transaction, once for each implementation's own module:
    ``module`` is the name of the module that was enabled. Until it returns the tenant's state of
    the module is ENABLING.
    """
