"""What a module contributes to ``huikuan demo``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huikuan.kernel import Kernel
    from huikuan.runner import CommandResult, Scope

__all__ = ["DemoRun", "DemoStep"]


@dataclass(frozen=True)
class DemoRun:
    """What a step works with: the kernel, the tenant's scope, and a way to tell how far it is."""

    kernel: Kernel
    scope: Scope
    tell: Callable[[str], None] = field(repr=False)

    def command(self, name: str, **arguments: Any) -> CommandResult:
        """Run a command as any client would."""
        return self.kernel.run(self.scope, name, arguments)


@dataclass(frozen=True)
class DemoStep:
    """One act of the demo.

    ``run`` returns figures, which are printed; ``queries`` are called at the very end and return
    examples to try, each a title and a document that runs as it stands.
    """

    rank: int
    title: str
    run: Callable[[DemoRun], dict[str, Any]]
    queries: Callable[[DemoRun], Sequence[tuple[str, str]]] | None = None
