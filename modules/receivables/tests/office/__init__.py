"""A small module that looks over the shoulder of receivables; for the tests of its hooks."""

from huikuan import Module

module = Module(name="office", title="Office", requires=["receivables"])
