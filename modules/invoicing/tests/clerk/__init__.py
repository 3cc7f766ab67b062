"""A small module with a say in posting, as receivables or tax authorities have; for the tests of invoicing's hooks."""

from huikuan import Module

module = Module(name="clerk", title="Clerk", requires=["invoicing"])
