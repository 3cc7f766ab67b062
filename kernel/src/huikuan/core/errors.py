"""Refusal codes of the kernel."""

from __future__ import annotations

from huikuan.errors import RefusalCode

__all__ = [
    "ALREADY_EXISTS",
    "DELIVERY_ALIVE",
    "HOLD_DECIDED",
    "HOLD_SELF_RELEASE",
    "LAST_ADMIN",
    "MODULE_NEEDED",
    "MODULE_PREPARING",
    "SETTING_INVALID",
    "TOKEN_REUSED",
    "TOO_MANY_DOCUMENTS",
    "UNKNOWN_MODULE",
]

ALREADY_EXISTS = RefusalCode("ALREADY_EXISTS", "Something with this name or key exists already.")
DELIVERY_ALIVE = RefusalCode("DELIVERY_ALIVE", "The delivery was not given up, so it needs no replay.")
HOLD_DECIDED = RefusalCode("HOLD_DECIDED", "The hold was decided, superseded or has lapsed.")
HOLD_SELF_RELEASE = RefusalCode("HOLD_SELF_RELEASE", "Somebody else must release this hold.")
LAST_ADMIN = RefusalCode("LAST_ADMIN", "The tenant would be left without an administrator.")
MODULE_NEEDED = RefusalCode("MODULE_NEEDED", "Another enabled module needs this one.")
MODULE_PREPARING = RefusalCode("MODULE_PREPARING", "The module was just enabled and reads the history first.")
SETTING_INVALID = RefusalCode("SETTING_INVALID", "A module cannot work with this value of the setting.")
TOKEN_REUSED = RefusalCode("TOKEN_REUSED", "A refresh token came a second time; its sessions were ended.")
TOO_MANY_DOCUMENTS = RefusalCode("TOO_MANY_DOCUMENTS", "The tenant has as many persisted documents as it may.")
UNKNOWN_MODULE = RefusalCode("UNKNOWN_MODULE", "No module of this name is installed.")
