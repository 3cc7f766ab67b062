"""Extension points of the kernel."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from huikuan.context import Context
from huikuan.hooks import contribution, reaction, veto
from huikuan.invariants import Invariant

if TYPE_CHECKING:
    from huikuan.demo_step import DemoStep
    from huikuan.errors import Refusal

__all__ = ["kernel_before_setting", "kernel_demo_steps", "kernel_invariants", "kernel_module_enabled"]


@veto
def kernel_before_setting(ctx: Context, key: str, value: str | int | bool) -> list[Refusal] | Refusal | None:
    """Whether a tenant's setting may take a value that only data, or more than a bound, can judge.

    Fires before the first write of ``settingSet``, after the setting's own rule has read ``value``.
    ``key``: the setting, of any module; an implementation looks at those it knows. Returns refusals, such as
    ``SETTING_INVALID`` of ``huikuan.core.errors``: WARN lets pass and tells, any other level refuses, for nobody
    releases a setting.
    """


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


@contribution
def kernel_demo_steps(ctx: Context) -> Iterable[DemoStep]:  # type: ignore[empty-body]
    """What a module shows in ``huikuan demo``.

    Fires once, after the demo's tenant was created, in a read-only transaction. Returns DemoSteps:
    a rank (steps run in its order), a title, functions that prepare the step, play it on each working day
    and tell at the end how things stand, all returning figures, and example queries that are printed last.
    """
