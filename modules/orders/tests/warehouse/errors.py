"""Codes that the warehouse refuses with."""

from huikuan import RefusalCode

WAREHOUSE_SHORT = RefusalCode("WAREHOUSE_SHORT", "Not enough stock", release="orders.release")
WAREHOUSE_FULL = RefusalCode("WAREHOUSE_FULL", "No room for so much")
