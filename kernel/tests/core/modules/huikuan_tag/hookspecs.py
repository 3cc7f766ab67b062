"""Extension points of tag."""

from __future__ import annotations

from collections.abc import Iterable

from huikuan import Context, contribution

__all__ = ["tag_parts"]


@contribution
def tag_parts(ctx: Context) -> Iterable[str]:  # type: ignore[empty-body]
    """What tags are made of."""
