"""Orders keeps the rules of every module."""

from huikuan.testing.conformance import ModuleConformance


class TestOrders(ModuleConformance):
    module = "orders"
