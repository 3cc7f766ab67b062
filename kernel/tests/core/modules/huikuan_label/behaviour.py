"""What each hook of label does: a test puts a function in, by the hook's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["BEHAVIOUR", "act"]

BEHAVIOUR: dict[str, Callable[..., Any]] = {}


def act(hook: str, *arguments: Any) -> Any:
    """Do what the test wants, by default nothing."""
    return BEHAVIOUR[hook](*arguments) if hook in BEHAVIOUR else None
