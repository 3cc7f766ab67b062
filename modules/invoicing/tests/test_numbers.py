"""Gapless numbers under load, with hooks that fail (I8)."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import select

from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.db import Database
from huikuan.errors import Conflict, HookError
from huikuan.testing.shop import Shop, make_shop
from huikuan_invoicing.api import invoice_draft, invoice_post
from huikuan_invoicing.models import Invoice
from huikuan_invoicing.snapshots import InvoiceStatus
from modules.invoicing.tests.clerk.hooks import Book
from modules.invoicing.tests.reading import at_once

WORKERS = 16


@pytest.fixture
def busy(
    database_with: Callable[..., Database],
    office_catalog: ModuleCatalog,
    signing_keys: KeyRing,
    book: Book,
) -> Shop:
    """A tenant with a clerk, on a database with a connection for each worker."""
    shop = make_shop(database_with(office_catalog, pool_size=WORKERS), office_catalog, ("clerk",), keys=signing_keys)
    assert shop.run("customer_create", input={"code": "C-1", "name": "Busy", "currency": "EUR"}).done
    return shop


def test_48_invoices(busy: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    _post_many(busy, monkeypatch, 48)


@pytest.mark.soak
def test_1000_invoices(busy: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    _post_many(busy, monkeypatch, 1_000)


def _post_many(shop: Shop, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """A fifth of the postings fail after everything was written; numbers: max = count = distinct."""
    # The clerk fails often here; that it would be paused for a while is another rule.
    monkeypatch.setattr(shop.scope.composition.bus._breaker, "limit", count)

    def one(number: int) -> bool:
        total = Decimal(666) if number % 5 == 0 else Decimal(number + 1000)
        line = {"description": "x", "unit_price": total}
        made = _again(shop, invoice_draft.name, f"d{number}", {"input": {"customer": {"code": "C-1"}, "lines": [line]}})
        assert made is not None
        return _again(shop, invoice_post.name, f"p{number}", {"id": made}) is not None

    posted = sum(at_once([lambda n=n: one(n) for n in range(count)], WORKERS))  # type: ignore[misc]
    assert posted == count - len(range(0, count, 5))
    with shop.reading() as ctx:
        numbers = ctx.scalars(select(Invoice.sequence).where(Invoice.status == InvoiceStatus.POSTED))
    assert sorted(numbers) == list(range(1, posted + 1))  # type: ignore[type-var]
    assert not shop.check()


def _again(shop: Shop, command: str, key: str, arguments: dict[str, object]) -> str | None:
    """Send until it is answered; None if the clerk failed."""
    while True:
        try:
            result = shop.kernel.run(shop.scope, command, arguments, key=key)
        except HookError:
            return None
        except Conflict:
            time.sleep(0.02)
            continue
        assert result.done, result.refusals
        found: str = result.values["invoice"]
        return found


def test_tenants_do_not_wait_for_each_other(
    database_with: Callable[..., Database], office_catalog: ModuleCatalog, signing_keys: KeyRing, book: Book
) -> None:
    """While one tenant holds its counter, another posts. (SQLite has one writer at a time.)"""
    database = database_with(office_catalog, pool_size=4)
    if database.dialect == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    shop = make_shop(database, office_catalog, ("clerk",), keys=signing_keys)
    other = shop.other_tenant("clerk")
    shop.invoicing.posted()
    held, go = threading.Event(), threading.Event()

    def hold() -> None:
        with contextlib.suppress(InterruptedError), shop.writing() as ctx:
            ctx.number("invoicing:INV-", Invoice(), format=str)
            ctx.fill_numbers()
            held.set()
            assert go.wait(30)
            raise InterruptedError

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(30)
    assert other.invoicing.posted().number == "INV-000001"
    go.set()
    thread.join()
    assert shop.invoicing.posted().number == "INV-000002"
