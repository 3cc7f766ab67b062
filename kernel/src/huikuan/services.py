"""What the kernel's own commands need besides the database; modules have no business with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from huikuan.auth.issuers import ExternalIssuers
from huikuan.auth.keys import KeyRing
from huikuan.graphql import Limits

if TYPE_CHECKING:
    from huikuan.auth.key_files import KeySource
    from huikuan.auth.passwords import Passwords
    from huikuan.auth.throttle import LoginThrottle
    from huikuan.clock import Clock
    from huikuan.composition import Compositions

__all__ = ["Services"]


@dataclass(frozen=True, slots=True)
class Services:
    """Keys, passwords, throttle, compositions and limits of the process."""

    compositions: Compositions
    passwords: Passwords
    throttle: LoginThrottle
    clock: Clock
    key_source: KeySource | KeyRing
    issuers: ExternalIssuers = field(default_factory=ExternalIssuers)
    limits: Limits = field(default_factory=Limits)

    @property
    def keys(self) -> KeyRing:
        """The key ring in force; a key file that changed is read anew."""
        return self.key_source if isinstance(self.key_source, KeyRing) else self.key_source.ring
