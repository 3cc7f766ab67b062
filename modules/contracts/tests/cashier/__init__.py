"""A small module that knows what came in on instalments, as receivables does; for the tests of contracts' hook."""

from huikuan import Module

module = Module(name="cashier", title="Cashier", requires=["contracts"])
