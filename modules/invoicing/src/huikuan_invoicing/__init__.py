"""Invoicing: invoices, credit notes, deposits and instalments, posted once and never changed."""

from huikuan.manifest import Module, Setting

__all__ = ["module"]

DAILY = ("invoicing.read", "invoicing.draft", "invoicing.post", "invoicing.credit", "invoicing.plan")
ALL = (*DAILY, "invoicing.release", "invoicing.import")

module = Module(
    name="invoicing",
    title="Invoicing",
    description="Invoices, credit notes, deposits, billing plans, instalments and gapless numbers.",
    requires=["customers"],
    nouns=("invoice", "invoices", "billing"),
    permissions={
        "invoicing.read": "Read invoices, their instalments and billing plans",
        "invoicing.draft": "Write, change and discard drafts of invoices",
        "invoicing.post": "Post invoices",
        "invoicing.credit": "Credit posted invoices",
        "invoicing.plan": "Manage billing plans and policies",
        "invoicing.import": "Import invoices that were posted elsewhere",
        "invoicing.release": "Let orders and goods pass before their money has come in",
    },
    roles={
        "admin": ALL,
        "integration": ("invoicing.read", "invoicing.draft", "invoicing.post", "invoicing.credit"),
        "billing": (*DAILY, "customers.read", "kernel.holds"),
        "billing_manager": (*ALL, "customers.read", "kernel.holds"),
    },
    settings={
        "invoicing.number_prefix": Setting(
            default="INV-", most=20, description="What stands before an invoice's number"
        ),
        "invoicing.credit_prefix": Setting(
            default="CN-", most=20, description="What stands before a credit note's number"
        ),
        "invoicing.number_yearly": Setting(default=False, description="Whether numbers begin anew each year"),
        "invoicing.tax_per_document": Setting(
            default=False,
            description="Whether taxes of new invoices are rounded per document, not per line; frozen on each",
        ),
        "invoicing.discount_tax": Setting(
            default="included",
            choices=("included", "excluded", "mixed"),
            description=(
                "What early-payment discount does to tax: included (it falls with the payment), "
                "excluded (never) or mixed (it is reduced on the invoice already)"
            ),
        ),
        "invoicing.auto_post": Setting(
            default=True, description="Whether invoices that are made by themselves are posted at once"
        ),
        "invoicing.method": Setting(
            default="manual",
            choices=("order", "shipment", "milestone", "schedule", "manual"),
            description="When orders are invoiced if they say nothing: order, shipment, milestone, schedule or manual",
        ),
        "invoicing.overbilling_percent": Setting(
            default=0, least=0, most=100, description="How many percent more than ordered may be invoiced"
        ),
        "invoicing.ship_when_paid": Setting(
            default=False,
            description="Whether goods of orders that say nothing wait until their invoices are paid",
        ),
        "invoicing.shipping_approvable": Setting(
            default=True, description="Whether goods may leave by approval before their invoice is paid"
        ),
        "invoicing.prepayment_approvable": Setting(
            default=True, description="Whether an order may be confirmed by approval before its prepayment came in"
        ),
    },
)
