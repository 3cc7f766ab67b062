"""Refusal codes of shelf."""

from __future__ import annotations

from huikuan import RefusalCode

__all__ = ["ITEM_BLOCKED", "ITEM_HEAVY", "ITEM_LATE", "ITEM_ODD", "ITEM_TAKEN", "ITEM_VALUABLE"]

ITEM_TAKEN = RefusalCode("ITEM_TAKEN", "There is an item of this code already.")
ITEM_BLOCKED = RefusalCode("ITEM_BLOCKED", "The item may not move.")
ITEM_HEAVY = RefusalCode("ITEM_HEAVY", "The quantity needs approval.", release="shelf.release")
ITEM_ODD = RefusalCode("ITEM_ODD", "An odd quantity needs another approval.", release="shelf.approve")
ITEM_LATE = RefusalCode("ITEM_LATE", "Worth knowing, no more.")
ITEM_VALUABLE = RefusalCode("ITEM_VALUABLE", "Two people agree.", release="shelf.release", four_eyes=True)
