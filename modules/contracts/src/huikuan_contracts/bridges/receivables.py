"""Money that settles an instalment's invoice has come in on it, whether it came just now or beforehand (CON-4)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from huikuan import Context, Id, Money, Refusal, command, hookimpl
from huikuan_contracts.api import instalments_by_invoice, instalments_follow
from huikuan_contracts.commands.progress import require_binding
from huikuan_contracts.errors import NOT_DUE, NOTHING_UNAPPLIED
from huikuan_contracts.models import Contract, ContractInstalment
from huikuan_contracts.queries import instalments_of_orders
from huikuan_contracts.snapshots import BilledBy, InstalmentSnapshot, ReceivedPart
from huikuan_contracts.views import contract_lock
from huikuan_customers.api import customer_lock
from huikuan_receivables.api import allocate, items_of_invoices, last_payments, unapplied
from huikuan_receivables.snapshots import OpenItem, SettledItem, Share, Unapplied

ORDER = "Order"
ZERO = Decimal(0)


@hookimpl
def receivables_after_settle(ctx: Context, items: Sequence[SettledItem]) -> None:
    """Owners are told at once, and what was taken back is open again."""
    invoices = list({item.invoice_id for item in items})
    found = {part.id for part in instalments_by_invoice(ctx, invoices).values()}
    if ctx.exists(Contract, billed_by=BilledBy.ORDERS, cancelled_on=None):
        documents = {item.document_id for item in items_of_invoices(ctx, invoices) if item.document_id is not None}
        found |= instalments_of_orders(ctx, ORDER, documents)
    instalments_follow(ctx, sorted(found))


@hookimpl
def contracts_received_parts(ctx: Context, instalments: Sequence[InstalmentSnapshot]) -> list[ReceivedPart]:
    """The day of the money; how much came in on an invoice is told by the bridge to invoicing."""
    by_invoice = {part.invoice_id: part for part in instalments if part.invoice_id is not None}
    return [
        ReceivedPart(instalment_id=by_invoice[id].id, amount=Money.zero(by_invoice[id].amount.currency), on=on)
        for id, on in last_payments(ctx, list(by_invoice)).items()
    ]


@command(permission="contracts.bill", idempotency="natural")
def contract_instalment_settle(ctx: Context, id: Id[ContractInstalment]) -> ContractInstalment:
    """Let what the customer paid beforehand settle the instalment's invoice, the oldest money first, as far as it goes.

    Money paid for an order stays with its order. Asked again for an instalment that has come in it changes nothing.
    """
    part = ctx.get(ContractInstalment, id)
    contract = ctx.get(Contract, part.contract_id)
    owners = {item.customer_id for item in _items(ctx, part)}
    ctx.lock([contract_lock(contract.id), *(customer_lock(it) for it in {contract.customer_id, *owners})])
    part, contract = ctx.get(ContractInstalment, id), ctx.get(Contract, contract.id)
    require_binding(ctx, contract)
    items = _items(ctx, part)
    if not items:
        ctx.refuse(
            Refusal(
                NOT_DUE,
                f"Instalment {part.sequence} has no posted invoice that money could settle.",
                advice="Invoice it by contractInstalmentInvoice, and post the invoice.",
            )
        )
    if any(item.open > ZERO for item in items):
        _draw(ctx, contract, part, items)
    return part


def _items(ctx: Context, part: ContractInstalment) -> list[OpenItem]:
    return items_of_invoices(ctx, [part.invoice_id]) if part.invoice_id is not None else []


def _draw(ctx: Context, contract: Contract, part: ContractInstalment, items: Sequence[OpenItem]) -> None:
    owners = {contract.customer_id, *(item.customer_id for item in items)}
    free = [
        money for money in unapplied(ctx, owners) if money.currency == part.amount.currency and money.source_id is None
    ]
    if not free:
        ctx.refuse(
            Refusal(
                NOTHING_UNAPPLIED,
                f"The customer of contract {contract.number} paid nothing beforehand that is left.",
                advice="Record a payment for the invoice.",
            )
        )
    left = {item.item_id: item.open for item in items if item.open > ZERO}
    for money in free:
        shares = _shares(money, left)
        if shares:
            reason = f"drawn for instalment {part.sequence} of contract {contract.number}"
            allocate(ctx, money.payment_id, shares, reason=reason, round_off=False)


def _shares(money: Unapplied, left: dict[UUID, Decimal]) -> list[Share]:
    """What the money settles of what is left, which is lowered by it."""
    found, amount = [], money.amount
    for item_id in list(left):
        taken = min(amount, left[item_id])
        if taken > ZERO:
            found.append(Share(item_id=item_id, amount=taken))
            left[item_id] -= taken
            amount -= taken
    return found
