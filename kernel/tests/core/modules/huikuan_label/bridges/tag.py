"""Where tag is enabled, label is one of its parts."""

from __future__ import annotations

from huikuan import hookimpl

__all__ = ["tag_parts"]


@hookimpl
def tag_parts() -> list[str]:
    return ["label"]
