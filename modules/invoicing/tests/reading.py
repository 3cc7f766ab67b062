"""What tests read of an invoice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import select

from huikuan.core.models import OutboxEvent
from huikuan.testing.shop import Shop

T = TypeVar("T")

INVOICE = """query($id: ID!) { invoice(id: $id) {
  number kind status reference billingKey currency rate rateUnits rateOn issuedOn dueOn paymentTerms notes past reason
  billToName billToTaxId billToAddress contentHash taxRounding discountTax aftermath
  customer { code } billTo { code } payer { code } origin { number } creditNotes { number }
  net { amount } tax { amount } total { amount currency } baseTotal { amount currency }
  paymentState cancelled paid { amount } credited { amount } open { amount } overdue { amount } nextDueOn
  lines { position sku description quantity unitPrice taxCode net { amount } tax { amount } gross { amount } }
  taxes { code percent base { amount } tax { amount } }
  instalments { sequence dueOn amount { amount } discountUntil discountAmount { amount } } } }"""


def read(shop: Shop, invoice: Any) -> dict[str, Any]:
    """An invoice with all that hangs on it."""
    found: dict[str, Any] = shop.query(INVOICE, id=getattr(invoice, "id", invoice))["invoice"]
    return found


def amounts(invoice: dict[str, Any]) -> tuple[str, str, str]:
    """Net, tax and total."""
    return invoice["net"]["amount"], invoice["tax"]["amount"], invoice["total"]["amount"]


def parts(invoice: dict[str, Any]) -> list[tuple[str, str]]:
    """Instalments: when due, and how much."""
    return [(part["dueOn"], part["amount"]["amount"]) for part in invoice["instalments"]]


def events(shop: Shop) -> list[str]:
    """The types of all events of invoices, in order."""
    with shop.reading() as ctx:
        return list(
            ctx.scalars(select(OutboxEvent.type).where(OutboxEvent.aggregate == "invoice").order_by(OutboxEvent.id))
        )


def at_once(calls: Sequence[Callable[[], T]], threads: int) -> list[T]:
    """The results of calls that run at the same time."""
    with ThreadPoolExecutor(threads) as pool:
        return [found.result() for found in [pool.submit(call) for call in calls]]
