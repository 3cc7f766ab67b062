"""Contracts: agreed once, amended in versions, collected by a plan, used up by call-offs."""

from huikuan.manifest import Module, Setting

__all__ = ["module"]

DAILY = ("contracts.read", "contracts.write", "contracts.progress", "contracts.call_off", "contracts.bill")
ALL = (*DAILY, "contracts.sign", "contracts.release")

module = Module(
    name="contracts",
    title="Contracts",
    description="Contracts, amendments, collection plans, checklists, documents and framework contracts.",
    requires=["customers"],
    nouns=("contract", "contracts"),
    permissions={
        "contracts.read": "Read contracts, their plans and documents",
        "contracts.write": "Write and change unsigned contracts, add documents",
        "contracts.progress": "Report milestones, acceptance and finished tasks",
        "contracts.sign": "Sign, amend and cancel contracts",
        "contracts.call_off": "Call off orders from contracts",
        "contracts.bill": "Invoice instalments",
        "contracts.release": "Let goods leave before the deposit has come in",
    },
    roles={
        "admin": ALL,
        "integration": DAILY,
        "contracts_clerk": (*DAILY, "customers.read", "kernel.holds"),
        "contracts_manager": (*ALL, "customers.read", "kernel.holds"),
    },
    settings={
        "contracts.number_prefix": Setting(default="K-", most=20, description="What stands before a contract's number"),
        "contracts.remind_days_before": Setting(
            default=7, least=0, most=3_650, description="How many days before an instalment is due its owner is told"
        ),
        "contracts.remind_days_after": Setting(
            default=1,
            least=0,
            most=3_650,
            description="How many days after an instalment was due its owner is told that it is overdue",
        ),
        "contracts.invoice_days_ahead": Setting(
            default=0,
            least=0,
            most=3_650,
            description="How many days before it is due an instalment with a date is invoiced",
        ),
        "contracts.document_max_kb": Setting(
            default=512,
            least=1,
            most=16_384,
            description="How large a document may be that is kept here, in units of 1,024 bytes",
        ),
        "contracts.document_types": Setting(
            default="application/pdf, image/png, image/jpeg, text/plain",
            most=2_000,
            description="Media types of documents that may be added",
        ),
        "contracts.shipping_approvable": Setting(
            default=True, description="Whether goods may leave by approval before the deposit has come in"
        ),
    },
)
