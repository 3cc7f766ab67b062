"""What the ledger adds to customers, invoices and instalments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from huikuan.context import Context
from huikuan.graphql import batch, connection, extend, to_many
from huikuan.money import Money
from huikuan.values import Ref
from huikuan_customers.types import Customer
from huikuan_invoicing.types import Invoice, InvoiceInstalment
from huikuan_receivables import models
from huikuan_receivables.aging import account_aging, edges_of
from huikuan_receivables.planning import upcoming
from huikuan_receivables.queries import balances
from huikuan_receivables.types import (
    Allocation,
    CustomerReceivables,
    Payment,
    ReceivableItem,
    as_account,
    by_attribute,
)

__all__ = ["CustomerAccount", "InstalmentItem", "InvoiceItems"]


@extend(Customer)
class CustomerAccount:
    """The account of a customer."""

    receivable_items = connection(
        ReceivableItem, "customer_id", "Items on its account, settled ones too.", permission="receivables.read"
    )
    payments = connection(Payment, "customer_id", "Its payments.", permission="receivables.read")

    @batch(requires=["id", "currency"], permission="receivables.read")
    def receivables(
        ctx: Context, customers: Sequence[Any], currency: str | None = None, as_of: date | None = None
    ) -> list[CustomerReceivables]:
        """Its account in one currency, by default its own or the company's; today or as of a day."""
        ids = [row.id for row in customers]
        found, buckets = balances(ctx, ids, as_of=as_of), edges_of(ctx, None)
        aging = account_aging(ctx, ids, buckets, as_of=as_of)
        coming = upcoming(ctx, ids) if as_of is None else {}
        accounts = []
        for row in customers:
            code = currency or row.currency or ctx.tenant.currency
            own = next((it for it in found.get(row.id, ()) if it.currency == code), None)
            key = (row.id, code)
            accounts.append(as_account(own, code, as_of or ctx.today, buckets, aging.get(key), coming.get(key)))
        return accounts

    @batch(requires=["id"], permission="receivables.read")
    def receivable_balances(
        ctx: Context, customers: Sequence[Any], as_of: date | None = None
    ) -> list[list[CustomerReceivables]]:
        """Its accounts in all currencies in which there is anything; today or as of a day."""
        ids, day = [row.id for row in customers], as_of or ctx.today
        found, buckets = balances(ctx, ids, as_of=as_of), edges_of(ctx, None)
        aging = account_aging(ctx, ids, buckets, as_of=as_of)
        coming = upcoming(ctx, ids) if as_of is None else {}
        return [
            [
                as_account(it, it.currency, day, buckets, aging.get(key), coming.get(key))
                for it in found.get(row.id, ())
                for key in ((row.id, it.currency),)
            ]
            for row in customers
        ]


@extend(Invoice)
class InvoiceItems:
    """What receivables knows of an invoice."""

    receivable_items: list[ReceivableItem] = to_many(
        "invoice_id", "Its items in the ledger, one for each instalment.", order_by="sequence"
    )

    @batch(requires=["id"], permission="receivables.read")
    def allocations(ctx: Context, invoices: Sequence[Any], all: bool = False) -> list[list[Ref[Allocation]]]:
        """What settles it; with `all` also what was taken back."""
        found = by_attribute(ctx, "invoice_id", [row.id for row in invoices], all=all)
        return [found[row.id] for row in invoices]


@extend(InvoiceInstalment)
class InstalmentItem:
    """What receivables knows of an instalment."""

    @batch(requires=["id"], permission="receivables.read")
    def open(ctx: Context, instalments: Sequence[Any]) -> list[Money | None]:
        """What is open of it."""
        same = (models.ItemBalance.item_id == models.ReceivableItem.id) & (
            models.ItemBalance.tenant_id == models.ReceivableItem.tenant_id
        )
        ids = [row.id for row in instalments]
        rows = ctx.rows(
            select(models.ReceivableItem.instalment_id, models.ItemBalance.open, models.ItemBalance.currency)
            .join(models.ItemBalance, same)
            .where(models.ReceivableItem.instalment_id.in_(ids))
        )
        found = {row.instalment_id: Money(row.open, row.currency) for row in rows}
        return [found.get(id) for id in ids]
