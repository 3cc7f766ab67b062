"""Limits as an installation sets them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huikuan.graphql.limits import Limits

if TYPE_CHECKING:
    from huikuan.settings import Settings

__all__ = ["limits_of"]


def limits_of(settings: Settings) -> Limits:
    """The limits that the settings name."""
    return Limits(
        tokens=settings.graphql_tokens,
        depth=settings.graphql_depth,
        aliases=settings.graphql_aliases,
        mutations=settings.graphql_mutations,
        cost=settings.graphql_cost,
    )
