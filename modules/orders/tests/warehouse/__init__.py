"""A small module that ships orders, as inventory does; for the tests of orders' hooks."""

from huikuan import Module

module = Module(name="warehouse", title="Warehouse", requires=["orders"])
