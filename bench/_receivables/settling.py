"""One payment for 20 instalments."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta

from bench._receivables.site import Site
from huikuan.ids import new_id
from huikuan.kernel import Kernel
from huikuan.runner import Scope
from huikuan_receivables.api import open_items

__all__ = ["allocating"]

INSTALMENTS = 20


def allocating(site: Site) -> dict[str, float]:
    """``allocate_ms``: the command that lets a payment settle 20 invoices, which are named; commit included."""
    scope = site.tenant("settling")
    _run(site.kernel, scope, "customer_create", input={"code": "C", "name": "Customer", "currency": "EUR"})
    with site.kernel.reading(scope) as ctx:
        today = ctx.today
    taken = []
    for place in range(site.size.payments + 1):
        numbers = [f"X-{place}-{part}" for part in range(INSTALMENTS)]
        invoices = [
            {
                "number": number,
                "customer": "C",
                "issued_on": today - timedelta(days=30),
                "total": {"amount": "12.50", "currency": "EUR"},
            }
            for number in numbers
        ]
        _run(site.kernel, scope, "invoices_import", invoices=invoices)
        amount = {"amount": "250.00", "currency": "EUR"}
        given = {"customer": {"code": "C"}, "amount": amount, "reference": f"P-{place}", "allocations": []}
        payment = _run(site.kernel, scope, "payment_record", input=given)["payment"]
        shares = [{"invoice": {"number": number}} for number in numbers]
        started = time.perf_counter()
        _run(site.kernel, scope, "payment_allocate", id=payment, allocations=shares)
        taken.append(time.perf_counter() - started)
    with site.kernel.reading(scope) as ctx:
        assert not open_items(ctx), "each payment settled its 20 invoices"
    return {"allocate_ms": statistics.median(taken[1:]) * 1e3}


def _run(kernel: Kernel, scope: Scope, name: str, **arguments: object) -> dict[str, object]:
    result = kernel.run(scope, name, arguments, key=str(new_id()))
    assert result.done, result.refusals
    return dict(result.values)
