"""What tests read of the ledger, and how they say it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from huikuan.graphql.ids import decode_id
from huikuan.testing.shop import Shop
from huikuan_receivables.models import Posting

PAYMENT = """query($id: ID!) { payment(id: $id) { number status reference failureReason endedOn receivedOn
  amount { amount currency } unapplied { amount } refunds { id kind amount { amount } reason }
  allocations { id kind rule reason amount { amount currency } sourceAmount { amount currency } on
    invoice { number } item { sequence } } } }"""
INVOICE = """query($id: ID!) { invoice(id: $id) { number paymentState open { amount } paid { amount }
  credited { amount }
  overdue { amount } instalments { sequence open { amount } }
  receivableItems { id sequence open { amount } dueOn closedOn daysOverdue }
  allocations { id kind amount { amount } on reason payment { reference } } } }"""
ACCOUNT = """query($code: String!, $currency: CurrencyCode, $asOf: Date) { customer(code: $code) {
  receivables(currency: $currency, asOf: $asOf) { currency open { amount } overdue { amount } overdueCount
    unapplied { amount } outstanding { amount } oldestDueOn } } }"""


def payment_of(shop: Shop, id: str) -> dict[str, Any]:
    """A payment and what it settles."""
    found: dict[str, Any] = shop.query(PAYMENT, id=id)["payment"]
    return found


def invoice_of(shop: Shop, invoice: Any) -> dict[str, Any]:
    """An invoice, its items and what settles it."""
    found: dict[str, Any] = shop.query(INVOICE, id=getattr(invoice, "id", invoice))["invoice"]
    return found


def unapplied(shop: Shop, payment: str) -> str:
    """What is unapplied of a payment."""
    return str(payment_of(shop, payment)["unapplied"]["amount"])


def open_of(shop: Shop, *invoices: Any) -> list[str]:
    """What is open of invoices."""
    return [invoice_of(shop, it)["open"]["amount"] for it in invoices]


def items_open(shop: Shop, invoice: Any) -> list[str]:
    """What is open of the items of an invoice, instalment by instalment."""
    return [it["open"]["amount"] for it in invoice_of(shop, invoice)["receivableItems"]]


def account(shop: Shop, code: str = "C", **more: Any) -> dict[str, Any]:
    """A customer's account, its amounts as texts."""
    found = shop.query(ACCOUNT, code=code, **more)["customer"]["receivables"]
    return {key: value["amount"] if isinstance(value, dict) else value for key, value in found.items()}


def settled(shop: Shop, payment: str) -> list[tuple[str, str, str]]:
    """What a payment settles: kind, amount and why."""
    return [(it["kind"], it["amount"]["amount"], it["reason"]) for it in payment_of(shop, payment)["allocations"]]


def ledger(shop: Shop) -> dict[str, Decimal]:
    """The balance of each account in the company's currency; those of nothing are left out."""
    with shop.reading() as ctx:
        rows = ctx.rows(select(Posting.account, func.sum(Posting.base_amount)).group_by(Posting.account))
    return {account.name: amount for account, amount in rows if amount}


def uuid_of(type_name: str, id: str) -> UUID:
    """The id behind a global one."""
    return decode_id(type_name, id)
