"""The commands of customers, by subject."""

from huikuan_customers.commands.customers import (
    customer_archive,
    customer_create,
    customer_hold,
    customer_unarchive,
    customer_unhold,
    customer_update,
)
from huikuan_customers.commands.groups import customer_group_create, customer_group_update
from huikuan_customers.commands.parts import (
    address_add,
    address_remove,
    address_update,
    bank_account_add,
    bank_account_remove,
    contact_add,
    contact_remove,
    contact_update,
)
from huikuan_customers.commands.payment_terms import (
    payment_terms_archive,
    payment_terms_create,
    payment_terms_update,
)

__all__ = [
    "address_add",
    "address_remove",
    "address_update",
    "bank_account_add",
    "bank_account_remove",
    "contact_add",
    "contact_remove",
    "contact_update",
    "customer_archive",
    "customer_create",
    "customer_group_create",
    "customer_group_update",
    "customer_hold",
    "customer_unarchive",
    "customer_unhold",
    "customer_update",
    "payment_terms_archive",
    "payment_terms_create",
    "payment_terms_update",
]
