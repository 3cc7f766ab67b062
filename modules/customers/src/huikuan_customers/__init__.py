"""Customers: legal entities with contacts, addresses, roles and payment terms."""

from huikuan import Module, Setting

__all__ = ["module"]

module = Module(
    name="customers",
    title="Customers",
    description="Customers with contacts, addresses and bank accounts, their roles, groups and payment terms.",
    nouns=("customer", "contact", "address", "bank_account", "customer_group", "payment_terms", "payment_terms_line"),
    permissions={
        "customers.read": "Read customers, their contacts, addresses, groups and payment terms",
        "customers.bank": "Read customers' bank accounts",
        "customers.edit": "Create, change and archive customers",
        "customers.hold": "Put customers on hold and lift holds",
        "customers.terms": "Manage payment terms and customer groups",
    },
    roles={
        "admin": ("customers.read", "customers.bank", "customers.edit", "customers.hold", "customers.terms"),
        "integration": ("customers.read", "customers.edit"),
        "customer_reader": ("customers.read",),
        "customer_manager": (
            "customers.read",
            "customers.bank",
            "customers.edit",
            "customers.hold",
            "customers.terms",
        ),
    },
    settings={
        "customers.payment_terms": Setting(
            default="", description="Code of the payment terms where neither customer nor group has any"
        ),
        "customers.discount_percent": Setting(
            default=0,
            least=0,
            most=100,
            description="Standing discount in percent where neither customer nor group has one",
        ),
        "customers.language": Setting(default="en", description="Language of new customers, such as en or zh-CN"),
    },
)
