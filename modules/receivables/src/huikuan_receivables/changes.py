"""What is open of items, changed together with the ledger: the only place that writes balances of items."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan_receivables.booking import Side, book
from huikuan_receivables.hookspecs import receivables_after_settle
from huikuan_receivables.models import ItemBalance, ReceivableItem
from huikuan_receivables.snapshots import Account, EntryKind, SettledItem

__all__ = ["Changes", "item_balances", "items_of"]

MANY = 500
ZERO = Decimal(0)


def item_balances(ctx: Context, ids: Collection[UUID]) -> dict[UUID, ItemBalance]:
    """Balances by item; unknown ids are left out."""
    if not ids:
        return {}
    if len(ids) > MANY:
        return {row.item_id: row for row in ctx.scalars(select(ItemBalance).where(ctx.among(ItemBalance.item_id, ids)))}
    return ctx.get_many(ItemBalance, ids)  # a balance has the id of its item


def items_of(ctx: Context, ids: Collection[UUID]) -> dict[UUID, ReceivableItem]:
    """Items by id; unknown ids are left out."""
    if not ids:
        return {}
    return {row.id: row for row in ctx.scalars(select(ReceivableItem).where(ctx.among(ReceivableItem.id, ids)))}


@dataclass(slots=True)
class _Change:
    balance: ItemBalance
    before: Decimal
    on: date
    kind: EntryKind


class Changes:
    """Balances that one command changes. ``finish`` posts differences of exchange rates and tells the others."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._changed: dict[UUID, _Change] = {}

    def shift(self, balance: ItemBalance, amount: Decimal, base: Decimal, on: date, kind: EntryKind) -> None:
        """Add to what is open; negative for what is settled. The ledger has been written by the caller."""
        known = self._changed.setdefault(balance.item_id, _Change(balance, balance.open, on, kind))
        known.on, known.kind = max(known.on, on), kind
        balance.open += amount
        balance.base_open += base
        balance.closed_on = None if balance.open else known.on

    def finish(self) -> None:
        """Once, when all is written."""
        for change in self._changed.values():
            self._exchange(change)
        items = [
            SettledItem(
                item_id=change.balance.item_id,
                invoice_id=change.balance.invoice_id,
                customer_id=change.balance.customer_id,
                currency=change.balance.currency,
                due_on=change.balance.due_on,
                before=change.before,
                after=change.balance.open,
                on=change.on,
                kind=change.kind,
            )
            for change in self._changed.values()
        ]
        self._changed.clear()
        if items:
            self._ctx.react(receivables_after_settle, items=items)

    def _exchange(self, change: _Change) -> None:
        """An item that closes leaves nothing in the company's currency either; one that opens again takes it back."""
        balance = change.balance
        if balance.open:
            self._difference(change, -balance.fx)
        elif balance.base_open:
            self._difference(change, balance.base_open)

    def _difference(self, change: _Change, amount: Decimal) -> None:
        """Move so much of the company's currency from the item to the difference of exchange rates."""
        if not amount:
            return
        balance, ctx = change.balance, self._ctx
        item = ctx.get(ReceivableItem, balance.item_id)
        # Where the document's rate was never known, its value becomes known by what settles it.
        account = Account.FX if item.rated else Account.SALES
        book(
            ctx,
            EntryKind.FX_DIFFERENCE,
            change.on,
            ("ReceivableItem", balance.item_id),
            [
                _base_side(Account.RECEIVABLE, balance, -amount),
                _base_side(account, balance, amount),
            ],
        )
        balance.base_open -= amount
        balance.fx += amount


def _base_side(account: Account, balance: ItemBalance, base: Decimal) -> Side:
    return Side(
        account=account,
        customer_id=balance.customer_id,
        currency=balance.currency,
        amount=ZERO,
        base=base,
        item=balance,
    )
