"""What other modules may call. Commands join the open transaction of ``ctx``."""

from huikuan_invoicing.commands import (
    billing_milestone_reach,
    billing_plan_create,
    invoice_change,
    invoice_credit,
    invoice_discard,
    invoice_draft,
    invoice_late_fee,
    invoice_post,
)
from huikuan_invoicing.inputs import (
    BillingMilestoneInput,
    BillingPlanInput,
    InvoiceChangeInput,
    InvoiceCreditLineInput,
    InvoiceInput,
    InvoiceLineInput,
)
from huikuan_invoicing.once import InvoiceOnce, deposit_locks, deposit_once, invoice_once
from huikuan_invoicing.queries import (
    Billed,
    asked_for,
    billed,
    invoice_by_id,
    invoice_ids,
    invoice_numbers,
    invoices_by_id,
    method_of,
    posted_documents,
    posted_for,
)
from huikuan_invoicing.settling import settlements

__all__ = [
    "Billed",
    "BillingMilestoneInput",
    "BillingPlanInput",
    "InvoiceChangeInput",
    "InvoiceCreditLineInput",
    "InvoiceInput",
    "InvoiceLineInput",
    "InvoiceOnce",
    "asked_for",
    "billed",
    "billing_milestone_reach",
    "billing_plan_create",
    "deposit_locks",
    "deposit_once",
    "invoice_by_id",
    "invoice_change",
    "invoice_credit",
    "invoice_discard",
    "invoice_draft",
    "invoice_ids",
    "invoice_late_fee",
    "invoice_numbers",
    "invoice_once",
    "invoice_post",
    "invoices_by_id",
    "method_of",
    "posted_documents",
    "posted_for",
    "settlements",
]
