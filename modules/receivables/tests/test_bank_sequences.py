"""The ledger's sequences with statements among them: money comes, goes back, is undone, and goes back again."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import strategies as st
from sqlalchemy import select

from huikuan.money import Money
from huikuan.testing.sequences import initialize, invariant, rule, run_sequences
from huikuan.testing.shop import Shop
from huikuan_invoicing.models import Invoice
from huikuan_receivables.models import BankLine, BankMatch, Entry, ItemBalance, Payment, Refund
from huikuan_receivables.snapshots import BankLineStatus, EntryKind, MatchKind, MatchStatus, PaymentStatus
from modules.receivables.tests.test_ledger_sequences import CODES, RATES, Books, picks


class Statements(Books):
    """Its invariants hold after each step, whatever the bank says and people make of it."""

    @initialize(score=st.sampled_from(["80", "80", "101"]))
    def with_a_bank(self, score: str) -> None:
        bank = {"code": "BANK", "name": "Bank", "currency": "EUR"}
        assert self.do("bank_source_create", input=bank).done
        self.tenant.set("receivables.match_score", score)
        for code, total in zip(CODES, ("40", "25"), strict=True):
            self.invoice(code, "EUR", Decimal(total), True, 1)
            self.pay(code, "EUR", Decimal(total), None, "0.9", PaymentStatus.SUCCEEDED)

    def statement(self, amount: Money, text: str, on: date) -> None:
        """A line comes, and is matched."""
        rate = RATES[amount.currency] or ""
        rows = f"on,amount,currency,rate,text,reference\n{on},{amount.amount},{amount.currency},{rate},{text},"
        content = base64.b64encode(f"{rows}L{next(self.references)}\n".encode()).decode()
        assert self.do("bank_file_import", source={"code": "BANK"}, name="day.csv", content=content).done
        assert self.do("bank_match_run").done

    @rule(weight=3, pick=picks, less=st.sampled_from([Decimal(0), Decimal(0), Decimal("0.30")]))
    def comes_in(self, pick: int, less: Decimal) -> None:
        """A line that names an invoice."""
        with self.tenant.reading() as ctx:
            found = ctx.scalars(select(ItemBalance).where(ItemBalance.open > less).order_by(ItemBalance.id))
            if not found:
                return
            one = found[pick % len(found)]
            amount, number, today = (
                Money(one.open - less, one.currency),
                ctx.get(Invoice, one.invoice_id).number,
                ctx.today,
            )
        self.statement(amount, f"for {number}", today)

    @rule(weight=8, pick=picks, here=st.sampled_from([True, True, False]), named=st.booleans(), days=st.integers(0, 3))
    def goes_out(self, pick: int, here: bool, named: bool, days: int) -> None:
        """A line of what some payment was, which may name it and be some days old."""
        wanted = select(Payment).order_by(Payment.id)
        with self.tenant.reading() as ctx:
            found = ctx.scalars(wanted.where(Payment.status == PaymentStatus.SUCCEEDED) if here else wanted)
            if not found:
                return
            payment, today = found[pick % len(found)], ctx.today
            amount, number = payment.amount, payment.number
        self.statement(-amount, f"return of {number}" if named else "no words", today - timedelta(days=days))

    @rule(weight=8, pick=picks, by_line=st.booleans())
    def go_back_and_forth(self, pick: int, by_line: bool) -> None:
        """A return is taken back, and comes again by a person or another line."""
        id = self.one(BankMatch, pick, BankMatch.status == MatchStatus.POSTED, BankMatch.kind == MatchKind.RETURN)
        if id is None:
            return
        assert self.do("bank_match_undo", id=id, reason="the bank erred").done
        with self.tenant.reading() as ctx:
            match = ctx.get(BankMatch, id)
            assert match.payment_id is not None
            line, payment, today = match.line_id, ctx.get(Payment, match.payment_id), ctx.today
            amount, number, came = payment.amount, payment.number, payment.status is PaymentStatus.SUCCEEDED
        self.everything_holds()
        if came and by_line:
            self.statement(-amount, f"again {number}", today)
        elif came:
            assert self.do("bank_match_post", line=line, returned={"id": payment.id}).done

    @rule(pick=picks)
    def goes_out_as_refund(self, pick: int) -> None:
        with self.tenant.reading() as ctx:
            found = ctx.scalars(select(Refund).where(Refund.reverses_id.is_(None)).order_by(Refund.id))
            if not found:
                return
            amount, today = found[pick % len(found)].amount, ctx.today
        self.statement(-amount, "paid back", today)

    @rule(weight=6, pick=picks)
    def undo_match(self, pick: int) -> None:
        id = self.one(BankMatch, pick, BankMatch.status == MatchStatus.POSTED)
        if id is not None:
            self.do("bank_match_undo", id=id, reason="the bank erred")

    @rule(weight=4, pick=picks, how=st.sampled_from(["bank_match_confirm", "bank_match_confirm", "bank_match_reject"]))
    def decide(self, pick: int, how: str) -> None:
        id = self.one(BankMatch, pick, BankMatch.status == MatchStatus.PROPOSED, BankMatch.customer_id.is_not(None))
        if id is not None:
            self.do(how, id=id)

    @rule(weight=4, pick=picks, by=picks)
    def choose(self, pick: int, by: int) -> None:
        """Somebody chooses for a line that went out, most often again what was taken back."""
        line = self.one(BankLine, pick, BankLine.amount_amount < 0, BankLine.status != BankLineStatus.POSTED)
        if line is None:
            return
        with self.tenant.reading() as ctx:
            amount = ctx.get(BankLine, line).amount
        fits = (Payment.amount_amount == -amount.amount, Payment.amount_currency == amount.currency)
        payment = self.one(Payment, by, *fits)
        if payment is not None:
            self.do("bank_match_post", line=line, returned={"id": payment})

    @rule(pick=picks, ignored=st.booleans())
    def ignore(self, pick: int, ignored: bool) -> None:
        id = self.one(BankLine, pick)
        if id is not None:
            self.do("bank_line_ignore", id=id, ignored=ignored)

    @rule()
    def match_again(self) -> None:
        assert self.do("bank_match_run", again=True).done

    @invariant()
    def everything_holds(self) -> None:
        """What the bank tells late counts from its day; but on no day was there less than nothing of a payment."""
        assert not self.tenant.check()
        with self.tenant.reading() as ctx:
            today = ctx.today
        assert self.balances() == self.balances(today)
        for day in list(self.past)[-3:]:
            assert all(row.unapplied >= 0 for rows in self.balances(day).values() for row in rows), day

    @invariant()
    def each_payment_is_bounced_as_often_as_something_says_so(self) -> None:
        """A bounce that stands was made by hand or by the one posted line that says so."""
        with self.tenant.reading() as ctx:
            returns = ctx.scalars(
                select(BankMatch.payment_id).where(
                    BankMatch.kind == MatchKind.RETURN, BankMatch.status == MatchStatus.POSTED
                )
            )
            bounced = set(ctx.scalars(select(Payment.id).where(Payment.status == PaymentStatus.BOUNCED)))
            taken_back = set(ctx.scalars(select(Entry.reverses_id).where(Entry.reverses_id.is_not(None))))
            bounces = ctx.scalars(select(Entry).where(Entry.kind == EntryKind.BOUNCE))
        assert len(returns) == len(set(returns)) and set(returns) <= bounced
        standing = [entry.source_id for entry in bounces if entry.id not in taken_back]
        assert len(standing) == len(set(standing)) and bounced <= set(standing)


def run(shop: Shop, sequences: int, steps: int) -> None:
    machine = type("StatementsOfThisShop", (Statements,), {"shop": shop})
    run_sequences(machine, sequences, steps)


def test_any_sequence_with_statements_keeps_the_ledger_true(app_with: Callable[..., Shop]) -> None:
    run(app_with(), 5, 20)


@pytest.mark.soak
def test_2000_sequences_with_statements_keep_the_ledger_true(app_with: Callable[..., Shop]) -> None:
    run(app_with(), 2_000, 20)
