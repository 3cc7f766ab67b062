"""The same payment sent many times at once is one payment, or a refusal that names it."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.db import Database
from huikuan.errors import Conflict
from huikuan.money import Money
from huikuan.runner import CommandResult
from huikuan.testing.shop import Shop, make_shop, need
from huikuan_receivables.models import Payment
from modules.receivables.tests.reading import open_of

TIMES = 20
WORKERS = 8


@pytest.fixture
def busy(database_with: Callable[..., Database], installed_modules: ModuleCatalog, signing_keys: KeyRing) -> Shop:
    """A tenant with a connection for each worker."""
    modules = tuple({"receivables", "orders"} & installed_modules.names)
    found = make_shop(database_with(pool_size=WORKERS), installed_modules, modules, keys=signing_keys)
    found.customers.create("C")
    return found


def send(shop: Shop, command: str, key: str, arguments: dict[str, Any]) -> CommandResult:
    """Send again what is told to be sent again, with the same key."""
    deadline = time.monotonic() + 120
    while True:
        try:
            return shop.kernel.run(shop.scope, command, arguments, key=key)
        except Conflict:
            assert time.monotonic() < deadline
        time.sleep(0.02)


def at_once(shop: Shop, command: str, keys: list[str], arguments: dict[str, Any]) -> list[CommandResult]:
    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(lambda key: send(shop, command, key, arguments), keys))


@pytest.mark.parametrize("same_key", [True, False], ids=["same key", "other keys"])
@pytest.mark.parametrize("reference", ["bank-1", None], ids=["reference", "no reference"])
def test_the_same_payment_many_times_at_once(busy: Shop, same_key: bool, reference: str | None) -> None:
    invoice = busy.invoicing.posted(total="100", customer="C")
    given: dict[str, Any] = {"customer": {"code": "C"}, "amount": Money(Decimal(60), "EUR"), "reference": reference}
    keys = ["one"] * TIMES if same_key else [uuid4().hex for _ in range(TIMES)]

    results = at_once(busy, "payment_record", keys, {"input": given})

    done = [result for result in results if result.done]
    assert {result.values["payment"] for result in done} == {done[0].values["payment"]}
    refused = [refusal for result in results for refusal in result.refusals]
    assert {refusal.code for refusal in refused} <= {"RECEIVABLES_DUPLICATE"}
    assert len(refused) == (TIMES - 1 if reference is None and not same_key else 0)
    assert all("PAY-000001" in refusal.message for refusal in refused)
    with busy.reading() as ctx:
        assert ctx.scalar(select(func.count(Payment.id))) == 1
    assert open_of(busy, invoice) == ["40.00"]
    assert busy.check() == []


def test_one_advance_and_many_invoices_of_its_order_at_once(busy: Shop, installed_modules: ModuleCatalog) -> None:
    """Whoever posts an invoice uses the advance, without the customer's lock: never more than there is."""
    need(installed_modules, "orders")
    order = busy.orders.confirmed(total="100", customer="C")
    given: dict[str, Any] = {
        "order": {"id": order.id},
        "amount": {"amount": "55", "currency": "EUR"},
        "reference": "adv",
    }
    payment = busy.mutate("paymentAdvance", **given)["payment"]["id"]
    part = {"position": 1, "quantity": "0.1"}
    drafts = [busy.mutate("invoiceFromOrder", order={"id": order.id}, lines=[part])["invoice"]["id"] for _ in range(10)]

    with ThreadPoolExecutor(WORKERS) as pool:
        posted = list(pool.map(lambda id: busy.mutate("invoicePost", id=id), drafts))

    assert not [refusal for answer in posted if not answer.errors for refusal in answer.payload["refusals"]]
    again = [id for id, answer in zip(drafts, posted, strict=True) if answer.errors]
    for id in again:
        busy.mutate("invoicePost", id=id)["invoice"]
    assert sum(map(Decimal, open_of(busy, *drafts)), Decimal(0)) == 45
    assert busy.query("query($id: ID!) { payment(id: $id) { unapplied { amount } } }", id=payment)["payment"] == {
        "unapplied": {"amount": "0.00"}
    }
    assert busy.check() == []
