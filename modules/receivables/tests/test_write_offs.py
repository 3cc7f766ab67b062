"""What is given up needs a cause and, if it is much, somebody who agrees; what comes after all is not lost."""

from __future__ import annotations

from typing import Any

import pytest

from huikuan.testing.shop import Shop
from modules.receivables.tests.reading import account, invoice_of, ledger, open_of, payment_of


@pytest.fixture
def lenient(shop: Shop) -> Shop:
    """A tenant where up to 1,000 may be written off without asking."""
    shop.set("receivables.write_off_limit", "1000")
    return shop


def item_of(shop: Shop, invoice: Any) -> str:
    return str(invoice_of(shop, invoice)["receivableItems"][0]["id"])


def write_off(shop: Shop, invoice: Any, amount: str | None = None, **more: Any) -> Any:
    given = {"id": item_of(shop, invoice), "cause": "BAD_DEBT", "reason": "insolvent", **more}
    return shop.mutate("receivableWriteOff", **given, **({"amount": amount} if amount else {}))


def test_what_will_not_be_paid_is_given_up_with_its_cause(lenient: Shop) -> None:
    invoice = lenient.invoicing.posted(total="100", customer="C")
    lenient.receivables.pay("30", settle=[invoice])

    assert write_off(lenient, invoice, "70.01").refused("RECEIVABLES_NOT_OPEN")
    assert write_off(lenient, invoice, reason="").failed("BAD_USER_INPUT")
    write_off(lenient, invoice, "20")["allocation"]
    write_off(lenient, invoice)["allocation"]

    assert open_of(lenient, invoice) == ["0.00"]
    assert write_off(lenient, invoice).refused("RECEIVABLES_NOT_OPEN")
    assert ledger(lenient) == {"CASH": 30, "WRITE_OFF": 70, "SALES": -100}
    assert lenient.check() == []


def test_above_the_limit_somebody_else_approves_exactly_that(shop: Shop) -> None:
    shop.set("receivables.write_off_limit", "50")
    invoice = shop.invoicing.posted(total="100", customer="C")
    write_off(shop, invoice, "10")["allocation"]

    asked = write_off(shop, invoice, "60")
    assert asked.refused("RECEIVABLES_WRITE_OFF_LARGE")
    assert open_of(shop, invoice) == ["90.00"]
    hold = asked.payload["refusals"][0]["hold"]["id"]
    clerk = shop.acting_with("receivables.read", "receivables.write_off", "kernel.holds")
    assert clerk.mutate("holdRelease", id=hold, reason="please").failed("FORBIDDEN")
    released = shop.mutate("holdRelease", id=hold, reason="The CFO agreed.", select="hold { subject { id } }")
    assert released["hold"]["subject"]["id"] == item_of(shop, invoice)

    assert open_of(shop, invoice) == ["30.00"]  # the release did what had been asked for
    assert shop.check() == []


def test_what_was_given_up_is_taken_back_like_any_allocation(lenient: Shop) -> None:
    invoice = lenient.invoicing.posted(total="100", customer="C")
    written = write_off(lenient, invoice)["allocation"]["id"]

    lenient.mutate("allocationUndo", id=written, reason="they paid cash")["allocation"]

    assert open_of(lenient, invoice) == ["100.00"]
    assert lenient.check() == []


def test_money_for_what_was_given_up_is_recovered(lenient: Shop) -> None:
    invoice = lenient.invoicing.posted(total="100", customer="C")
    written = write_off(lenient, invoice)["allocation"]["id"]
    payment = lenient.receivables.pay("30")

    recover = {"id": written, "payment": {"id": payment}, "reason": "insolvency dividend"}
    assert lenient.mutate("receivableRecover", **recover, amount="100.01").refused("RECEIVABLES_NOT_OPEN")
    assert lenient.mutate("receivableRecover", **recover, amount="30.01").refused("RECEIVABLES_NOT_UNAPPLIED")
    lenient.mutate("receivableRecover", **recover)["payment"]

    assert open_of(lenient, invoice) == ["0.00"]
    assert ledger(lenient) == {"CASH": 30, "WRITE_OFF": 70, "SALES": -100}
    assert payment_of(lenient, payment)["allocations"][0]["invoice"]["number"] == invoice.number
    kinds = [(it["kind"], it["amount"]["amount"]) for it in invoice_of(lenient, invoice)["allocations"]]
    assert sorted(kinds) == [("PAYMENT", "30.00"), ("WRITE_OFF", "70.00")]
    assert lenient.mutate("receivableRecover", **recover).refused("RECEIVABLES_ALLOCATION_ENDED")
    assert lenient.check() == []


# --- provisions ---------------------------------------------------------------------------------


def provisions(shop: Shop, **more: Any) -> tuple[str, str, int]:
    select = "provisionRun { change { amount } total { amount } items }"
    found = shop.mutate("provisionRun", select=select, **more)["provisionRun"]
    return found["change"]["amount"], found["total"]["amount"], found["items"]


def test_provisions_follow_how_long_items_are_overdue(shop: Shop) -> None:
    old = shop.invoicing.posted(total="100", customer="C")
    shop.pass_time(days=60)
    shop.invoicing.posted(total="200", customer="C")
    shop.pass_time(days=31)

    assert provisions(shop) == ("70.00", "70.00", 2)
    assert provisions(shop) == ("70.00", "70.00", 2)
    assert ledger(shop) == {"RECEIVABLE": 300, "SALES": -300, "BAD_DEBT": 70, "PROVISION": -70}

    shop.receivables.pay("100", settle=[old])
    shop.pass_time(days=1)
    assert provisions(shop) == ("-50.00", "20.00", 1)
    assert account(shop)["open"] == "200.00"
    assert shop.mutate("provisionRun", on="2026-01-06").refused("RECEIVABLES_PROVISION_EARLIER")
    assert shop.check() == []


def test_rates_that_nobody_can_read_are_not_set(shop: Shop) -> None:
    for text in ("half", "0 10", "31 101", "31"):
        assert shop.set("receivables.provision_rates", text).refusals, text
