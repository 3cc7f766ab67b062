"""What other modules may ask of customers, and do with them, within the open transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from huikuan import Context
from huikuan_customers.family import descendants, roles, roles_of, tops
from huikuan_customers.inputs import AddressInput, BankAccountInput, ContactInput, CustomerInput
from huikuan_customers.locks import CUSTOMER_RANK, customer_lock
from huikuan_customers.overdue import OverdueTotal, overdue_totals
from huikuan_customers.queries import (
    account_holders,
    addresses_of,
    cascade,
    cascades,
    contacts_of,
    customer_ids,
    customers,
    first_set,
    groupings,
    held,
)
from huikuan_customers.stored_terms import (
    payment_terms,
    payment_terms_by_code,
    payment_terms_codes,
    payment_terms_for,
    payment_terms_in_force,
)
from huikuan_customers.terms import check_terms, due_date, instalments
from huikuan_customers.writing import create_customer

__all__ = [
    "CUSTOMER_RANK",
    "AddressInput",
    "BankAccountInput",
    "ContactInput",
    "CustomerInput",
    "OverdueTotal",
    "account_holders",
    "addresses_of",
    "cascade",
    "cascades",
    "check_terms",
    "contacts_of",
    "customer_ids",
    "customer_lock",
    "customers",
    "descendants",
    "due_date",
    "ensure_customers",
    "first_set",
    "groupings",
    "held",
    "instalments",
    "overdue_totals",
    "payment_terms",
    "payment_terms_by_code",
    "payment_terms_codes",
    "payment_terms_for",
    "payment_terms_in_force",
    "roles",
    "roles_of",
    "tops",
]


def ensure_customers(ctx: Context, wanted: Sequence[CustomerInput]) -> dict[str, UUID]:
    """The ids of these codes; customers that are missing are made, those that exist are not changed.

    For imports, which bring masters along with documents.
    """
    found = customer_ids(ctx, [item.code.strip() for item in wanted])
    for item in wanted:
        code = item.code.strip()
        if code not in found:
            found[code] = create_customer(ctx, item).id
    return found
