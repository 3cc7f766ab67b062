"""A small module that knows what was paid on invoices, and may stop them; for the tests beside invoicing."""

from huikuan import Module

module = Module(name="payer", title="Payer", requires=["contracts", "invoicing"])
