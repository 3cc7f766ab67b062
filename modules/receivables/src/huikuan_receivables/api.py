"""What other modules may call. Commands join the open transaction of ``ctx``."""

from huikuan_receivables.commands import (
    allocation_undo,
    dispute_open,
    payment_allocate,
    payment_bounce,
    payment_record,
    payment_refund,
    promise_make,
    receivable_write_off,
)
from huikuan_receivables.inputs import PaymentAllocationInput, PaymentInput
from huikuan_receivables.paying import NewPayment
from huikuan_receivables.planning import next_reminders
from huikuan_receivables.policies import ratings
from huikuan_receivables.queries import (
    account_sums,
    balances,
    items_by_id,
    items_of_invoices,
    last_payments,
    open_items,
    payments_by_id,
    unapplied,
)
from huikuan_receivables.records import payer_records
from huikuan_receivables.settling import allocate, lock_accounts, record_payment, unallocate
from huikuan_receivables.shares import How
from huikuan_receivables.standing import blocks

__all__ = [
    "How",
    "NewPayment",
    "PaymentAllocationInput",
    "PaymentInput",
    "account_sums",
    "allocate",
    "allocation_undo",
    "balances",
    "blocks",
    "dispute_open",
    "items_by_id",
    "items_of_invoices",
    "last_payments",
    "lock_accounts",
    "next_reminders",
    "open_items",
    "payer_records",
    "payment_allocate",
    "payment_bounce",
    "payment_record",
    "payment_refund",
    "payments_by_id",
    "promise_make",
    "ratings",
    "receivable_write_off",
    "record_payment",
    "unallocate",
    "unapplied",
]
