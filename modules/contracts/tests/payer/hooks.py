"""What was paid is what the test wrote into the book. Skips whoever imports it where invoicing is not installed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from huikuan import hookimpl

snapshots = pytest.importorskip("huikuan_invoicing.snapshots", reason="invoicing is not installed")

paid: dict[UUID, Decimal] = {}


@hookimpl
def invoicing_payment_parts(invoices: Sequence[UUID]) -> list[Any]:
    return [snapshots.PaymentPart(invoice_id=id, paid=paid[id]) for id in invoices if id in paid]
