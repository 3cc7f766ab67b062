"""Goods and their invoices in random order: partial shipments, returns, cancellations, credit notes, deposits."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import strategies as st
from sqlalchemy import func, select

from huikuan.testing.sequences import initialize, invariant, rule
from huikuan.testing.shop import Shop
from huikuan_inventory.models import Shipment
from huikuan_inventory.snapshots import ShipmentState
from huikuan_invoicing.models import Invoice, InvoiceLine
from huikuan_invoicing.snapshots import InvoiceKind, InvoiceStatus
from huikuan_orders.models import Order
from modules.inventory.tests.test_sequences import Goods, amounts, picks, run

methods = st.sampled_from(["order", "shipment", "manual"])
aftermaths = st.sampled_from(["REBILL", "IGNORE"])


class InvoicedGoods(Goods):
    """The warehouse, and the office that invoices what leaves it."""

    modules: tuple[str, ...] = ("inventory", "invoicing", "orders")

    @initialize(method=methods, post=st.sampled_from(["true", "false"]), percent=st.sampled_from(["0", "10"]))
    def agree(self, method: str, post: str, percent: str) -> None:
        self.tenant.set("invoicing.method", method)
        self.tenant.set("invoicing.auto_post", post)
        self.tenant.set("invoicing.overbilling_percent", percent)

    @rule(weight=3, pick=picks, quantity=st.none() | amounts)
    def invoice(self, pick: int, quantity: int | None) -> None:
        id = self.one(Order, pick)
        if id is not None:
            some = None if quantity is None else [{"position": 1, "quantity": Decimal(quantity)}]
            self.do("invoice_from_order", order={"id": id}, lines=some)

    @rule(pick=picks, percent=st.integers(1, 100).map(Decimal))
    def ask_deposit(self, pick: int, percent: Decimal) -> None:
        id = self.one(Order, pick)
        if id is not None:
            self.do("invoice_deposit", order={"id": id}, percent=percent)

    @rule(weight=3, pick=picks, what=st.sampled_from(["invoice_post", "invoice_discard"]))
    def decide(self, pick: int, what: str) -> None:
        id = self.one(Invoice, pick, Invoice.status == InvoiceStatus.DRAFT)
        if id is not None:
            self.do(what, id=id)

    @rule(weight=3, pick=picks, quantity=st.none() | amounts, aftermath=aftermaths, post=st.booleans())
    def credit(self, pick: int, quantity: int | None, aftermath: str, post: bool) -> None:
        id = self.one(Invoice, pick, Invoice.kind != InvoiceKind.CREDIT_NOTE)
        if id is not None:
            some: dict[str, Any] = {}
            if quantity is not None:
                some["lines"] = [{"position": 1, "quantity": Decimal(quantity)}]
            self.do("invoice_credit", id=id, reason="broken", aftermath=aftermath, post_now=post, **some)

    @invariant()
    def what_left_is_invoiced_once(self) -> None:
        """One invoice for each shipment at most, never for more than left; numbers count the posted documents."""
        with self.tenant.reading() as ctx:
            keys = ctx.scalars(select(Invoice.billing_key).where(Invoice.billing_key.startswith("shipment:")))
            left = ctx.scalars(select(Shipment.id).where(Shipment.state == ShipmentState.SHIPPED))
            posted = ctx.scalar(select(func.count(Invoice.id)).where(Invoice.status != InvoiceStatus.DRAFT))
            numbers = ctx.scalars(select(Invoice.number).where(Invoice.number.is_not(None)))
            sums = ctx.rows(
                select(Invoice.id, Invoice.total_amount, func.sum(InvoiceLine.gross).label("lines"))
                .join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
                .group_by(Invoice.id, Invoice.total_amount)
            )
        assert len(keys) == len(set(keys))
        assert {key.removeprefix("shipment:") for key in keys if key} <= {str(id) for id in left}
        assert posted == len(numbers) == len(set(numbers))
        assert all(row.total_amount == row.lines for row in sums)


def test_any_sequence_of_commands_keeps_the_books_true(app_with: Callable[..., Shop]) -> None:
    run(app_with(), 6, 15, InvoicedGoods)


@pytest.mark.soak
def test_2000_sequences_of_commands_keep_the_books_true(app_with: Callable[..., Shop]) -> None:
    run(app_with(), 2_000, 15, InvoicedGoods)
