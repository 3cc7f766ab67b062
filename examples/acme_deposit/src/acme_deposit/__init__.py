"""Large orders wait for a deposit."""

from huikuan import Module

module = Module(
    name="acme_deposit",
    title="Deposit before confirmation",
    description="Large orders are confirmed only after a deposit was received.",
    requires=["orders>=0.1,<0.2"],
    permissions={"acme_deposit.record": "Record deposits", "acme_deposit.read": "Read deposits"},
)
