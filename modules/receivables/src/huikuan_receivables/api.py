"""What other modules may call. Commands join the open transaction of ``ctx``."""

from huikuan_receivables.commands import (
    allocation_undo,
    payment_allocate,
    payment_bounce,
    payment_record,
    payment_refund,
    receivable_write_off,
)
from huikuan_receivables.inputs import PaymentAllocationInput, PaymentInput
from huikuan_receivables.paying import NewPayment
from huikuan_receivables.queries import (
    balances,
    items_by_id,
    items_of_invoices,
    open_items,
    payments_by_id,
    unapplied,
)
from huikuan_receivables.settling import allocate, lock_accounts, record_payment, unallocate
from huikuan_receivables.shares import How

__all__ = [
    "How",
    "NewPayment",
    "PaymentAllocationInput",
    "PaymentInput",
    "allocate",
    "allocation_undo",
    "balances",
    "items_by_id",
    "items_of_invoices",
    "lock_accounts",
    "open_items",
    "payment_allocate",
    "payment_bounce",
    "payment_record",
    "payment_refund",
    "payments_by_id",
    "receivable_write_off",
    "record_payment",
    "unallocate",
    "unapplied",
]
