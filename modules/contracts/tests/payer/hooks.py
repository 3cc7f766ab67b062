"""What was paid is what the test wrote into the book. Skips whoever imports it where invoicing is not installed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from huikuan import Refusal, hookimpl
from modules.contracts.tests.payer.errors import PAYER_STOPPED

snapshots = pytest.importorskip("huikuan_invoicing.snapshots", reason="invoicing is not installed")

paid: dict[UUID, Decimal] = {}
stopped: list[str] = []


@hookimpl
def invoicing_payment_parts(invoices: Sequence[UUID]) -> list[Any]:
    return [snapshots.PaymentPart(invoice_id=id, paid=paid[id]) for id in invoices if id in paid]


@hookimpl
def invoicing_before_post() -> list[Refusal]:
    return [Refusal(PAYER_STOPPED, reason) for reason in stopped]
