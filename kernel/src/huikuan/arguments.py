"""From plain arguments to what a command's body takes."""

from __future__ import annotations

from huikuan.graphql.arguments import resolve_arguments, resolve_values

__all__ = ["resolve_arguments", "resolve_values"]
