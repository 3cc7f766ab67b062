"""Credit notes: those of an invoice settle it, free ones are money on the account."""

from __future__ import annotations

from datetime import date
from typing import Any

from huikuan.testing.shop import Shop
from huikuan_invoicing.testing import BuiltInvoice, line
from modules.receivables.tests.reading import account, invoice_of, items_open, ledger, open_of, payment_of, unapplied

ITEMS = "{ receivablesOpenItems { nodes { item { id } } } }"
PROMISED = "query($id: ID!) { receivableItem(id: $id) { paymentPromises { nodes { state paid { amount } } } } }"
SETTLED = "allocations { kind amount { amount } invoice { number } }"


def credit_note(shop: Shop, total: str, customer: str = "C") -> BuiltInvoice:
    """A credit note of its own, which takes back no invoice."""
    built: BuiltInvoice = shop.invoicing.posted(lines=[line(f"{total}", quantity="-1")], customer=customer)
    return built


def use(shop: Shop, note: BuiltInvoice, **more: Any) -> Any:
    return shop.mutate("receivableCreditAllocate", creditNote={"id": note.id}, select=SETTLED, **more)


def promised(shop: Shop, item: str) -> dict[str, Any]:
    [found] = shop.query(PROMISED, id=item)["receivableItem"]["paymentPromises"]["nodes"]
    return dict(found)


def test_a_credit_note_settles_the_invoice_that_it_takes_back(shop: Shop) -> None:
    invoice = shop.invoicing.posted(lines=[line("60"), line("40")], customer="C")

    note = shop.invoicing.credit(invoice, lines=[{"position": 2}])

    assert open_of(shop, invoice, note) == ["60.00", "0.00"]
    found = invoice_of(shop, invoice)
    assert [(it["kind"], it["amount"]["amount"]) for it in found["allocations"]] == [("ORIGIN", "40.00")]
    assert (found["paid"]["amount"], found["credited"]["amount"]) == ("0.00", "40.00")
    assert ledger(shop) == {"RECEIVABLE": 60, "SALES": -60}
    assert shop.check() == []


def test_a_credit_note_of_a_paid_invoice_sets_its_money_free(shop: Shop) -> None:
    """What is paid and credited never comes to more than the invoice."""
    invoice = shop.invoicing.posted(lines=[line("60"), line("40")], customer="C")
    first = shop.receivables.pay("70", settle=[invoice])
    second = shop.receivables.pay("30", settle=[invoice])

    shop.invoicing.credit(invoice, lines=[{"position": 2}])

    assert open_of(shop, invoice) == ["0.00"]
    assert [unapplied(shop, it) for it in (first, second)] == ["10.00", "30.00"]
    found = invoice_of(shop, invoice)
    assert (found["paid"]["amount"], found["credited"]["amount"], found["paymentState"]) == ("60.00", "40.00", "PAID")
    assert account(shop)["outstanding"] == "-40.00"
    assert shop.check() == []


def test_credited_whole_after_it_was_written_off_nothing_stays_written_off(shop: Shop) -> None:
    shop.set("receivables.tolerance", "EUR 1")
    invoice = shop.invoicing.posted(total="100", customer="C")
    payment = shop.receivables.pay("99", settle=[invoice])

    shop.invoicing.credit(invoice)

    assert open_of(shop, invoice) == ["0.00"]
    assert unapplied(shop, payment) == "99.00"
    assert ledger(shop) == {"CASH": 99, "UNAPPLIED": -99}
    assert invoice_of(shop, invoice)["paymentState"] == "REVERSED"
    assert shop.check() == []


def test_a_credit_note_settles_instalments_in_the_order_in_which_they_are_due(shop: Shop) -> None:
    terms = shop.customers.terms("T2", {"kind": "EQUAL_PARTS", "parts": 2, "days": 10, "everyDays": 10})
    invoice = shop.invoicing.posted(lines=[line("60"), line("40")], customer="C", paymentTerms=terms)

    shop.invoicing.credit(invoice, lines=[{"position": 1}])

    assert items_open(shop, invoice) == ["0.00", "40.00"]


def test_what_takes_back_its_own_invoice_is_not_taken_off_it(shop: Shop) -> None:
    invoice = shop.invoicing.posted(lines=[line("60"), line("40")], customer="C")
    note = shop.invoicing.credit(invoice, lines=[{"position": 2}])
    [own] = invoice_of(shop, invoice)["allocations"]

    assert shop.mutate("allocationUndo", id=own["id"], reason="?").refused("RECEIVABLES_ALLOCATION_BOUND")
    assert use(shop, note).refused("RECEIVABLES_NOT_UNAPPLIED")


def test_a_free_credit_note_pays_any_invoice_of_the_account(shop: Shop) -> None:
    first, second = (shop.invoicing.posted(total="50", customer="C") for _ in range(2))
    note = credit_note(shop, "70")
    assert account(shop)["open"] == "30.00"

    made = use(shop, note, allocations=[{"invoice": {"id": second.id}, "amount": "20"}])["allocations"]
    assert [(it["kind"], it["amount"]["amount"], it["invoice"]["number"]) for it in made] == [
        ("CREDIT", "20.00", second.number)
    ]
    use(shop, note)["allocations"]

    assert open_of(shop, first, second, note) == ["0.00", "30.00", "0.00"]
    assert invoice_of(shop, note)["paymentState"] == "PAID"
    assert use(shop, note).refused("RECEIVABLES_NOT_UNAPPLIED")
    assert shop.check() == []


def test_a_credit_note_is_never_used_for_more_than_it_is(shop: Shop) -> None:
    invoice = shop.invoicing.posted(total="50", customer="C")
    note = credit_note(shop, "20")

    wanted = [{"invoice": {"id": invoice.id}, "amount": "20.01"}]
    assert use(shop, note, allocations=wanted).refused("RECEIVABLES_NOT_OPEN")

    assert open_of(shop, invoice, note) == ["50.00", "-20.00"]


def test_a_credit_note_that_was_used_is_free_again_when_that_is_taken_back(shop: Shop) -> None:
    invoice = shop.invoicing.posted(total="50", customer="C")
    note = credit_note(shop, "20")
    use(shop, note)["allocations"]

    [used] = invoice_of(shop, invoice)["allocations"]
    shop.mutate("allocationUndo", id=used["id"], reason="wrong")["allocation"]

    assert open_of(shop, invoice, note) == ["50.00", "-20.00"]
    assert shop.check() == []


def test_a_free_credit_note_is_paid_back(shop: Shop) -> None:
    note = credit_note(shop, "70")

    refund: dict[str, Any] = {"creditNote": {"id": note.id}, "reason": "closing the account"}
    assert shop.mutate("receivableCreditRefund", **refund, amount="70.01").refused("RECEIVABLES_NOT_UNAPPLIED")
    shop.mutate("receivableCreditRefund", **refund, amount="30")["refunds"]
    assert open_of(shop, note) == ["-40.00"]
    [made] = shop.mutate("receivableCreditRefund", **refund)["refunds"]

    assert open_of(shop, note) == ["0.00"]
    assert ledger(shop) == {"CASH": -70, "SALES": 70}
    assert shop.check() == []

    shop.mutate("refundCancel", id=made["id"], reason="wrong account number")["refund"]
    assert open_of(shop, note) == ["-40.00"]
    assert shop.check() == []


def test_a_payment_of_a_credited_invoice_can_be_used_elsewhere(shop: Shop) -> None:
    invoice, other = (shop.invoicing.posted(total="100", customer="C") for _ in range(2))
    payment = shop.receivables.pay("100", settle=[invoice])
    shop.invoicing.credit(invoice)

    shop.mutate("paymentAutoApply", id=payment)["payment"]

    assert open_of(shop, invoice, other) == ["0.00", "0.00"]
    assert payment_of(shop, payment)["allocations"][0]["invoice"]["number"] == other.number


def test_a_credit_note_in_the_place_of_a_payment_judges_promises_again(shop: Shop) -> None:
    """What is open stays 0, what came in does not: half of the money is unapplied now."""
    invoice = shop.invoicing.posted(lines=[line("100")], customer="C")
    item = shop.query(ITEMS)["receivablesOpenItems"]["nodes"][0]["item"]["id"]
    shop.mutate("promiseMake", item=item, promisedOn=date(2026, 1, 8), amount={"amount": "20", "currency": "EUR"})[
        "paymentPromise"
    ]
    shop.receivables.pay("150", settle=[invoice])
    assert promised(shop, item) == {"state": "KEPT", "paid": {"amount": "100.00"}}
    shop.invoicing.credit(invoice, lines=[{"position": 1, "quantity": "0.5"}])
    assert promised(shop, item) == {"state": "KEPT", "paid": {"amount": "50.00"}}
    assert open_of(shop, invoice) == ["0.00"] and shop.check() == []
