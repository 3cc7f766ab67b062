"""What happened to customers: ids only, so that no personal data leaves with the feed."""

from __future__ import annotations

from uuid import UUID

from huikuan import Event

__all__ = [
    "CustomerArchived",
    "CustomerCreated",
    "CustomerHeld",
    "CustomerUnarchived",
    "CustomerUnheld",
    "CustomerUpdated",
    "PaymentTermsChanged",
]


class CustomerCreated(Event, aggregate="customer"):
    """A customer was made."""

    customer_id: UUID


class CustomerUpdated(Event, aggregate="customer"):
    """A customer, or one of its contacts, addresses or bank accounts, was changed."""

    customer_id: UUID


class CustomerArchived(Event, aggregate="customer"):
    """A customer is no longer in use; its history stays."""

    customer_id: UUID


class CustomerUnarchived(Event, aggregate="customer"):
    """An archived customer is in use again."""

    customer_id: UUID


class CustomerHeld(Event, aggregate="customer"):
    """A customer was put on hold: none of its orders confirms."""

    customer_id: UUID


class CustomerUnheld(Event, aggregate="customer"):
    """The hold of a customer was lifted."""

    customer_id: UUID


class PaymentTermsChanged(Event, aggregate="payment_terms"):
    """Payment terms were made, changed or archived; documents made before keep theirs."""

    payment_terms_id: UUID
