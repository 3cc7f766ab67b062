"""What the bell tells."""

from __future__ import annotations

from uuid import UUID

from huikuan.events import Event


class BellRung(Event, aggregate="bell"):
    """Somebody rang."""

    bell_id: UUID
    number: int
    sound: str = ""


class BellMuted(Event, aggregate="bell"):
    """It is quiet now."""

    bell_id: UUID
