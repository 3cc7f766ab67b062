"""Customers keeps the rules of every module."""

from huikuan.testing.conformance import ModuleConformance


class TestCustomers(ModuleConformance):
    module = "customers"
