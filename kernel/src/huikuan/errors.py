"""The error tree: refusals (expected, data) and errors (unexpected or misuse, with a code).

A *refusal* is an answer: it has a stable code, a message and data, and is returned in a payload.
An *error* stops the request: its ``code`` becomes ``extensions.code`` of the GraphQL error.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID

__all__ = [
    "BadInput",
    "Conflict",
    "Forbidden",
    "HookError",
    "HuikuanError",
    "Level",
    "LimitExceeded",
    "NotFound",
    "Refusal",
    "RefusalCode",
    "Refused",
    "SetupError",
    "Unauthenticated",
    "told_to_stop",
]


class Level(Enum):
    """How strongly a refusal says no. The worst one of a command wins."""

    WARN = "WARN"
    APPROVE = "APPROVE"
    BLOCK = "BLOCK"

    @property
    def rank(self) -> int:
        return ("WARN", "APPROVE", "BLOCK").index(self.value)


@dataclass(frozen=True, slots=True)
class RefusalCode:
    """A code that a module may refuse with; stands in the module's ``errors.py``.

    ``release`` names the permission that may release a hold with this code; without it the
    code can never become a hold. With ``four_eyes`` whoever asked for the command never decides its
    hold, whatever the tenant's settings say.
    """

    code: str
    description: str
    release: str | None = None
    four_eyes: bool = False

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True, init=False)
class Refusal:
    """An expected "no": ``Refusal(CODE, "message", level=Level.BLOCK, field="lines", **data)``.

    ``advice`` says what would make the command pass; ``data`` holds exact values (Decimal, Money,
    UUID, date, str, int, bool, and lists or mappings of them). ``release`` names a permission that a
    hold takes instead of its code's: where larger amounts need another approver.
    """

    code: str
    message: str
    level: Level
    field: str | None
    advice: str | None
    data: Mapping[str, Any] = dataclasses.field(hash=False)
    module: str | None = None
    hold_id: UUID | None = None
    release: str | None = None

    def __init__(
        self,
        code: str | RefusalCode,
        message: str,
        *,
        level: Level = Level.BLOCK,
        field: str | None = None,
        advice: str | None = None,
        release: str | None = None,
        **data: Any,
    ) -> None:
        set_ = object.__setattr__
        set_(self, "code", str(code))
        set_(self, "message", message)
        set_(self, "level", level)
        set_(self, "field", field)
        set_(self, "advice", advice)
        set_(self, "data", data)
        set_(self, "module", None)
        set_(self, "hold_id", None)
        set_(self, "release", release)

    def stamped(self, *, module: str | None = None, hold_id: UUID | None = None) -> Refusal:
        """A copy that names the module which refused, or the hold that was placed."""
        copy = Refusal(
            self.code,
            self.message,
            level=self.level,
            field=self.field,
            advice=self.advice,
            release=self.release,
            **self.data,
        )
        object.__setattr__(copy, "module", module or self.module)
        object.__setattr__(copy, "hold_id", hold_id or self.hold_id)
        return copy


class HuikuanError(Exception):
    """Base of all errors the kernel raises on purpose; ``code`` is stable, the message is for people."""

    code = "INTERNAL"

    def __init__(self, message: str, **data: Any) -> None:
        super().__init__(message)
        self.message = message
        self.data = data


class Refused(HuikuanError):
    """Carries refusals out of a command body; the command answers them as data."""

    code = "REFUSED"

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__("; ".join(r.message for r in refusals) or "refused")
        self.refusals = refusals


class BadInput(HuikuanError):
    """The caller's input is malformed: ``field`` says where."""

    code = "BAD_USER_INPUT"

    def __init__(self, message: str, *, field: str | None = None, **data: Any) -> None:
        super().__init__(message, **({"field": field} if field else {}), **data)


class NotFound(BadInput):
    """The object does not exist for this caller; foreign and absent objects give the same answer."""

    code = "NOT_FOUND"


class Unauthenticated(HuikuanError):
    code = "UNAUTHENTICATED"


class Forbidden(HuikuanError):
    code = "FORBIDDEN"


class Conflict(HuikuanError):
    """The command collides with another: ``reason`` is IN_FLIGHT, KEY_REUSED or CONCURRENT."""

    code = "CONFLICT"

    def __init__(self, message: str, *, reason: str, **data: Any) -> None:
        super().__init__(message, reason=reason, **data)


class LimitExceeded(HuikuanError):
    code = "LIMIT_EXCEEDED"


class SetupError(HuikuanError):
    """The installation or a module is wrong: the message names it and the remedy."""

    code = "SETUP"


def told_to_stop(error: BaseException) -> bool:
    """Whether somebody stops the process: Ctrl-C reaches the main thread alone. Anywhere else, and for exits,
    panics of extension modules and the like, what ran has crashed and must take nobody with it."""
    return isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread()


class HookError(HuikuanError):
    """A hook implementation failed; names module, version and hook."""

    code = "MODULE_FAILED"

    def __init__(self, *, module: str, version: str, hook: str, reason: str) -> None:
        message = f"{module} {version} failed in hook {hook}: {reason}"
        super().__init__(message, module=module, version=version, hook=hook)
        self.module, self.version, self.hook, self.reason = module, version, hook, reason
