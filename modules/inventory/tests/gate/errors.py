"""Codes that the gate refuses with."""

from huikuan import RefusalCode

GATE_SHUT = RefusalCode("GATE_SHUT", "Nothing leaves", release="inventory.release")
