"""What invoicing adds to other modules' types."""

from __future__ import annotations

from huikuan.graphql import connection, extend
from huikuan_customers.types import Customer
from huikuan_invoicing.types import Invoice

__all__ = ["CustomerInvoices"]


@extend(Customer)
class CustomerInvoices:
    """Invoices of a customer."""

    invoices = connection(Invoice, "bill_to_id", "Invoices that it gets, the newest ones last.")
