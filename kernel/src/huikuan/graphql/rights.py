"""Whether an actor may read what a field shows."""

from __future__ import annotations

from huikuan.actor import Actor
from huikuan.errors import Forbidden, Unauthenticated

__all__ = ["require"]


def require(actor: Actor, permission: str | None) -> None:
    """Deny by default: raise Forbidden unless the actor holds the permission."""
    if permission is not None and not actor.may(permission):
        if actor.kind.value == "anonymous":
            raise Unauthenticated("Sign in first.")
        raise Forbidden(f"This needs the permission {permission}.", permission=permission)
