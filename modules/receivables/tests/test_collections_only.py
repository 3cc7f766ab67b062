"""A company that bills elsewhere: customers, invoicing, receivables and no orders; all of it through GraphQL."""

from __future__ import annotations

from typing import Any

from huikuan.testing.shop import Shop
from modules.receivables.tests.reading import account, ledger

OPEN = '{ receivableItems(filter: {open: {gt: "0"}}) { nodes { invoice { number } open { amount } daysOverdue } } }'


def opening(number: str, total: str, issued: str, due: str, customer: str = "C") -> dict[str, Any]:
    amount = {"amount": total, "currency": "EUR"}
    return {"number": number, "customer": customer, "issuedOn": issued, "dueOn": due, "total": amount}


def row(reference: str, amount: str, day: str, *invoices: str, customer: str = "C") -> dict[str, Any]:
    return {
        "reference": reference,
        "customer": customer,
        "amount": {"amount": amount, "currency": "EUR"},
        "receivedOn": day,
        **({"invoices": list(invoices)} if invoices else {}),
    }


def bring(shop: Shop, *rows: dict[str, Any]) -> list[tuple[str, str | None]]:
    select = "results { status code message payment { id } }"
    found = shop.mutate("paymentsImport", payments=list(rows), select=select).payload["results"]
    return [(it["status"], it["code"]) for it in found]


def test_the_whole_flow(shop: Shop) -> None:
    assert "orders" not in shop.scope.composition.names
    shop.mutate(
        "invoicesImport",
        invoices=[
            opening("A-1", "100", "2025-10-01", "2025-10-31"),
            opening("A-2", "200", "2025-11-01", "2025-12-01"),
            opening("A-3", "-20", "2025-12-01", "2025-12-01"),
        ],
    )
    assert account(shop)["open"] == "280.00"

    rows = [row("b-1", "100", "2025-11-05", "A-1"), row("b-2", "150", "2025-12-20")]
    assert bring(shop, *rows) == [("CREATED", None), ("CREATED", None)]
    assert bring(shop, *rows) == [("UNCHANGED", None), ("UNCHANGED", None)]

    assert shop.query(OPEN)["receivableItems"]["nodes"] == [
        {"invoice": {"number": "A-2"}, "open": {"amount": "50.00"}, "daysOverdue": 35}
    ]
    assert [account(shop, asOf=day)["open"] for day in ("2025-10-31", "2025-11-30", "2025-12-19")] == [
        "100.00",
        "200.00",
        "180.00",
    ]
    shop.mutate("receivableCreditAllocate", creditNote={"number": "A-3"})["allocations"]
    assert account(shop)["open"] == "30.00"
    assert ledger(shop) == {"RECEIVABLE": 30, "CASH": 250, "SALES": -280}
    assert shop.check() == []


def test_a_bad_row_costs_no_other(shop: Shop) -> None:
    shop.mutate("invoicesImport", invoices=[opening("A-1", "100", "2025-10-01", "2025-10-31")])

    found = bring(
        shop,
        row("b-1", "60", "2025-11-05", "A-1"),
        row("b-2", "10", "2025-11-05", "A-9"),
        row("b-3", "10", "2025-11-05", customer="NOBODY"),
        row("b-4", "0", "2025-11-05"),
        row("b-1", "61", "2025-11-05", "A-1"),
        row("b-5", "60", "2025-11-06", "A-1"),
    )

    codes = [code for _, code in found]
    assert codes == [None, "BAD_USER_INPUT", "BAD_USER_INPUT", "BAD_USER_INPUT", "RECEIVABLES_REFERENCE_TAKEN", None]
    assert (account(shop)["open"], account(shop)["unapplied"]) == ("0.00", "20.00")
    assert shop.check() == []
