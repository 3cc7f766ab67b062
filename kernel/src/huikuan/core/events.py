"""Events of the kernel."""

from __future__ import annotations

from uuid import UUID

from huikuan.events import Event

__all__ = ["HoldDecided", "HoldPlaced", "ModuleDisabled", "ModuleEnabled", "UserCreated"]


class HoldPlaced(Event, aggregate="hold"):
    """A command was refused in a way that somebody may release."""

    hold_id: UUID
    subject_type: str
    subject_id: UUID
    code: str


class HoldDecided(Event, aggregate="hold"):
    """A hold was released or rejected."""

    hold_id: UUID
    subject_type: str
    subject_id: UUID
    code: str
    status: str


class ModuleEnabled(Event, aggregate="tenant"):
    """A module was enabled for the tenant."""

    tenant_id: UUID
    module: str


class ModuleDisabled(Event, aggregate="tenant"):
    """A module was disabled for the tenant; its data stays."""

    tenant_id: UUID
    module: str


class UserCreated(Event, aggregate="user"):
    """A user joined the tenant."""

    user_id: UUID
