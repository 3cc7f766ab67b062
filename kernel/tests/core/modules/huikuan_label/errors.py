"""Refusal codes of label."""

from __future__ import annotations

from huikuan import RefusalCode

__all__ = ["LABEL_MISSING", "LABEL_WRONG"]

LABEL_MISSING = RefusalCode("LABEL_MISSING", "The item has no label.")
LABEL_WRONG = RefusalCode("LABEL_WRONG", "The label is wrong.")
