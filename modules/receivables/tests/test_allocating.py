"""Many payments settle many items, each to the cent, and each allocation is taken back alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event

from huikuan.testing.shop import Shop
from modules.receivables.tests.reading import account, invoice_of, items_open, open_of, payment_of, settled, unapplied

THIRDS = {"kind": "EQUAL_PARTS", "parts": 3, "days": 10, "everyDays": 10}


def allocate(shop: Shop, payment: str, *wanted: dict[str, Any], **more: Any) -> Any:
    return shop.mutate("paymentAllocate", id=payment, allocations=list(wanted), **more)


def of(invoice: Any, amount: str | None = None, **more: Any) -> dict[str, Any]:
    return {"invoice": {"id": invoice.id}, **({"amount": amount} if amount else {}), **more}


def test_one_payment_settles_many_and_many_settle_one(shop: Shop) -> None:
    first, second = (shop.invoicing.posted(total="100", customer="C") for _ in range(2))
    one = shop.receivables.pay("120", settle=[])
    two = shop.receivables.pay("80", settle=[])

    allocate(shop, one, of(first, "70"), of(second, "50"))["payment"]
    allocate(shop, two, of(first), of(second))["payment"]

    assert open_of(shop, first, second) == ["0.00", "0.00"]
    assert [unapplied(shop, it) for it in (one, two)] == ["0.00", "0.00"]
    assert [it["amount"]["amount"] for it in invoice_of(shop, first)["allocations"]] == ["70.00", "30.00"]
    assert shop.check() == []


def test_instalments_are_settled_by_their_day_unless_one_is_named(shop: Shop) -> None:
    terms = shop.customers.terms("T3", THIRDS)
    invoice = shop.invoicing.posted(total="100", customer="C", paymentTerms=terms)
    assert items_open(shop, invoice) == ["33.33", "33.33", "33.34"]

    payment = shop.receivables.pay("50", settle=[of(invoice, "10", instalment=3), of(invoice, "40", instalment=1)][:1])
    allocate(shop, payment, of(invoice))["payment"]

    assert items_open(shop, invoice) == ["0.00", "26.66", "23.34"]


def test_an_invoice_is_overdue_as_soon_as_one_instalment_is(shop: Shop) -> None:
    """Instalments are what counts, not the invoice's last day."""
    terms = shop.customers.terms("T3", THIRDS)
    invoice = shop.invoicing.posted(total="90", customer="C", paymentTerms=terms)
    shop.receivables.pay("30", settle=[of(invoice, instalment=3)])

    shop.pass_time(days=11)

    assert [it["daysOverdue"] for it in invoice_of(shop, invoice)["receivableItems"]] == [1, 0, 0]
    assert account(shop)["overdue"] == "30.00"
    assert account(shop)["overdueCount"] == 1
    assert shop.query('{ customer(code: "C") { overdue { count amount { amount } } } }')["customer"]["overdue"] == [
        {"count": 1, "amount": {"amount": "30.00"}}
    ]


def test_no_more_is_settled_than_is_open_or_unapplied_and_then_nothing_is(shop: Shop) -> None:
    first, second = (shop.invoicing.posted(total="100", customer="C") for _ in range(2))
    payment = shop.receivables.pay("120", settle=[])

    assert allocate(shop, payment, of(first, "50"), of(second, "100.01")).refused("RECEIVABLES_NOT_OPEN")
    assert allocate(shop, payment, of(first, "100"), of(second, "20.01")).refused("RECEIVABLES_NOT_UNAPPLIED")
    assert allocate(shop, payment, of(first, "0")).failed("BAD_USER_INPUT")
    assert allocate(shop, payment, of(first, "-1")).failed("BAD_USER_INPUT")
    assert allocate(shop, payment, of(first, "0.001")).failed("BAD_USER_INPUT")
    assert allocate(shop, payment, of(first, "1"), of(first, "1")).failed("BAD_USER_INPUT")
    assert allocate(shop, payment, of(first, "1", instalment=2)).failed("NOT_FOUND")

    assert open_of(shop, first, second) == ["100.00", "100.00"]
    assert unapplied(shop, payment) == "120.00"


def test_a_payment_settles_its_own_account_what_it_is_to_pay_and_its_family(shop: Shop) -> None:
    shop.customers.create("PARENT")
    shop.customers.create("CHILD", parent={"code": "PARENT"})
    shop.customers.create("PAID-FOR", payer={"code": "C"})
    child = shop.invoicing.posted(total="100", customer="CHILD")
    paid_for = shop.invoicing.posted(total="100", customer="PAID-FOR")

    assert shop.receivables.record("100", settle=[child]).refused("RECEIVABLES_ACCOUNT")
    shop.receivables.pay("100", customer="PARENT", settle=[child])
    shop.receivables.pay("100", customer="C")

    assert open_of(shop, child, paid_for) == ["0.00", "0.00"]


# --- rounding off -------------------------------------------------------------------------------


def test_paying_early_keeps_the_discount_back(shop: Shop) -> None:
    terms = shop.customers.terms("2-10", {"kind": "BALANCE", "days": 30, "discountPercent": "2", "discountDays": 10})
    early, late, short = (shop.invoicing.posted(total="100", customer="C", paymentTerms=terms) for _ in range(3))

    payment = shop.receivables.pay("98", settle=[early])
    assert settled(shop, payment) == [("PAYMENT", "98.00", "by hand"), ("DISCOUNT", "2.00", "paid early")]
    shop.receivables.pay("97.99", settle=[short])
    shop.pass_time(days=11)
    shop.receivables.pay("98", settle=[late])

    assert open_of(shop, early, late, short) == ["0.00", "2.00", "2.01"]
    assert shop.check() == []


def test_paid_by_age_a_discount_leaves_money_for_the_next(shop: Shop) -> None:
    terms = shop.customers.terms("2-10", {"kind": "BALANCE", "days": 30, "discountPercent": "2", "discountDays": 10})
    first, second = (shop.invoicing.posted(total="100", customer="C", paymentTerms=terms) for _ in range(2))

    payment = shop.receivables.pay("196")

    assert open_of(shop, first, second) == ["0.00", "0.00"]
    assert unapplied(shop, payment) == "0.00"


def test_a_difference_within_the_tolerance_is_written_off_with_its_reason(shop: Shop) -> None:
    shop.set("receivables.tolerance", "EUR 0.05, JPY 5")
    near, far = (shop.invoicing.posted(total="100", customer="C") for _ in range(2))

    payment = shop.receivables.pay("99.95", settle=[near])
    shop.receivables.pay("99.94", settle=[far])

    assert open_of(shop, near, far) == ["0.00", "0.06"]
    assert settled(shop, payment)[1] == ("WRITE_OFF", "0.05", "within the tolerance")
    assert shop.check() == []


def test_an_overpayment_within_the_tolerance_is_kept(shop: Shop) -> None:
    shop.set("receivables.tolerance", "EUR 0.05")
    shop.invoicing.posted(total="100", customer="C")

    payment = shop.receivables.pay("100.03")

    found = payment_of(shop, payment)
    assert (found["unapplied"]["amount"], found["refunds"][0]["kind"]) == ("0.00", "KEPT")
    shop.mutate("paymentBounce", id=payment, reason="no funds")["payment"]
    assert account(shop)["outstanding"] == "100.00"
    assert shop.check() == []


def test_a_tolerance_that_nobody_can_read_is_not_set(shop: Shop) -> None:
    for text in ("5 cents", "EUR", "EUR -1", "EUR NaN", "0.05"):
        assert shop.set("receivables.tolerance", text).refusals, text


# --- taking back --------------------------------------------------------------------------------


def test_taking_back_reverses_exactly_one_allocation(shop: Shop) -> None:
    first, second = (shop.invoicing.posted(total="100", customer="C") for _ in range(2))
    payment = shop.receivables.pay("150", settle=[of(first, "100"), of(second, "50")])
    other = shop.receivables.pay("50", settle=[second])
    undone = payment_of(shop, payment)["allocations"][1]["id"]

    shop.mutate("allocationUndo", id=undone, reason="wrong invoice")["allocation"]

    assert open_of(shop, first, second) == ["0.00", "50.00"]
    assert [unapplied(shop, it) for it in (payment, other)] == ["50.00", "0.00"]
    assert shop.mutate("allocationUndo", id=undone, reason="again").refused("RECEIVABLES_ALLOCATION_ENDED")
    assert shop.check() == []


def test_what_was_rounded_off_with_an_allocation_goes_with_it(shop: Shop) -> None:
    shop.set("receivables.tolerance", "EUR 0.05")
    invoice = shop.invoicing.posted(total="100", customer="C")
    payment = shop.receivables.pay("99.96", settle=[invoice])

    shop.mutate("allocationUndo", id=payment_of(shop, payment)["allocations"][0]["id"], reason="wrong")["allocation"]

    assert open_of(shop, invoice) == ["100.00"]
    assert unapplied(shop, payment) == "99.96"
    assert shop.check() == []


def test_history_keeps_what_was_taken_back(shop: Shop) -> None:
    invoice = shop.invoicing.posted(total="100", customer="C")
    payment = shop.receivables.pay("100", settle=[invoice])
    shop.mutate("allocationUndo", id=payment_of(shop, payment)["allocations"][0]["id"], reason="wrong")["allocation"]

    rows = shop.query(
        "query($id: ID!) { payment(id: $id) { allocations(all: true) { amount { amount } reason reverses { id } } } }",
        id=payment,
    )["payment"]["allocations"]

    assert [(row["amount"]["amount"], row["reason"]) for row in rows] == [("100.00", "by hand"), ("-100.00", "wrong")]


def test_open_items_are_listed_by_what_is_open(shop: Shop) -> None:
    first, second = (shop.invoicing.posted(total=total, customer="C") for total in ("100", "50"))
    shop.receivables.pay("100", settle=[first])

    found = shop.query(
        '{ receivableItems(filter: {open: {gt: "0"}}) { nodes { invoice { number } open { amount } } } }'
    )["receivableItems"]["nodes"]

    assert found == [{"invoice": {"number": second.number}, "open": {"amount": "50.00"}}]


def test_more_instalments_need_no_more_statements(shop: Shop) -> None:
    """One payment over 20 instalments asks and writes as often as one over 2."""
    counts = []
    for parts in (2, 20):
        terms = shop.customers.terms(f"P{parts}", {"kind": "EQUAL_PARTS", "parts": parts, "days": 10, "everyDays": 1})
        invoice = shop.invoicing.posted(total="100", customer="C", paymentTerms=terms)
        payment = shop.receivables.pay("100", settle=[])
        seen: list[str] = []

        def count(*given: Any, seen: list[str] = seen) -> None:
            seen.append(given[2])

        event.listen(shop.kernel.database.engine, "before_cursor_execute", count)
        allocate(shop, payment, of(invoice))["payment"]
        event.remove(shop.kernel.database.engine, "before_cursor_execute", count)
        counts.append(len(seen))
        assert items_open(shop, invoice) == ["0.00"] * parts

    assert counts[0] == counts[1]
