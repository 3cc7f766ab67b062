"""Inventory keeps the rules of every module."""

from huikuan.testing.conformance import ModuleConformance


class TestInventory(ModuleConformance):
    module = "inventory"
