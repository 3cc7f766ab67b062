"""What several commands ask of their arguments."""

from __future__ import annotations

from huikuan.errors import BadInput

__all__ = ["given_reason"]


def given_reason(text: str) -> str:
    """A reason that says something."""
    if not text.strip():
        raise BadInput("Say why.", field="reason")
    return text.strip()
