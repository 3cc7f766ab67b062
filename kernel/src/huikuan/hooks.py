"""How hooks are declared and implemented.

In ``hookspecs.py`` a module declares an extension point with the decorator of its kind; the
docstring is the contract. In ``hooks.py`` (or ``bridges/<other>.py``) a module implements one:
a function of the same name, under ``@hookimpl``, naming only the arguments it uses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, overload

import pluggy

from huikuan.bus import HookKind

__all__ = ["change", "contribution", "hookimpl", "provider", "reaction", "veto"]

PROJECT = "huikuan"
hookimpl = pluggy.HookimplMarker(PROJECT)
_hookspec = pluggy.HookspecMarker(PROJECT)
ATTRIBUTE = "huikuan_hook"

F = TypeVar("F", bound=Callable[..., Any])


class _KindMarker:
    """Decorator of a hook specification: ``@veto`` or ``@veto(where="worker")``."""

    def __init__(self, kind: HookKind) -> None:
        self._kind = kind

    @overload
    def __call__(self, function: F) -> F: ...
    @overload
    def __call__(self, *, where: str = "transaction") -> Callable[[F], F]: ...
    def __call__(self, function: F | None = None, *, where: str = "transaction") -> F | Callable[[F], F]:
        def mark(target: F) -> F:
            setattr(target, ATTRIBUTE, (self._kind, where))
            return _hookspec(target)

        return mark if function is None else mark(function)


veto = _KindMarker(HookKind.VETO)
change = _KindMarker(HookKind.CHANGE)
reaction = _KindMarker(HookKind.REACTION)
contribution = _KindMarker(HookKind.CONTRIBUTION)
provider = _KindMarker(HookKind.PROVIDER)
