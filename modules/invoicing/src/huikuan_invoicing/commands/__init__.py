"""Commands of invoicing; each is a mutation of the same name."""

from huikuan_invoicing.commands.bulk import InvoiceImportResult, InvoicesImported, invoices_import
from huikuan_invoicing.commands.credits import invoice_credit
from huikuan_invoicing.commands.drafts import invoice_change, invoice_discard, invoice_draft
from huikuan_invoicing.commands.fees import invoice_late_fee
from huikuan_invoicing.commands.plans import billing_milestone_reach, billing_plan_create
from huikuan_invoicing.commands.posting import invoice_post

__all__ = [
    "InvoiceImportResult",
    "InvoicesImported",
    "billing_milestone_reach",
    "billing_plan_create",
    "invoice_change",
    "invoice_credit",
    "invoice_discard",
    "invoice_draft",
    "invoice_late_fee",
    "invoice_post",
    "invoices_import",
]
