"""Payments are recorded once, settle what they should, and come to one of their ends."""

from __future__ import annotations

from huikuan.testing.shop import Shop
from modules.receivables.tests.reading import account, invoice_of, ledger, open_of, payment_of, settled, unapplied

SKETCH = """payment { unapplied { amount } allocations { invoice { number } amount { amount } reason } }"""


def test_the_integrators_morning(shop: Shop) -> None:
    """As printed: one mutation, and the answer says what the money settled, and why."""
    shop.customers.create("C-17", currency="CNY")
    invoice = shop.invoicing.posted(total="3000", customer="C-17", currency="CNY", rate="0.125")

    answer = shop.execute(
        """mutation { paymentRecord(idempotencyKey: "bank-7781", input: {customer: {code: "C-17"},
             amount: {amount: "5000.00", currency: "CNY"}, reference: "bank-7781", rate: "0.125"})
           { payment { unapplied { amount } allocations { invoice { number } amount { amount } reason } }
             refusals { code } } }"""
    )

    assert answer["data"]["paymentRecord"] == {
        "payment": {
            "unapplied": {"amount": "2000.00"},
            "allocations": [
                {"invoice": {"number": invoice.number}, "amount": {"amount": "3000.00"}, "reason": "due first"}
            ],
        },
        "refusals": [],
    }
    assert shop.check() == []


def test_nobody_pays_more_than_sums_can_hold(shop: Shop) -> None:
    given = {
        "customer": {"code": "C"},
        "reference": "bank-1",
        "amount": {"amount": "10000000000000.01", "currency": "EUR"},
    }
    answer = shop.mutate("paymentRecord", input=given)
    assert answer.failed("BAD_USER_INPUT") and "at most 10,000,000,000,000" in answer.errors[0]["message"]
    answer = shop.receivables.record("1000000000", currency="USD", rate="10001")
    assert answer.failed("BAD_USER_INPUT") and "is the rate right?" in answer.errors[0]["message"]


def test_what_is_due_first_is_settled_first(shop: Shop) -> None:
    later = shop.invoicing.posted(total="100", customer="C", paymentTerms=shop.customers.net(30))
    sooner = shop.invoicing.posted(total="100", customer="C", paymentTerms=shop.customers.net(10))

    payment = shop.receivables.pay("150")

    assert open_of(shop, sooner, later) == ["0.00", "50.00"]
    assert settled(shop, payment) == [("PAYMENT", "100.00", "due first"), ("PAYMENT", "50.00", "due first")]
    assert invoice_of(shop, later)["paymentState"] == "PARTIAL"


def test_a_payment_settles_what_is_named_and_nothing_else(shop: Shop) -> None:
    first, second = (shop.invoicing.posted(total="100", customer="C") for _ in range(2))

    payment = shop.receivables.pay("130", settle=[second])

    assert open_of(shop, first, second) == ["100.00", "0.00"]
    assert unapplied(shop, payment) == "30.00"


def test_what_is_too_much_stays_unapplied_and_is_never_lost(shop: Shop) -> None:
    shop.invoicing.posted(total="100", customer="C")

    shop.receivables.pay("120")

    found = account(shop)
    assert (found["open"], found["unapplied"], found["outstanding"]) == ("0.00", "20.00", "-20.00")
    assert ledger(shop) == {"CASH": 120, "SALES": -100, "UNAPPLIED": -20}


def test_a_tenant_may_want_every_allocation_by_hand(shop: Shop) -> None:
    invoice = shop.invoicing.posted(total="100", customer="C")
    shop.set("receivables.apply", "NONE")

    payment = shop.receivables.pay("100")
    assert open_of(shop, invoice) == ["100.00"]

    shop.mutate("paymentAutoApply", id=payment)["payment"]
    assert open_of(shop, invoice) == ["0.00"]


# --- the same payment twice ---------------------------------------------------------------------


def test_the_same_reference_again_is_the_same_payment(shop: Shop) -> None:
    first, again = (shop.receivables.pay("100", reference="bank-1") for _ in range(2))

    assert first == again
    assert account(shop)["unapplied"] == "100.00"


def test_blanks_around_a_reference_make_no_other_payment(shop: Shop) -> None:
    assert shop.receivables.pay("100", reference="bank-1") == shop.receivables.pay("100", reference=" bank-1 ")
    assert shop.receivables.record("100", reference="  ").failed("BAD_USER_INPUT")


def test_another_payment_with_a_taken_reference_is_refused_by_name(shop: Shop) -> None:
    shop.receivables.pay("100", reference="bank-1")

    answer = shop.receivables.record("200", reference="bank-1")

    assert answer.refused("RECEIVABLES_REFERENCE_TAKEN")
    assert "PAY-000001" in answer.payload["refusals"][0]["message"]


def test_a_replay_with_named_invoices_does_not_settle_twice(shop: Shop) -> None:
    invoice = shop.invoicing.posted(total="100", customer="C")

    first, again = (shop.receivables.pay("100", reference="bank-1", settle=[invoice]) for _ in range(2))

    assert first == again
    assert open_of(shop, invoice) == ["0.00"]


def test_a_twin_without_reference_is_refused_by_name_unless_it_is_meant(shop: Shop) -> None:
    shop.receivables.pay("100", reference=None)

    twin = shop.receivables.record("100", reference=None)
    assert twin.refused("RECEIVABLES_DUPLICATE")
    assert "PAY-000001" in twin.payload["refusals"][0]["message"]

    assert shop.receivables.record("100", reference=None, method="CASH").codes == []
    assert shop.receivables.record("100", reference=None, allowDuplicate=True).codes == []
    shop.pass_time(days=1)
    assert shop.receivables.record("100", reference=None).codes == []


# --- its life -----------------------------------------------------------------------------------


def test_what_is_under_way_settles_nothing_until_it_is_here(shop: Shop) -> None:
    invoice = shop.invoicing.posted(total="100", customer="C")
    payment = shop.receivables.pay("100", status="RECORDED")

    assert open_of(shop, invoice) == ["100.00"]
    assert ledger(shop) == {"RECEIVABLE": 100, "SALES": -100}
    wanted = [{"invoice": {"id": invoice.id}}]
    assert shop.mutate("paymentAllocate", id=payment, allocations=wanted).refused("RECEIVABLES_WRONG_STATE")

    assert shop.mutate("paymentUnknown", id=payment, reason="no answer")["payment"]["status"] == "UNKNOWN"
    for _ in range(2):
        assert shop.mutate("paymentSucceed", id=payment)["payment"]["status"] == "SUCCEEDED"
    assert open_of(shop, invoice) == ["0.00"]
    assert shop.check() == []


def test_what_never_came_has_failed_and_stands_nowhere(shop: Shop) -> None:
    payment = shop.receivables.pay("100", status="RECORDED")

    for _ in range(2):
        shop.mutate("paymentFail", id=payment, reason="card declined")["payment"]

    assert payment_of(shop, payment)["failureReason"] == "card declined"
    assert ledger(shop) == {}
    assert shop.mutate("paymentSucceed", id=payment).refused("RECEIVABLES_WRONG_STATE")


def test_a_bounced_payment_opens_what_it_settled_as_it_was_due(shop: Shop) -> None:
    invoice = shop.invoicing.posted(total="100", customer="C", paymentTerms=shop.customers.net(10))
    due = invoice_of(shop, invoice)["receivableItems"][0]["dueOn"]
    payment = shop.receivables.pay("130")
    shop.pass_time(days=20)
    assert shop.mutate("paymentFail", id=payment, reason="?").refused("RECEIVABLES_WRONG_STATE")

    for _ in range(2):
        shop.mutate("paymentBounce", id=payment, reason="no funds")["payment"]

    [item] = invoice_of(shop, invoice)["receivableItems"]
    assert (item["open"]["amount"], item["dueOn"], item["closedOn"], item["daysOverdue"]) == ("100.00", due, None, 10)
    found = payment_of(shop, payment)
    assert (found["status"], found["unapplied"]["amount"], found["allocations"]) == ("BOUNCED", "0.00", [])
    assert ledger(shop) == {"RECEIVABLE": 100, "SALES": -100}
    assert shop.check() == []


def test_money_that_has_not_come_cannot_have_come(shop: Shop) -> None:
    assert shop.receivables.record("100", receivedOn="2026-01-06").refused("RECEIVABLES_DATE_AHEAD")
    assert shop.receivables.record("100", receivedOn="2026-01-06", status="RECORDED").codes == []
    assert shop.receivables.record("0").failed("BAD_USER_INPUT")
    assert shop.receivables.record("1", currency="USD").refused("RECEIVABLES_RATE_MISSING")


# --- as of a day --------------------------------------------------------------------------------


def test_an_account_as_of_a_day_knows_nothing_of_later_days(shop: Shop) -> None:
    shop.invoicing.posted(total="100", customer="C", paymentTerms=shop.customers.net(1))
    shop.pass_time(days=5)
    payment = shop.receivables.pay("60")
    shop.pass_time(days=5)
    shop.mutate("paymentBounce", id=payment, reason="no funds")["payment"]

    days = ("2026-01-04", "2026-01-05", "2026-01-06", "2026-01-09", "2026-01-10", "2026-01-14", "2026-01-15")
    found = [account(shop, asOf=day) for day in days]

    assert [it["open"] for it in found] == ["0.00", "100.00", "100.00", "100.00", "40.00", "40.00", "100.00"]
    assert [it["overdue"] for it in found] == ["0.00", "0.00", "0.00", "100.00", "40.00", "40.00", "100.00"]
    assert account(shop) == account(shop, asOf="2026-01-15")


def test_money_allocated_later_counts_from_then(shop: Shop) -> None:
    shop.invoicing.posted(total="100", customer="C")
    payment = shop.receivables.pay("100", settle=[])
    shop.pass_time(days=3)
    shop.mutate("paymentAutoApply", id=payment)["payment"]

    before, after = (account(shop, asOf=day) for day in ("2026-01-07", "2026-01-08"))

    assert (before["open"], before["unapplied"]) == ("100.00", "100.00")
    assert (after["open"], after["unapplied"]) == ("0.00", "0.00")
