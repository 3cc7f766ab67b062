"""A small module that stands at the warehouse's door; for the tests of inventory's hooks."""

from huikuan import Module

module = Module(name="gate", title="Gate", requires=["inventory"])
