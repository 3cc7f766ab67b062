"""Receivables: what is owed, by whom, since when, what was paid, and what happens next."""

from huikuan.manifest import Module, Setting

__all__ = ["module"]

DAILY = (
    "receivables.read",
    "receivables.pay",
    "receivables.allocate",
    "receivables.bank",
    "receivables.collect",
)
ALL = (
    *DAILY,
    "receivables.refund",
    "receivables.write_off",
    "receivables.approve",
    "receivables.provision",
    "receivables.dun",
    "receivables.manage",
)

module = Module(
    name="receivables",
    title="Receivables",
    description="A double-entry ledger of what customers owe: payments, allocations, bank statements, collections.",
    requires=["customers", "invoicing"],
    nouns=(
        "allocation",
        "bank",
        "collection",
        "deferral",
        "dispute",
        "dunning",
        "payer",
        "payment",
        "promise",
        "provision",
        "receivable",
        "receivables",
        "refund",
    ),
    permissions={
        "receivables.read": "See what is owed, payments and what they settle",
        "receivables.pay": "Record payments and say what became of them",
        "receivables.allocate": "Allocate payments and credit notes, and take allocations back",
        "receivables.refund": "Pay back what is unapplied",
        "receivables.write_off": "Write off what will not be paid, and recover it",
        "receivables.approve": "Release write-offs above the limit",
        "receivables.provision": "Run provisions for bad debt",
        "receivables.bank": "Import bank statements, confirm and undo matches",
        "receivables.collect": "Keep disputes, promises, deferrals, notes and the worklist",
        "receivables.dun": "Approve and run dunning",
        "receivables.manage": "Manage bank accounts, dunning policies and rules of the worklist",
    },
    roles={
        "admin": ALL,
        "integration": ("receivables.read", "receivables.pay", "receivables.allocate", "receivables.bank"),
        "receivables_clerk": (*DAILY, "invoicing.read", "customers.read"),
        "receivables_manager": (*ALL, "invoicing.read", "customers.read", "kernel.holds"),
    },
    settings={
        "receivables.payment_prefix": Setting(
            default="PAY-", most=20, description="What stands before a payment's number"
        ),
        "receivables.apply": Setting(
            default="OLDEST",
            choices=("OLDEST", "NONE"),
            description="What a payment that names no invoices settles: OLDEST (what is due first) or NONE",
        ),
        "receivables.tolerance": Setting(
            default="",
            description="Differences that are written off by themselves, by currency, such as 'EUR 0.05, JPY 5'",
        ),
        "receivables.write_off_limit": Setting(
            default=0,
            least=0,
            description="Write-offs of more than this, in the company's currency, need an approval",
        ),
        "receivables.provision_rates": Setting(
            default="31 10, 61 25, 91 50, 181 100",
            description="Provision for bad debt: days overdue and percent, such as '91 50, 181 100'",
        ),
        "receivables.aging_buckets": Setting(
            default="30, 60, 90", description="Days overdue between the buckets of an aging, such as '30, 60, 90'"
        ),
        "receivables.dso_days": Setting(
            default=90,
            least=1,
            most=3_650,
            description="Over how many days the days of sales outstanding of a customer are counted",
        ),
        "receivables.dispute_days": Setting(
            default=14,
            least=0,
            most=3_650,
            description="Within how many days a dispute should be decided, if nobody says when",
        ),
        "receivables.promise_tolerance_days": Setting(
            default=2,
            least=0,
            most=365,
            description="How many days late a promised payment may be, if nobody says how many",
        ),
        "receivables.match_score": Setting(
            default=80,
            least=1,
            most=101,
            description="How sure a match must be to be posted by itself, of 100; 101: never",
        ),
        "receivables.match_by_itself": Setting(
            default=True, description="Whether new lines of bank statements are matched without being asked"
        ),
        "receivables.dispute_percent": Setting(
            default=25,
            least=0,
            most=100,
            description="A payment that lacks at most so many percent of what it names begins a dispute; 0: none does",
        ),
    },
)
