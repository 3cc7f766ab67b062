"""A small module that knows what customers owe, as receivables does; for the tests of customers' hooks."""

from huikuan import Module

module = Module(name="ledger", title="Ledger", requires=["customers"])
