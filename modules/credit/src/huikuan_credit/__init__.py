"""Credit: limits, exposure as a ledger, checks with advice, approvals, ratings and warnings."""

from huikuan.manifest import Module, Setting

__all__ = ["module"]

DAILY = ("credit.read", "credit.rate", "credit.approve")
ALL = (*DAILY, "credit.limits", "credit.rules", "credit.approve_large", "credit.approve_any")

module = Module(
    name="credit",
    title="Credit",
    description="Limits, exposure as a ledger, checks at every step, approval cases, ratings, warnings and advice.",
    requires=["customers"],
    nouns=("credit",),
    permissions={
        "credit.read": "See limits, exposure, decisions, cases and ratings",
        "credit.limits": "Set limits, temporary increases, collateral and insurance",
        "credit.rules": "Set what is checked where, and risk classes",
        "credit.rate": "Rate customers anew, and set ratings by hand",
        "credit.approve": "Approve what is over a limit or rule by a small amount",
        "credit.approve_large": "Approve what is over a limit or rule by a large amount",
        "credit.approve_any": "Approve what is over a limit or rule by any amount",
    },
    roles={
        "admin": ALL,
        "integration": ("credit.read",),
        "sales": ("credit.read",),
        "credit_controller": (*DAILY, "customers.read", "kernel.holds"),
        "credit_manager": (*ALL, "customers.read", "kernel.holds"),
    },
    settings={
        "credit.horizon_days": Setting(
            default=0,
            least=0,
            most=3_650,
            description="Orders that ship later than so many days from today use no limit yet; 0: all do",
        ),
        "credit.large_from": Setting(
            default=10_000,
            least=0,
            description="From which excess, in the document's currency, credit.approve_large is needed",
        ),
        "credit.any_from": Setting(
            default=100_000,
            least=0,
            description="From which excess, in the document's currency, credit.approve_any is needed",
        ),
        "credit.terms_of_class": Setting(
            default=True,
            description="Whether new orders take the terms of the risk class where these are shorter, and longer ones "
            "wait for approval; off: a class only proposes terms",
        ),
        "credit.concentration_percent": Setting(
            default=20,
            least=0,
            most=100,
            description="Share of all exposure in a currency above which one customer is a warning",
        ),
    },
)
