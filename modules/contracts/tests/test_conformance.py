"""Contracts keeps the rules of every module."""

from huikuan.testing.conformance import ModuleConformance


class TestContracts(ModuleConformance):
    module = "contracts"
