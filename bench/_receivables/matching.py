"""Lines of bank statements against very many open items: how many are matched, and posted if certain, per second.

Some lines are matched before the clock runs, and the database looks at its tables then, as it does by itself within a
minute: with statistics of empty tables PostgreSQL checks each reference by reading all rows of the tenant.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import select

from huikuan.context import Context
from huikuan.ids import new_id
from huikuan.kernel import Kernel
from huikuan.money import Money
from huikuan.runner import Scope
from huikuan.tax import TaxRounding
from huikuan_customers.models import Customer
from huikuan_invoicing.models import Invoice, InvoiceInstalment
from huikuan_invoicing.snapshots import CreditAftermath, DiscountTax, InvoiceKind, InvoiceStatus
from huikuan_receivables.banking.lines import NewLine, record_lines
from huikuan_receivables.models import BankSource, Entry, ItemBalance, PayerAlias, Posting, ReceivableItem
from huikuan_receivables.snapshots import Account, AliasKind, EntryKind

__all__ = ["BATCH", "fill_items", "fill_lines", "matching"]

BATCH = 10_000
FIRST = 20
PER_CUSTOMER = 20
PAGE = 5_000
CURRENCY = "EUR"
Item = tuple[str, Decimal, UUID]
"""Number, amount and whose it is."""


def matching(
    kernel: Kernel, scope: Scope, admin_url: str, *, items: int = 100_000, lines: int = 10_000
) -> dict[str, float]:
    """``match_per_second``, the posting of the certain ones included; the same by the time of the processor; and what
    share of the lines was certain."""
    rng = random.Random(20_260_105)
    first = max(1, lines // FIRST)
    filled = fill_items(kernel, scope, items, rng)
    fill_lines(kernel, scope, filled, first + lines, rng)
    assert kernel.run(scope, "bank_match_run", {"limit": first}).values["tried"] == first
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")  # what autovacuum does a minute later
    gc.collect()
    started, worked, tried, posted = time.perf_counter(), time.process_time(), 0, 0
    while True:
        result = kernel.run(scope, "bank_match_run", {"limit": BATCH})
        assert result.done, result.refusals
        if not result.values["tried"]:
            break
        tried += result.values["tried"]
        posted += result.values["posted"]
    seconds, work = time.perf_counter() - started, time.process_time() - worked
    assert tried == lines, f"{tried} of {lines} lines were looked at"
    return {
        "match_per_second": tried / seconds,
        "match_per_cpu_second": tried / work,
        "match_posted_share": posted / tried,
    }


def fill_items(kernel: Kernel, scope: Scope, count: int, rng: random.Random) -> list[Item]:
    """Posted invoices of one instalment each, with their items and entries, over many customers."""
    customers = [new_id() for _ in range(max(1, count // PER_CUSTOMER))]
    with _writing(kernel, scope) as ctx:
        ctx.insert(Customer, [_customer(place, id) for place, id in enumerate(customers)])
        aliases = [
            {"kind": AliasKind.ACCOUNT, "value": f"ACC{place}", "customer_id": id, "match_id": None}
            for place, id in enumerate(customers)
        ]
        ctx.insert(PayerAlias, aliases)
    found: list[Item] = []
    for start in range(0, count, PAGE):
        page = [
            (f"BENCH-{place:07d}", Decimal(rng.randrange(1_000, 500_000)) / 100, rng.choice(customers))
            for place in range(start, min(count, start + PAGE))
        ]
        with _writing(kernel, scope) as ctx:
            _insert(ctx, page, rng)
        found += page
    return found


def fill_lines(kernel: Kernel, scope: Scope, items: Sequence[Item], count: int, rng: random.Random) -> None:
    """Lines as they come: most name an invoice, some their payer only, some say nothing."""
    chosen = rng.sample(items, count)
    accounts = _accounts(kernel, scope)
    with _writing(kernel, scope) as ctx:
        source = ctx.add(BankSource(code="BENCH", name="Bench", currency=CURRENCY))
        ctx.flush()
        record_lines(
            ctx,
            source.id,
            None,
            [_line(ctx.today, place, item, accounts[item[2]]) for place, item in enumerate(chosen)],
        )


def _line(today: date, place: int, item: Item, account: str) -> NewLine:
    number, amount, _ = item
    more: dict[str, Any] = {"text": f"Payment for order {place}, thank you"}
    match place % 10:
        case 0 | 1 | 2 | 3 | 4:
            more = {"text": f"Invoice {number.lower()} of last month"}
        case 5:
            more = {"remittance": number}
        case 6:
            more, amount = {"text": f"货款 {number}"}, (amount / 2).quantize(Decimal("0.01"))
        case 7 | 8:
            more["payer_account"] = account
    return NewLine(on=today, amount=Money(amount, CURRENCY), reference=f"T-{place}", raw={"place": str(place)}, **more)


def _insert(ctx: Context, page: Sequence[Item], rng: random.Random) -> None:
    rows: dict[type[Any], list[dict[str, Any]]] = {
        model: [] for model in (Invoice, InvoiceInstalment, ReceivableItem, ItemBalance, Entry, Posting)
    }
    for number, amount, customer in page:
        issued = ctx.today - timedelta(days=rng.randrange(1, 120))
        invoice, part, item, entry = (new_id() for _ in range(4))
        due = issued + timedelta(days=30)
        rows[Invoice].append(_invoice(ctx, invoice, number, amount, customer, issued, due))
        rows[InvoiceInstalment].append(
            {"id": part, "invoice_id": invoice, "sequence": 1, "due_on": due, "currency": CURRENCY, "amount": amount}
        )
        facts = _facts(invoice, amount, customer, issued, due)
        rows[ReceivableItem].append({"id": item, "instalment_id": part, "base_amount": amount, "rated": True, **facts})
        rows[ItemBalance].append(
            {
                "id": item,
                "item_id": item,
                "open": amount,
                "base_open": amount,
                "fx": Decimal(0),
                "closed_on": None,
                "chase_on": due,
                **facts,
            }
        )
        rows[Entry].append(
            {"id": entry, "kind": EntryKind.INVOICE, "on": issued, "source_type": "Invoice", "source_id": invoice}
        )
        rows[Posting] += _sides(entry, item, amount, customer, issued, due)
    for model, some in rows.items():
        ctx.insert(model, some)


def _facts(invoice: UUID, amount: Decimal, customer: UUID, issued: date, due: date) -> dict[str, Any]:
    return {
        "invoice_id": invoice,
        "sequence": 1,
        "kind": InvoiceKind.INVOICE,
        "customer_id": customer,
        "payer_id": customer,
        "currency": CURRENCY,
        "amount": amount,
        "issued_on": issued,
        "due_on": due,
        "discount_until": None,
        "discount_amount": None,
        "origin_id": None,
        "document_id": None,
    }


def _sides(
    entry: UUID, item: UUID, amount: Decimal, customer: UUID, issued: date, due: date
) -> Iterator[dict[str, Any]]:
    for account, signed in ((Account.RECEIVABLE, amount), (Account.SALES, -amount)):
        own = account is Account.RECEIVABLE
        yield {
            "entry_id": entry,
            "account": account,
            "customer_id": customer,
            "item_id": item if own else None,
            "payment_id": None,
            "on": issued,
            "due_on": due if own else None,
            "currency": CURRENCY,
            "amount": signed,
            "base_amount": signed,
        }


def _invoice(
    ctx: Context, id: UUID, number: str, amount: Decimal, customer: UUID, issued: date, due: date
) -> dict[str, Any]:
    money = {
        f"{name}_{part}": value
        for name, sum in (("net", amount), ("tax", Decimal(0)), ("total", amount), ("base_total", amount))
        for part, value in (("amount", sum), ("currency", CURRENCY))
    }
    return {
        "id": id,
        "kind": InvoiceKind.INVOICE,
        "status": InvoiceStatus.POSTED,
        "number": number,
        "customer_id": customer,
        "bill_to_id": customer,
        "payer_id": customer,
        "currency": CURRENCY,
        "rate_units": 1,
        "issued_on": issued,
        "due_on": due,
        "tax_rounding": TaxRounding.LINE,
        "discount_tax": DiscountTax.INCLUDED,
        "aftermath": CreditAftermath.REBILL,
        "notes": "",
        "past": True,
        "posted_at": ctx.now,
        **money,
    }


def _customer(place: int, id: UUID) -> dict[str, Any]:
    return {
        "id": id,
        "code": f"BENCH-{place}",
        "name": f"Bench customer {place}",
        "currency": CURRENCY,
        "language": "en",
    }


def _accounts(kernel: Kernel, scope: Scope) -> dict[UUID, str]:
    """From which account each customer pays."""
    with kernel.reading(scope) as ctx:
        return {row.customer_id: row.value for row in ctx.rows(select(PayerAlias.customer_id, PayerAlias.value))}


@contextmanager
def _writing(kernel: Kernel, scope: Scope) -> Iterator[Context]:
    """A transaction that commits what it is given; rules are not asked."""
    with kernel.database.command(scope.tenant.id, kernel.clock) as session:
        yield kernel.context(scope, session, "bench")
