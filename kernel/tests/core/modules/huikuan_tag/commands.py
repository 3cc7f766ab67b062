"""Commands of tag."""

from __future__ import annotations

from huikuan import Context, command
from huikuan_tag.hookspecs import tag_parts

__all__ = ["tag_read"]


@command(permission="tag.read", idempotency="natural", payload="parts")
def tag_read(ctx: Context) -> list[str]:
    """What tags are made of."""
    return list(ctx.collect(tag_parts))
