"""What other modules are told of what is settled, and where they have a say."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from huikuan.catalog import InstalledModule, ModuleCatalog
from huikuan.money import Money
from huikuan.testing.shop import Shop
from huikuan_receivables.snapshots import WriteOffCause
from modules.receivables.tests import office
from modules.receivables.tests.office import errors, hooks
from modules.receivables.tests.office.hooks import Book
from modules.receivables.tests.reading import invoice_of, open_of, payment_of


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> Book:
    """What the office is told in this test, and what it says."""
    fresh = Book()
    monkeypatch.setattr(hooks, "book", fresh)
    return fresh


@pytest.fixture
def watched(app_with: Callable[..., Shop], book: Book, installed_modules: ModuleCatalog) -> Shop:
    """A tenant whose receivables the office looks at."""
    found = InstalledModule(office.module, "0.1.0", office.__name__, {"errors": errors, "hooks": hooks})
    shop = app_with("office", catalog=ModuleCatalog([*installed_modules, found]))
    shop.customers.create("C")
    return shop


def test_receivables_after_settle(watched: Shop, book: Book) -> None:
    first, second = (watched.invoicing.posted(total="100", customer="C") for _ in range(2))
    payment = watched.receivables.pay("150", settle=[first, second])
    undone = payment_of(watched, payment)["allocations"][1]["id"]
    watched.mutate("allocationUndo", id=undone, reason="wrong")["allocation"]
    watched.invoicing.credit(second)

    assert [(int(before), int(after)) for before, after in book.settled] == [
        (100, 0),
        (100, 50),
        (50, 100),
        (100, 0),
        (-100, 0),
    ]


def test_receivables_after_unapplied(watched: Shop, book: Book) -> None:
    """Money comes, is used, given back, paid back in part, and the rest is taken back."""
    invoice = watched.invoicing.posted(total="100", customer="C")
    payment = watched.receivables.pay("150", settle=[invoice])
    undone = payment_of(watched, payment)["allocations"][0]["id"]
    watched.mutate("allocationUndo", id=undone, reason="wrong")["allocation"]
    refund = watched.mutate("paymentRefund", id=payment, reason="too much", amount="50")["refund"]["id"]
    watched.mutate("refundCancel", id=refund, reason="wrong account")["refund"]
    watched.mutate("paymentBounce", id=payment, reason="no cover")["payment"]

    assert [(int(before), int(after)) for before, after in book.unapplied] == [
        (0, 150),
        (150, 50),
        (50, 150),
        (150, 100),
        (100, 150),
        (150, 0),
    ]


def test_statements_tell_of_what_they_leave_unapplied(watched: Shop, book: Book) -> None:
    invoice = watched.invoicing.posted(total="100", customer="C")
    watched.receivables.statement(("130.00", f"Payment of {invoice.number}"))
    assert watched.mutate("bankMatchRun", select="posted")["posted"] == 1
    assert sum(after - before for before, after in book.unapplied) == 30


def test_receivables_before_write_off(watched: Shop, book: Book) -> None:
    watched.set("receivables.write_off_limit", "1000")
    invoice = watched.invoicing.posted(total="100", customer="C")
    given = {"id": invoice_of(watched, invoice)["receivableItems"][0]["id"], "cause": "GOODWILL", "reason": "a favour"}

    book.objects = True
    assert watched.mutate("receivableWriteOff", **given).refused("OFFICE_NO")
    book.objects = False
    watched.mutate("receivableWriteOff", **given, amount="40")["allocation"]

    assert open_of(watched, invoice) == ["60.00"]
    assert book.asked == [
        (invoice.number, Money(Decimal(amount), "EUR"), WriteOffCause.GOODWILL) for amount in (100, 40)
    ]
