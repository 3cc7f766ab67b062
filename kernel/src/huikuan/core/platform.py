"""The platform's own tenant: what operators do and how people sign in is recorded there."""

from __future__ import annotations

from uuid import UUID

from huikuan.actor import TenantInfo

__all__ = ["PLATFORM"]

# A fixed id that no UUIDv7 can have; migrations insert no row for it, because it is not a tenant.
PLATFORM = TenantInfo(UUID("00000000-0000-7000-8000-000000000001"), "platform", "Platform", "EUR")
