"""A book of open instalments in the real tables, written by the database itself.

Every invoice has four instalments, 30 days apart; every tenth instalment is half paid ten days after it was due, by a
payment of its own. Every tenth customer is billed in USD, at 0.5 to the company's EUR, the others in EUR. Invoices have
no lines: nothing that is measured reads them.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import psycopg

__all__ = ["fill_book"]

INSTALMENTS = 4

# As the application's ids: version 7, growing with n, so that what belongs together lies together as it does in life.
_ID = """(lpad(to_hex(1735689600000 + {n}), 12, '0') || '7' || substr(md5('{kind}' || ({n})::text || %(tenant)s), 1, 3)
    || '8' || substr(md5('{kind}' || ({n})::text || %(tenant)s), 4, 15))::uuid"""
_STAMPS = "now(), now()"


def _id(kind: str, n: str = "n") -> str:
    return _ID.format(kind=kind, n=n)


_PARTS = f"""
CREATE TEMP TABLE part ON COMMIT DROP AS
SELECT n, i, p, {_id("customer", "c")} AS customer, currency, %(today)s::date - mod(i * 37, 720)::integer AS issued,
    %(today)s::date - mod(i * 37, 720)::integer + 30 * p AS due, amount, amount / rate AS base, rate,
    mod(n, 10) = 0 AND mod(i * 37, 720) >= 30 * p + 10 AS paid
FROM (
    SELECT n, 1 + (n - 1) / {INSTALMENTS} AS i, (1 + mod(n - 1, {INSTALMENTS}))::integer AS p,
        1 + mod((n - 1) / {INSTALMENTS} * 7, %(customers)s) AS c, (25 + mod(n * 7919, 12500)) * 400 AS amount
    FROM generate_series(1::bigint, %(count)s) n
) numbered CROSS JOIN LATERAL (
    SELECT CASE WHEN mod(c, 10) = 0 THEN 'USD' ELSE 'EUR' END AS currency,
        CASE WHEN mod(c, 10) = 0 THEN 2 ELSE 1 END AS rate
) money
"""

_CUSTOMERS = f"""
INSERT INTO customers_customer (tenant_id, id, code, name, currency, language, created_at, updated_at)
SELECT %(tenant)s::uuid, {_id("customer", "c")}, 'B' || c, 'Customer ' || c || ' of the book Ltd.',
    CASE WHEN mod(c, 10) = 0 THEN 'USD' ELSE 'EUR' END, 'en', {_STAMPS}
FROM generate_series(1::bigint, %(customers)s) c
"""

_INVOICES = f"""
INSERT INTO invoicing_invoice (
    tenant_id, id, kind, status, number, customer_id, bill_to_id, payer_id, currency, rate, rate_units, rate_on,
    issued_on, due_on, tax_rounding, discount_tax, aftermath, notes, past, posted_at, net_amount, net_currency,
    tax_amount, tax_currency, total_amount, total_currency, base_total_amount, base_total_currency,
    created_at, updated_at)
SELECT %(tenant)s::uuid, {_id("invoice", "i")}, 'INVOICE', 'POSTED', 'BOOK-' || lpad(i::text, 7, '0'), customer,
    customer, customer, currency, 1000000 / rate, 1, issued, issued, max(due), 'DOCUMENT', 'INCLUDED', 'REBILL', '',
    true, now(), sum(amount), currency, 0, currency, sum(amount), currency, sum(base), 'EUR', {_STAMPS}
FROM part GROUP BY i, customer, currency, rate, issued
"""

_INSTALMENTS = f"""
INSERT INTO invoicing_invoice_instalment (
    tenant_id, id, invoice_id, sequence, due_on, currency, amount, created_at, updated_at)
SELECT %(tenant)s::uuid, {_id("instalment")}, {_id("invoice", "i")}, p, due, currency, amount, {_STAMPS} FROM part
"""

_FACTS = (
    "invoice_id, sequence, kind, customer_id, payer_id, currency, amount, issued_on, due_on, created_at, updated_at"
)
_FACT_VALUES = f"{_id('invoice', 'i')}, p, 'INVOICE', customer, customer, currency, amount, issued, due, {_STAMPS}"

_ITEMS = f"""
INSERT INTO receivables_item (tenant_id, id, instalment_id, base_amount, rated, {_FACTS})
SELECT %(tenant)s::uuid, {_id("item")}, {_id("instalment")}, base, true, {_FACT_VALUES} FROM part
"""

_BALANCES = f"""
INSERT INTO receivables_item_balance (tenant_id, id, item_id, open, base_open, fx, chase_on, {_FACTS})
SELECT %(tenant)s::uuid, {_id("item")}, {_id("item")}, CASE WHEN paid THEN amount / 2 ELSE amount END,
    CASE WHEN paid THEN base / 2 ELSE base END, 0, due, {_FACT_VALUES} FROM part
"""

_ENTRIES = f"""
INSERT INTO receivables_entry (tenant_id, id, kind, "on", source_type, source_id, created_at, updated_at)
SELECT %(tenant)s::uuid, {_id("entry", "i")}, 'INVOICE', issued, 'Invoice', {_id("invoice", "i")}, {_STAMPS}
FROM part GROUP BY i, issued
UNION ALL SELECT %(tenant)s::uuid, {_id("came")}, 'PAYMENT', due + 10, 'Payment', {_id("payment")}, {_STAMPS}
FROM part WHERE paid
UNION ALL SELECT %(tenant)s::uuid, {_id("used")}, 'ALLOCATION', due + 10, 'Allocation', {_id("allocation")}, {_STAMPS}
FROM part WHERE paid
"""


def _posting(kind: str, entry: str, account: str, parts: str, amounts: str, source: str = "part WHERE paid") -> str:
    """``parts``: item, payment, day and due day."""
    return f"""
INSERT INTO receivables_posting (
    tenant_id, id, entry_id, account, customer_id, item_id, payment_id, "on", due_on, currency, amount, base_amount,
    created_at, updated_at)
SELECT %(tenant)s::uuid, {kind}, {entry}, '{account}', customer, {parts}, currency, {amounts}, {_STAMPS} FROM {source}
"""


_PAID = f"NULL, {_id('payment')}, due + 10, NULL"
_POSTINGS = (
    _posting(_id("owed"), _id("entry", "i"), "RECEIVABLE", f"{_id('item')}, NULL, issued, due", "amount, base", "part"),
    _posting(
        _id("sold", "i"),
        _id("entry", "i"),
        "SALES",
        "NULL, NULL, issued, NULL",
        "-sum(amount), -sum(base)",
        "part GROUP BY i, customer, issued, currency",
    ),
    _posting(_id("cash"), _id("came"), "CASH", _PAID, "amount / 2, base / 2"),
    _posting(_id("money"), _id("came"), "UNAPPLIED", _PAID, "-amount / 2, -base / 2"),
    _posting(_id("spent"), _id("used"), "UNAPPLIED", _PAID, "amount / 2, base / 2"),
    _posting(
        _id("settled"), _id("used"), "RECEIVABLE", f"{_id('item')}, NULL, due + 10, due", "-amount / 2, -base / 2"
    ),
)

_PAYMENTS = f"""
INSERT INTO receivables_payment (
    tenant_id, id, number, customer_id, status, method, rate, rate_units, rate_on, base_amount, received_on, reference,
    unapplied, base_unapplied, amount_amount, amount_currency, created_at, updated_at)
SELECT %(tenant)s::uuid, {_id("payment")}, 'BOOK-PAY-' || n, customer, 'SUCCEEDED', 'BANK_TRANSFER', 1000000 / rate, 1,
    due + 10, base / 2, due + 10, 'book-' || n, 0, 0, amount / 2, currency, {_STAMPS}
FROM part WHERE paid
"""

_ALLOCATIONS = f"""
INSERT INTO receivables_allocation (
    tenant_id, id, payment_id, item_id, invoice_id, customer_id, kind, "on", currency, amount, source_currency,
    source_amount, base_amount, rule, entry_id, created_at, updated_at)
SELECT %(tenant)s::uuid, {_id("allocation")}, {_id("payment")}, {_id("item")}, {_id("invoice", "i")}, customer,
    'PAYMENT', due + 10, currency, amount / 2, currency, amount / 2, base / 2, 'BY_HAND', {_id("used")}, {_STAMPS}
FROM part WHERE paid
"""


def fill_book(admin_url: str, tenant: UUID, today: date, *, instalments: int, customers: int) -> None:
    """Write the book of a tenant; foreign keys are right by construction and not checked row by row."""
    values = {"tenant": str(tenant), "today": today, "count": instalments, "customers": customers}
    with psycopg.connect(admin_url) as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        statements = (_PARTS, _CUSTOMERS, _INVOICES, _INSTALMENTS, _ITEMS, _PAYMENTS, _ENTRIES, _ALLOCATIONS, _BALANCES)
        for statement in (*statements, *_POSTINGS):
            connection.execute(statement.encode(), values)
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")  # what autovacuum would do a minute later
