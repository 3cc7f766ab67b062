"""Thousands of random events: what is open, the buckets of the aging and the statements agree as of any day."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from huikuan.context import Context
from huikuan.money import exponent
from huikuan.testing.shop import Shop
from huikuan_customers.api import customer_ids
from huikuan_receivables.aging import Bucket, Filter, aged, edges_of
from huikuan_receivables.api import open_items
from huikuan_receivables.models import Allocation, ItemBalance, Payment, ReceivableItem, Refund
from huikuan_receivables.snapshots import PaymentStatus
from huikuan_receivables.statements import statement

CODES = ("A", "B", "C", "D")
RATES = {"EUR": Decimal(1), "JPY": Decimal("0.0061"), "KWD": Decimal("2.99")}
DAYS = 50
SEED = 20_260_105
ZERO = Decimal(0)
Sums = dict[str, Decimal]


class Clerk:
    """Does at random what may be done; what is refused changes nothing."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop, self.rng = shop, random.Random(seed)
        self.made, self.done, self.refused = 0, 0, 0
        shop.set("receivables.write_off_limit", "1000000")
        shop.set("receivables.tolerance", "EUR 0.05, JPY 5")
        shop.customers.terms("THIRDS", {"kind": "EQUAL_PARTS", "parts": 3, "everyDays": 20})
        for code in CODES:
            shop.customers.create(code)

    def act(self) -> None:
        """One event."""
        acts = (self.invoice, self.pay, self.undo, self.use, self.bounce, self.give_up, self.refund, self.credit)
        [act] = self.rng.choices(acts, weights=(30, 30, 10, 8, 5, 5, 4, 8))
        act()
        if self.rng.random() < 0.1:
            self.shop.pass_time(days=self.rng.randrange(1, 5))

    def invoice(self, sign: int = 1) -> None:
        """An invoice of the last weeks, sometimes in three parts; or a credit note."""
        self.made += 1
        money, issued = self.money(sign), self.day(40)
        row: dict[str, Any] = {"number": f"X-{self.made}", "customer": self.rng.choice(CODES), "issued_on": issued}
        if self.rng.random() < 0.3:
            row["payment_terms"] = "THIRDS"
        else:
            row["due_on"] = issued + timedelta(days=self.rng.randrange(60))
        rate = RATES[money["currency"]] * (1 + Decimal(self.rng.randrange(-5, 6)) / 100)
        self.import_("invoices_import", "invoices", {**row, "total": money, "rate": str(round(rate, 6))})

    def credit(self) -> None:
        """A free credit note, or one that settles what is due first."""
        if self.rng.random() < 0.5:
            return self.invoice(-1)
        found = self.one(select(ItemBalance.invoice_id).where(ItemBalance.open < 0), ItemBalance.id)
        if found is not None:
            self.run("receivable_credit_allocate", credit_note={"id": found}, on=self.day(5))
        return None

    def pay(self) -> None:
        self.made += 1
        money = self.money(1)
        rate = RATES[money["currency"]] * (1 + Decimal(self.rng.randrange(-5, 6)) / 100)
        row = {
            "customer": self.rng.choice(CODES),
            "amount": money,
            "reference": f"P-{self.made}",
            "received_on": self.day(30),
            "rate": str(round(rate, 6)),
            "invoices": self.rng.choice([None, None, []]),
        }
        self.import_("payments_import", "payments", row)

    def undo(self) -> None:
        found = self.one(select(Allocation.id).where(Allocation.reverses_id.is_(None)), Allocation.id)
        if found is not None:
            self.run("allocation_undo", id=found, reason="a mistake", on=self.day(5))

    def use(self) -> None:
        found = self.one(select(Payment.id).where(Payment.unapplied != 0), Payment.id)
        if found is not None:
            self.run("payment_auto_apply", id=found)

    def bounce(self) -> None:
        found = self.one(select(Payment.id).where(Payment.status == PaymentStatus.SUCCEEDED), Payment.id)
        if found is not None:
            self.run("payment_bounce", id=found, reason="no funds", on=self.day(5))

    def give_up(self) -> None:
        found = self.one(select(ItemBalance.id).where(ItemBalance.open > 0), ItemBalance.id)
        if found is not None:
            self.run("receivable_write_off", id=found, cause="GOODWILL", reason="a favour", on=self.day(5))

    def refund(self) -> None:
        found = self.one(select(Payment.id).where(Payment.unapplied != 0), Payment.id)
        if found is not None:
            self.run("payment_refund", id=found, reason="not needed", on=self.day(5))

    def money(self, sign: int) -> dict[str, str]:
        currency = self.rng.choice(list(RATES))
        amount = Decimal(sign * self.rng.randrange(1, 50_000)).scaleb(-exponent(currency))
        return {"amount": f"{amount:f}", "currency": currency}

    def day(self, back: int) -> date:
        """Some day until today."""
        return self.shop.clock.now().date() - timedelta(days=self.rng.randrange(back))

    def one(self, statement: Any, id: Any) -> UUID | None:
        """Any of these rows."""
        with self.shop.reading() as ctx:
            count = ctx.scalar(select(func.count()).select_from(statement.subquery())) or 0
            found: UUID | None = None
            if count:
                found = ctx.scalar(statement.order_by(id).offset(self.rng.randrange(count)).limit(1))
            return found

    def run(self, name: str, **arguments: Any) -> None:
        result = self.shop.run(name, **arguments)
        self.done += result.done
        self.refused += not result.done

    def import_(self, name: str, argument: str, row: dict[str, Any]) -> None:
        rows: dict[str, Any] = {argument: [row]}
        result = self.shop.run(name, **rows)
        [answer] = result.values["results"]
        assert answer["status"] == "CREATED", answer
        self.done += 1


@dataclass(frozen=True)
class Book:
    """What documents, allocations and refunds say, without the ledger."""

    items: dict[UUID, ReceivableItem]
    moves: list[tuple[date, UUID, Decimal]]
    money: list[tuple[date, UUID, str, Decimal]]

    @classmethod
    def read(cls, ctx: Context) -> Book:
        allocations, refunds = ctx.scalars(select(Allocation)), ctx.scalars(select(Refund))
        moves = [(row.on, row.item_id, -row.amount) for row in allocations]
        moves += [(row.on, row.credit_item_id, row.amount) for row in allocations if row.credit_item_id is not None]
        moves += [(row.on, row.credit_item_id, row.amount_amount) for row in refunds if row.credit_item_id is not None]
        money = []
        for payment in ctx.scalars(select(Payment)):
            code, sum_ = payment.amount.currency, payment.amount.amount
            money.append((payment.received_on, payment.customer_id, code, sum_))
            if payment.ended_on is not None:
                money.append((payment.ended_on, payment.customer_id, code, -sum_))
        whose = {payment.id: payment.customer_id for payment in ctx.scalars(select(Payment))}
        money += [
            (row.on, whose[row.payment_id], row.source_currency, -row.source_amount)
            for row in allocations
            if row.payment_id is not None
        ]
        money += [
            (row.on, row.customer_id, row.amount_currency, -row.amount_amount)
            for row in refunds
            if row.payment_id is not None
        ]
        return cls({row.id: row for row in ctx.scalars(select(ReceivableItem))}, moves, money)

    def open(self, as_of: date) -> dict[UUID, Decimal]:
        """What was open of each item on a day."""
        found = {id: item.amount for id, item in self.items.items() if item.issued_on <= as_of}
        for on, id, amount in self.moves:
            if on <= as_of:
                found[id] += amount
        return {id: amount for id, amount in found.items() if amount}

    def unapplied(self, as_of: date, customer_id: UUID, currency: str) -> Decimal:
        return sum(
            (amount for on, *account, amount in self.money if on <= as_of and account == [customer_id, currency]), ZERO
        )


def check_day(ctx: Context, book: Book, as_of: date) -> None:
    """Everything agrees as of a day, to the cent."""
    buckets = edges_of(ctx, None)
    by_hand = book.open(as_of)
    assert {item.item_id: item.open for item in open_items(ctx, as_of=as_of)} == by_hand
    wanted: dict[tuple[UUID, str], list[Decimal]] = {}
    for id, amount in by_hand.items():
        item = book.items[id]
        sums = wanted.setdefault((item.customer_id, item.currency), [ZERO for _ in buckets])
        sums[place(buckets, (as_of - item.due_on).days)] += amount
    found = aged(ctx, as_of, buckets, Filter(), by_customer=True)
    assert {key: sums.amounts for key, sums in found.items() if any(sums.amounts)} == {
        key: sums for key, sums in wanted.items() if any(sums)
    }
    whole = aged(ctx, as_of, buckets, Filter(), by_customer=False)
    statements: Sums = {}
    for customer_id in customer_ids(ctx, CODES).values():
        for currency in RATES:
            account = statement(ctx, customer_id, currency, as_of, limit=1)
            unapplied = book.unapplied(as_of, customer_id, currency)
            assert account.unapplied == unapplied and account.closing == account.open - unapplied
            assert sum((part.amount for part in account.items), ZERO) == account.open
            statements[currency] = statements.get(currency, ZERO) + account.open
    for currency, open in statements.items():
        assert open == (whole[None, currency].open if (None, currency) in whole else ZERO)


def place(buckets: list[Bucket], days: int) -> int:
    """The bucket of so many days overdue."""
    return max(0, sum(bucket.least is not None and days >= bucket.least for bucket in buckets))


def check_book(shop: Shop, rng: random.Random) -> None:
    with shop.reading() as ctx:
        book = Book.read(ctx)
        first = min(item.issued_on for item in book.items.values()) - timedelta(days=5)
        span = (ctx.today - first).days + 30
        for _ in range(DAYS):
            check_day(ctx, book, first + timedelta(days=rng.randrange(span)))
    assert not shop.check()


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.soak)])
def test_what_is_open_is_what_is_aged_and_what_statements_say(app_with: Callable[..., Shop], count: int) -> None:
    shop = app_with("receivables")
    clerk = Clerk(shop, SEED)
    for _ in range(count):
        clerk.act()
    assert clerk.done > 0.8 * count, f"{clerk.refused} of {count} events were refused"
    check_book(shop, clerk.rng)
