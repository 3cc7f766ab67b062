"""A deposit that is refused because its order is invoiced already: told once, left until something changed (CON-7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from huikuan.catalog import ModuleCatalog
from huikuan.core.models import Job, OutboxEvent
from huikuan.testing.corruption import Corrupt
from huikuan.testing.shop import Shop, need
from huikuan_contracts.testing import part
from modules.contracts.tests.reading import events

STATE = """query($id: ID!) { order(id: $id) { invoices { id kind }
  contract { id instalments { id invoice { kind total { amount } } invoiceRefusal { on code message } } } } }"""
TOLD = "CONTRACT_INSTALMENT_NOT_INVOICED"
TOO_LARGE = "INVOICING_DEPOSIT_TOO_LARGE"


@pytest.fixture
def firm(app_with: Callable[..., Shop], installed_modules: ModuleCatalog) -> Shop:
    """A tenant that invoices orders as they are confirmed, and an article at 10."""
    need(installed_modules, "orders", "invoicing")
    shop = app_with("contracts", "orders", "invoicing")
    assert shop.set("invoicing.method", "order").done
    shop.products.create("A", price="10")
    shop.customers.create("C", currency="EUR")
    return shop


def sold(firm: Shop) -> Any:
    """An order of 200 that is invoiced at once, with a deposit of 60 for which there is no room."""
    order = firm.orders.draft(customer="C", lines=[{"sku": "A", "quantity": "20"}])
    firm.contracts.plan(order, part("Deposit", None, percent="30", kind="DEPOSIT"))["contract"]
    firm.orders.confirm(order)["order"]
    firm.work()
    return order


@pytest.fixture
def order(firm: Shop) -> Any:
    """Such an order."""
    return sold(firm)


def deposit(shop: Shop, order: Any) -> dict[str, Any]:
    """The instalment, with its invoice or why there is none."""
    [found] = shop.query(STATE, id=order.id)["order"]["contract"]["instalments"]
    return dict(found)


def final(shop: Shop, order: Any) -> str:
    """The invoice of the whole order."""
    rows = shop.query(STATE, id=order.id)["order"]["invoices"]
    return next(str(row["id"]) for row in rows if row["kind"] == "INVOICE")


def hours(shop: Shop, count: int) -> int:
    """How often the instalment was tried in so many hours."""
    tried = 0
    for _ in range(count):
        shop.pass_time(hours=1)
        before = runs(shop)
        shop.work()
        tried += len(runs(shop) - before)
    return tried


def runs(shop: Shop) -> set[Any]:
    with shop.reading() as ctx:
        return set(ctx.scalars(select(Job.id).where(Job.name == "contracts.bill_instalment")))


def test_it_is_told_once_with_its_reason_and_left(firm: Shop, order: Any) -> None:
    refusal = deposit(firm, order)["invoiceRefusal"]
    assert (refusal["on"], refusal["code"]) == ("2026-01-05", TOO_LARGE)
    assert refusal["message"] == "200.00 EUR and 60.00 EUR more do not fit a total of 200.00 EUR."
    with firm.reading() as ctx:
        [told] = ctx.scalars(select(OutboxEvent.payload).where(OutboxEvent.type == TOLD))
    assert (told["code"], told["reason"]) == (TOO_LARGE, refusal["message"])
    assert hours(firm, 30) == 0
    assert deposit(firm, order)["invoiceRefusal"] == refusal
    assert events(firm, TOLD) == [TOLD]
    assert not firm.check()


def test_it_is_asked_for_when_the_invoice_is_credited(firm: Shop, order: Any) -> None:
    firm.mutate("invoiceCredit", id=final(firm, order), reason="no", lines=[{"position": 1, "quantity": "6"}])[
        "invoice"
    ]
    assert hours(firm, 1) == 1
    found = deposit(firm, order)
    assert (found["invoice"], found["invoiceRefusal"]) == ({"kind": "DEPOSIT", "total": {"amount": "60.00"}}, None)
    assert hours(firm, 2) == 0 and not firm.check()


def test_it_is_asked_for_when_the_draft_is_discarded(firm: Shop) -> None:
    assert firm.set("invoicing.auto_post", "false").done
    order = sold(firm)
    assert deposit(firm, order)["invoiceRefusal"]["code"] == TOO_LARGE
    firm.mutate("invoiceDiscard", id=final(firm, order))
    assert hours(firm, 1) == 1
    assert deposit(firm, order)["invoice"] == {"kind": "DEPOSIT", "total": {"amount": "60.00"}}
    assert not firm.check()


def test_too_small_a_change_is_tried_once_and_told(firm: Shop, order: Any) -> None:
    firm.mutate("invoiceCredit", id=final(firm, order), reason="no", lines=[{"position": 1, "quantity": "5"}])[
        "invoice"
    ]
    assert hours(firm, 3) == 1
    assert deposit(firm, order)["invoiceRefusal"]["message"].startswith("150.00 EUR and 60.00 EUR more")
    assert events(firm, TOLD) == [TOLD, TOLD]


def test_it_is_asked_for_when_the_order_grows(firm: Shop, order: Any) -> None:
    change = {"reason": "more", "update": [{"position": 1, "quantity": "26"}]}
    firm.mutate("orderAmend", id=order.id, input=change)["order"]
    assert hours(firm, 1) == 1
    assert deposit(firm, order)["invoice"]["total"] == {"amount": "60.00"}
    assert not firm.check()


def test_it_is_asked_for_when_the_plan_changes(firm: Shop, order: Any) -> None:
    firm.mutate("invoiceCredit", id=final(firm, order), reason="no", lines=[{"position": 1, "quantity": "5"}])[
        "invoice"
    ]
    assert hours(firm, 1) == 1
    plan = type("Plan", (), {"id": firm.query(STATE, id=order.id)["order"]["contract"]["id"]})
    firm.contracts.amend(plan, update=[{"sequence": 1, "amount": "50"}])["contract"]
    assert hours(firm, 1) == 1
    assert deposit(firm, order)["invoice"]["total"] == {"amount": "50.00"}
    assert not firm.check()


def test_on_request_it_is_asked_for_at_once(firm: Shop, order: Any) -> None:
    id = deposit(firm, order)["id"]
    assert firm.mutate("contractInstalmentInvoice", id=id).refused(TOO_LARGE)
    assert events(firm, TOLD) == [TOLD], "whoever asks is told in the answer"
    firm.mutate("invoiceCredit", id=final(firm, order), reason="no")["invoice"]
    firm.mutate("contractInstalmentInvoice", id=id)["contractInstalment"]
    assert deposit(firm, order)["invoiceRefusal"] is None
    assert not firm.check()


@pytest.mark.parametrize("damage", ["refused_code = NULL", "invoice_id = id"])
def test_a_refusal_that_cannot_be_is_found(firm: Shop, order: Any, corrupt: Corrupt, damage: str) -> None:
    corrupt(firm, f"UPDATE contracts_contract_instalment SET {damage}")
    assert {found.name for found in firm.check()} == {"contracts.refusals"}
