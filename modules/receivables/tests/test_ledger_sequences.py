"""Whatever happens in whatever order: after each step every invariant holds, and the money is where it should be."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from sqlalchemy import select

from huikuan.errors import BadInput
from huikuan.money import Money
from huikuan.runner import CommandResult
from huikuan.testing.sequences import Machine, initialize, invariant, rule, run_sequences
from huikuan.testing.shop import Shop
from huikuan_invoicing.models import Invoice
from huikuan_invoicing.snapshots import InvoiceStatus
from huikuan_receivables.api import balances
from huikuan_receivables.models import Allocation, ItemBalance, Payment, Refund
from huikuan_receivables.snapshots import Balance, PaymentStatus

CODES = ("A", "B")
RATES = {"EUR": None, "USD": Decimal("0.9")}
codes = st.sampled_from(CODES)
currencies = st.sampled_from(["EUR", "EUR", "USD"])
cents = st.integers(1, 3_000).map(lambda cents: Decimal(cents) / 100)
picks = st.integers(0, 1_000)
_tenants = count(1)


class Books(Machine):
    """One tenant's receivables. What commands refuse is no fault; what they leave behind may not be one."""

    shop: Shop

    def __init__(self) -> None:
        self.tenant = self.shop.other_tenant("receivables", slug=f"ledger-{next(_tenants)}")
        self.references = count(1)
        self.customers: list[UUID] = []
        self.past: dict[date, dict[UUID, list[Balance]]] = {}

    @initialize(apply=st.sampled_from(["OLDEST", "NONE"]), tolerance=st.sampled_from(["", "EUR 0.50, USD 0.50"]))
    def open(self, apply: str, tolerance: str) -> None:
        for code in CODES:
            made = self.do("customer_create", input={"code": code, "name": code, "currency": "EUR"})
            self.customers.append(UUID(made.values["customer"]))
        parts = [{"kind": "EQUAL_PARTS", "parts": 3, "days": 5, "every_days": 10, "discount_percent": Decimal(2)}]
        parts[0]["discount_days"] = 3
        assert self.do("payment_terms_create", code="T3", name="Thirds", lines=parts).done
        self.tenant.set("receivables.apply", apply)
        self.tenant.set("receivables.tolerance", tolerance)
        self.tenant.set("receivables.write_off_limit", "1000000")

    def teardown(self) -> None:
        self.tenant.suspend()

    def do(self, command: str, **arguments: Any) -> CommandResult:
        return self.tenant.run(command, **arguments)

    def attempt(self, command: str, **arguments: Any) -> None:
        """What cannot be meant, such as one invoice named twice, is no fault either."""
        with suppress(BadInput):
            self.do(command, **arguments)

    def one(self, model: Any, pick: int, *where: Any) -> UUID | None:
        """One of the rows that there are."""
        with self.tenant.reading() as ctx:
            ids = ctx.scalars(select(model.id).where(*where).order_by(model.id))
        return ids[pick % len(ids)] if ids else None

    def today(self) -> date:
        with self.tenant.reading() as ctx:
            return ctx.today

    def balances(self, as_of: date | None = None) -> dict[UUID, list[Balance]]:
        with self.tenant.reading() as ctx:
            return balances(ctx, self.customers, as_of=as_of)

    @rule(n=st.integers(1, 15))
    def days_pass(self, n: int) -> None:
        self.past[self.today()] = self.balances(self.today())
        self.tenant.pass_time(days=n)

    @rule(
        weight=3,
        code=codes,
        currency=currencies,
        amount=cents,
        parts=st.booleans(),
        negative=st.sampled_from([1, 1, 1, -1]),
    )
    def invoice(self, code: str, currency: str, amount: Decimal, parts: bool, negative: int) -> None:
        lines = [
            {"description": "a", "unit_price": amount, "quantity": Decimal(negative)},
            {"description": "b", "unit_price": Decimal("3.33"), "quantity": Decimal(negative)},
        ]
        given = {"customer": {"code": code}, "currency": currency, "lines": lines, "rate": RATES[currency]}
        draft = self.do("invoice_draft", input={**given, **({"payment_terms": "T3"} if parts else {})})
        assert self.do("invoice_post", id=UUID(draft.values["invoice"])).done

    @rule(pick=picks, whole=st.booleans(), position=st.integers(1, 2))
    def credit(self, pick: int, whole: bool, position: int) -> None:
        id = self.one(Invoice, pick, Invoice.status == InvoiceStatus.POSTED)
        if id is not None:
            lines = None if whole else [{"position": position}]
            self.do("invoice_credit", id=id, reason="agreed", lines=lines)

    @rule(
        weight=3,
        code=codes,
        currency=currencies,
        amount=cents,
        pick=st.none() | picks,
        rate=st.sampled_from(["0.9", "0.95", "0.8"]),
        here=st.sampled_from([PaymentStatus.SUCCEEDED] * 3 + [PaymentStatus.RECORDED]),
    )
    def pay(self, code: str, currency: str, amount: Decimal, pick: int | None, rate: str, here: PaymentStatus) -> None:
        given: dict[str, Any] = {"customer": {"code": code}, "amount": Money(amount, currency), "status": here.name}
        given["rate"] = Decimal(rate) if currency != "EUR" else None
        named = None if pick is None else self.one(Invoice, pick, Invoice.status == InvoiceStatus.POSTED)
        if named is not None and here is PaymentStatus.SUCCEEDED:
            given["allocations"] = [{"invoice": {"id": named}}]
        self.attempt("payment_record", input={**given, "reference": f"P{next(self.references)}"})

    @rule(pick=picks, how=st.sampled_from(["payment_succeed", "payment_unknown", "payment_fail", "payment_bounce"]))
    def end(self, pick: int, how: str) -> None:
        id = self.one(Payment, pick)
        if id is not None:
            # without a date the money counts from when it was announced: that does change days of the past
            more = {"received_on": self.today()} if how == "payment_succeed" else {"reason": "so it goes"}
            self.do(how, id=id, **more)

    @rule(pick=picks)
    def apply(self, pick: int) -> None:
        id = self.one(Payment, pick, Payment.unapplied > 0)
        if id is not None:
            self.do("payment_auto_apply", id=id)

    @rule(weight=2, pick=picks, wanted=st.lists(st.tuples(picks, st.none() | cents), min_size=1, max_size=3))
    def allocate(self, pick: int, wanted: list[tuple[int, Decimal | None]]) -> None:
        id = self.one(Payment, pick, Payment.unapplied > 0)
        chosen = [(self.one(Invoice, n, Invoice.status == InvoiceStatus.POSTED), amount) for n, amount in wanted]
        if id is not None and all(invoice for invoice, _ in chosen):
            rows = [{"invoice": {"id": invoice}, "amount": amount} for invoice, amount in chosen]
            self.attempt("payment_allocate", id=id, allocations=rows)

    @rule(pick=picks)
    def use_credit(self, pick: int) -> None:
        id = self.one(ItemBalance, pick, ItemBalance.open < 0)
        if id is not None:
            with self.tenant.reading() as ctx:
                note = ctx.get(ItemBalance, id).invoice_id
            self.do("receivable_credit_allocate", credit_note={"id": note})

    @rule(weight=2, pick=picks)
    def undo(self, pick: int) -> None:
        id = self.one(Allocation, pick)
        if id is not None:
            self.do("allocation_undo", id=id, reason="wrong")

    @rule(pick=picks, amount=st.none() | cents)
    def write_off(self, pick: int, amount: Decimal | None) -> None:
        id = self.one(ItemBalance, pick, ItemBalance.open > 0)
        if id is not None:
            self.attempt("receivable_write_off", id=id, cause="BAD_DEBT", reason="gone", amount=amount)

    @rule(pick=picks, by=picks)
    def recover(self, pick: int, by: int) -> None:
        id, payment = self.one(Allocation, pick), self.one(Payment, by, Payment.unapplied > 0)
        if id is not None and payment is not None:
            self.attempt("receivable_recover", id=id, payment={"id": payment}, reason="after all")

    @rule(pick=picks, amount=st.none() | cents)
    def refund(self, pick: int, amount: Decimal | None) -> None:
        id = self.one(Payment, pick, Payment.unapplied > 0)
        if id is not None:
            self.attempt("payment_refund", id=id, reason="overpaid", amount=amount)

    @rule(pick=picks)
    def refund_fails(self, pick: int) -> None:
        id = self.one(Refund, pick)
        if id is not None:
            self.do("refund_cancel", id=id, reason="came back")

    @rule()
    def provide(self) -> None:
        assert self.do("provision_run").done

    @invariant()
    def everything_holds(self) -> None:
        """Balances are what the ledger says, and no later step changes what was so on a day of the past."""
        assert not self.tenant.check()
        assert self.balances() == self.balances(self.today())
        for day, found in list(self.past.items())[-3:]:
            assert self.balances(day) == found, day


def run(shop: Shop, sequences: int, steps: int) -> None:
    machine = type("BooksOfThisShop", (Books,), {"shop": shop})
    run_sequences(machine, sequences, steps)


def test_any_sequence_of_commands_keeps_the_ledger_true(app_with: Callable[..., Shop]) -> None:
    run(app_with(), 5, 15)


@pytest.mark.soak
def test_2000_sequences_of_commands_keep_the_ledger_true(app_with: Callable[..., Shop]) -> None:
    run(app_with(), 2_000, 15)
