"""Credit keeps the rules of every module."""

from huikuan.testing.conformance import ModuleConformance


class TestCredit(ModuleConformance):
    module = "credit"
