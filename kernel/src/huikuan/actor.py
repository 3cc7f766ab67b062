"""Who acts, and in which tenant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from uuid import UUID

__all__ = ["Actor", "ActorKind", "TenantInfo"]


class ActorKind(Enum):
    """What kind of party acts."""

    USER = "user"
    API_KEY = "api_key"
    OPERATOR = "operator"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever sends a command, with the rights that were read for this request."""

    kind: ActorKind
    id: UUID
    name: str
    permissions: frozenset[str] = frozenset()
    all_permissions: bool = False

    def may(self, permission: str) -> bool:
        """Deny by default: only what a role grants, or everything for the system itself."""
        return self.all_permissions or permission in self.permissions

    @classmethod
    def system(cls, name: str = "system") -> Actor:
        """The product acting on its own: jobs, subscribers, imports from the command line."""
        return cls(ActorKind.SYSTEM, UUID(int=0), name, all_permissions=True)

    @classmethod
    def anonymous(cls) -> Actor:
        return cls(ActorKind.ANONYMOUS, UUID(int=0), "anonymous")


@dataclass(frozen=True, slots=True)
class TenantInfo:
    """The tenant as one unit of work sees it; ``preparing`` names modules that still read the history.

    ``epoch`` is raised by whatever changes the tenant's modules, settings or documents.
    """

    id: UUID
    slug: str
    name: str
    currency: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    preparing: frozenset[str] = frozenset()
    epoch: int = 0
