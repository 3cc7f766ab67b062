"""What must be true after chaos: each acknowledged command is there, once, and nothing else is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from huikuan.core.models import AuditEntry, IdempotencyRecord, OutboxEvent
from huikuan.graphql.ids import encode_id
from huikuan_invoicing.models import Invoice
from huikuan_orders.models import Order, OrderTransition
from huikuan_orders.snapshots import OrderStatus
from huikuan_receivables.models import ItemBalance, Payment
from tests.chaos.journal import Done, Story
from tests.reliability.served import Site

__all__ = ["acknowledged_is_there", "everything_is_paid_once", "everything_is_there_once", "invariants_hold"]

EVENTS = {"order_create": ("ORDER_CREATED", 1), "order_confirm": ("ORDER_CONFIRMED", 2)}
ZERO = Decimal(0)


def acknowledged_is_there(site: Site, story: Story) -> None:
    """Each acknowledgement told the truth, and it still is."""
    orders = {encode_id("Order", row.id): row for row in _rows(site, Order)}
    payments = {encode_id("Payment", row.id): row for row in _rows(site, Payment)}
    lost = [done for done in story.done if not _stands(done, orders.get(done.it), payments.get(done.it))]
    assert not lost


def _stands(done: Done, order: Order | None, payment: Payment | None) -> bool:
    if done.command == "payment_record":
        return payment is not None and payment.reference == done.number == done.key
    if order is None or (order.notes, order.number) != (done.key, done.number):
        return False
    return done.command == "order_create" or order.status is OrderStatus.CONFIRMED


def everything_is_there_once(site: Site, story: Story) -> None:
    """Each command has one effect, one audit row, one event and one key, and numbers have no gap."""
    begun = sorted(key for command, key in story.begun if command == "order_create")
    assert sorted(story.keys("order_create")) == sorted(story.keys("order_confirm")) == begun
    orders = _rows(site, Order)
    assert sorted(order.notes for order in orders) == begun
    assert sorted(int(order.number.rpartition("-")[2]) for order in orders) == list(range(1, len(begun) + 1))
    ids = sorted(order.id for order in orders)
    assert sorted(row.order_id for row in _rows(site, OrderTransition)) == ids
    for command, (event, sequence) in EVENTS.items():
        audit = _rows(site, AuditEntry, command=command)
        assert sorted(row.subject_id for row in audit) == ids
        assert {row.outcome for row in audit} == {"DONE"}
        events = _rows(site, OutboxEvent, type=event)
        assert sorted(row.aggregate_id for row in events) == ids
        assert {row.sequence for row in events} == {sequence}
        assert sorted(row.audit_id for row in events) == sorted(row.id for row in audit)
        assert sorted(row.key for row in _rows(site, IdempotencyRecord, command=command)) == begun


def everything_is_paid_once(site: Site, story: Story) -> None:
    """Each order has its invoice and its payment, and of neither is anything left."""
    begun = sorted(key for command, key in story.begun if command == "payment_record")
    payments, invoices = _rows(site, Payment), _rows(site, Invoice)
    assert sorted(story.keys("payment_record")) == sorted(str(row.reference) for row in payments) == begun
    assert len(invoices) == len(begun)
    assert sum((row.total_amount for row in invoices), ZERO) == sum((row.amount_amount for row in payments), ZERO)
    assert {row.unapplied for row in payments} <= {ZERO}
    assert {row.open for row in _rows(site, ItemBalance)} <= {ZERO}
    audit = _rows(site, AuditEntry, command="payment_record")
    assert sorted(row.subject_id for row in audit) == sorted(row.id for row in payments)
    assert sorted(row.key for row in _rows(site, IdempotencyRecord, command="payment_record")) == begun


def invariants_hold(environment: Mapping[str, str]) -> int:
    """`huikuan check` finds nothing; returns how many invariants it proved."""
    command = [sys.executable, "-m", "huikuan.cli", "check", "--all-tenants", "--json"]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = [item for results in json.loads(done.stdout).values() for item in results]
    assert not [item for item in found if item["violations"]]
    return len(found)


def _rows(site: Site, model: Any, **equals: Any) -> list[Any]:
    with site.kernel.reading(site.scope()) as ctx:
        return list(ctx.scalars(select(model).filter_by(**equals)))
