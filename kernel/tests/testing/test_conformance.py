"""The kernel keeps the rules that make sense for it."""

from huikuan.testing.conformance import KernelConformance


class TestKernel(KernelConformance):
    pass
