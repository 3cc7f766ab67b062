"""Payments of many lines at once: plain ones, in the company's currency, that settle items to the cent.

What is written is what `paying.record` and `allocating.settle_by_payment` write one by one; the payments are new, so
nobody else can use their money meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from huikuan.codec import digest
from huikuan.context import Context
from huikuan.ids import new_id
from huikuan.money import Money
from huikuan_receivables.banking.facts import LineFacts
from huikuan_receivables.banking.posting import NAMING, begins_dispute
from huikuan_receivables.changes import Changes
from huikuan_receivables.drawing import arrive
from huikuan_receivables.events import PaymentRecorded, PaymentSucceeded, ReceivableSettled
from huikuan_receivables.matching import Proposal
from huikuan_receivables.models import Allocation, Entry, ItemBalance, Payment, Posting
from huikuan_receivables.snapshots import Account, AllocationKind, EntryKind, PaymentMethod, PaymentStatus

__all__ = ["Bulk", "is_plain"]

ZERO = Decimal(0)
ONE = Decimal(1)


def is_plain(ctx: Context, line: LineFacts, proposal: Proposal, balances: Mapping[UUID, ItemBalance]) -> bool:
    """Whether nothing but money settles nothing but items of the company's currency, and nothing is left to do."""
    own = ctx.tenant.currency
    return (
        line.amount.currency == own
        and not proposal.kept
        and not _disputed(ctx, proposal)
        and all(
            part.item.currency == own
            and not part.write_off
            and not part.discount
            and not part.given_up
            and balances[part.item.item_id].base_open == balances[part.item.item_id].open
            and proposal.customer_id == part.item.customer_id
            for part in proposal.parts
        )
    )


def _disputed(ctx: Context, proposal: Proposal) -> bool:
    if not proposal.short or proposal.rule not in NAMING:
        return False
    last = proposal.parts[-1]
    return begins_dispute(ctx, last.item.currency, last.amount, proposal.short)


@dataclass(slots=True)
class Bulk:
    """Gathers payments; ``write`` inserts them table by table."""

    ctx: Context
    changes: Changes = field(init=False)
    _payments: list[Payment] = field(default_factory=list)
    _entries: list[dict[str, Any]] = field(default_factory=list)
    _postings: list[dict[str, Any]] = field(default_factory=list)
    _allocations: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.changes = Changes(self.ctx)

    def add(self, line: LineFacts, proposal: Proposal, balances: Mapping[UUID, ItemBalance]) -> Payment:
        """The payment of a line and what it settles; the accounts are locked."""
        assert proposal.customer_id is not None
        payment = self._payment(line, proposal)
        self._book_payment(payment)
        for part in proposal.parts:
            balance = balances[part.item.item_id]
            self._settle(payment, balance, part.amount, max(line.on, balance.issued_on), proposal)
        return payment

    def write(self) -> None:
        """Insert all that was gathered."""
        ctx = self.ctx
        prefix = str(ctx.setting("receivables.payment_prefix"))
        for payment in self._payments:
            ctx.number("receivables:payment", payment, format=lambda value: f"{prefix}{value:06d}")
        ctx.flush()
        ctx.insert(Entry, self._entries)
        ctx.insert(Posting, self._postings)
        ctx.insert(Allocation, self._allocations)
        arrive(ctx, self._payments)

    def _payment(self, line: LineFacts, proposal: Proposal) -> Payment:
        payment = self.ctx.add(
            Payment(
                customer_id=proposal.customer_id,
                status=PaymentStatus.SUCCEEDED,
                method=PaymentMethod.BANK_TRANSFER,
                amount=line.amount,
                rate=ONE,
                rate_units=1,
                rate_on=line.on,
                base_amount=line.amount.amount,
                received_on=line.on,
                input_hash=digest(line.id),
                bank_line_id=line.id,
                unapplied=proposal.rest,
                base_unapplied=proposal.rest,
            )
        )
        self._payments.append(payment)
        id, customer_id, amount = payment.id, payment.customer_id, line.amount
        self.ctx.emit(
            PaymentRecorded(
                payment_id=id,
                customer_id=customer_id,
                status=payment.status,
                method=payment.method,
                amount=amount,
                received_on=line.on,
            )
        )
        self.ctx.emit(PaymentSucceeded(payment_id=id, customer_id=customer_id, amount=amount, received_on=line.on))
        return payment

    def _book_payment(self, payment: Payment) -> None:
        amount = payment.amount.amount
        entry = self._entry(EntryKind.PAYMENT, payment.received_on, "Payment", payment.id, None)
        self._side(entry, Account.CASH, payment.customer_id, amount, payment=payment)
        self._side(entry, Account.UNAPPLIED, payment.customer_id, -amount, payment=payment)

    def _settle(self, payment: Payment, balance: ItemBalance, amount: Decimal, on: date, proposal: Proposal) -> None:
        allocation_id = new_id()
        entry = self._entry(EntryKind.ALLOCATION, on, "Allocation", allocation_id, proposal.reason)
        self._side(entry, Account.RECEIVABLE, balance.customer_id, -amount, item=balance)
        self._side(entry, Account.UNAPPLIED, payment.customer_id, amount, payment=payment)
        self._allocations.append(
            {
                "id": allocation_id,
                "payment_id": payment.id,
                "credit_item_id": None,
                "item_id": balance.item_id,
                "invoice_id": balance.invoice_id,
                "customer_id": balance.customer_id,
                "kind": AllocationKind.PAYMENT,
                "on": on,
                "currency": balance.currency,
                "amount": amount,
                "source_currency": payment.amount.currency,
                "source_amount": amount,
                "base_amount": amount,
                "cause": None,
                "rule": proposal.rule.name,
                "score": proposal.score,
                "reason": proposal.reason,
                "entry_id": entry["id"],
                "reverses_id": None,
            }
        )
        self.changes.shift(balance, -amount, -amount, on, EntryKind.ALLOCATION)
        self.ctx.emit(
            ReceivableSettled(
                invoice_id=balance.invoice_id,
                customer_id=balance.customer_id,
                allocation_id=allocation_id,
                payment_id=payment.id,
                kind=AllocationKind.PAYMENT,
                amount=Money(amount, balance.currency),
                open=Money(balance.open, balance.currency),
                on=on,
            )
        )

    def _entry(
        self, kind: EntryKind, on: date, source_type: str, source_id: UUID, reason: str | None
    ) -> dict[str, Any]:
        entry = {
            "id": new_id(),
            "kind": kind,
            "on": on,
            "source_type": source_type,
            "source_id": source_id,
            "reverses_id": None,
            "reason": reason,
        }
        self._entries.append(entry)
        return entry

    def _side(
        self,
        entry: Mapping[str, Any],
        account: Account,
        customer_id: UUID,
        amount: Decimal,
        *,
        item: ItemBalance | None = None,
        payment: Payment | None = None,
    ) -> None:
        self._postings.append(
            {
                "entry_id": entry["id"],
                "account": account,
                "customer_id": customer_id,
                "item_id": item.item_id if item is not None else None,
                "payment_id": payment.id if payment is not None else None,
                "on": entry["on"],
                "due_on": item.due_on if item is not None else None,
                "currency": self.ctx.tenant.currency,
                "amount": amount,
                "base_amount": amount,
            }
        )
