"""Tag: needs nobody; label has a bridge to it."""

from huikuan import Module

__all__ = ["module"]

module = Module(name="tag", title="Tag", permissions={"tag.read": "See tags"})
