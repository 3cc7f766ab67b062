"""Codes of refusals."""

from huikuan.errors import RefusalCode

DEPOT_FULL = RefusalCode("DEPOT_FULL", "There is no room left.")
DEPOT_DUSTY = RefusalCode("DEPOT_DUSTY", "It is dusty, but allowed.")
