"""Orders in the real tables, written by the database itself: a million of them one by one would take an hour."""

from __future__ import annotations

from uuid import UUID

import psycopg

from bench._graphql.sizes import LINES
from huikuan.kernel import Kernel
from huikuan.runner import Scope

__all__ = ["analyse", "customers_of", "fill_lines", "fill_orders", "products_of"]

_NAMES = (
    "Aurora Trading GmbH",
    "Müller & Söhne KG",
    "上海远东贸易有限公司",
    'The "Old Mill" Ltd.',
    "Établissements Lefèvre S.A.",
    "Northern Lights Wholesale Inc.",
)

# As the application's ids: version 7, growing with n, so that order and lines lie together as they do in life.
_ID = """(lpad(to_hex(1735689600000 + {n}), 12, '0') || '7' || substr(md5({n}::text || %(tenant)s::text), 1, 3)
    || '8' || substr(md5({n}::text || %(tenant)s::text), 4, 15))::uuid"""
_QUANTITY = "((1 + mod(n * 7 + p * 3, 20)) * 1000000 + CASE WHEN mod(n + p, 7) = 0 THEN 500000 ELSE 0 END)"
_PRICE = "((94 + 2 * mod(n * 13 + p * 29, 4950)) * 10000)"
_NET = f"({_QUANTITY} * {_PRICE} / 100000000)"

_ORDERS = f"""
INSERT INTO orders_order (
    tenant_id, id, number, kind, status, customer_id, bill_to_id, ship_to_id, payer_id, currency, tax_rounding,
    ordered_on, notes, version, net_amount, net_currency, tax_amount, tax_currency, total_amount, total_currency,
    created_at, updated_at)
SELECT %(tenant)s, {_ID.format(n="n")}, 'SO-' || lpad(n::text, 7, '0'), 'SALE',
    (ARRAY['DONE', 'DONE', 'CONFIRMED', 'DRAFT'])[1 + mod(n, 4)], c.id, c.id, c.id, c.id, 'EUR', 'DOCUMENT',
    date '2025-01-01' + (n / 500)::integer, '', 1, total, 'EUR', 0, 'EUR', total, 'EUR', now(), now()
FROM generate_series(1::bigint, %(count)s) n
JOIN unnest(%(customers)s::uuid[]) WITH ORDINALITY c (id, place) ON c.place = 1 + mod(n, %(choices)s)
CROSS JOIN LATERAL (SELECT sum({_NET}) AS total FROM generate_series(1, {LINES}) p) AS amounts
"""

_LINES = f"""
INSERT INTO orders_order_line (
    tenant_id, id, order_id, position, product_id, sku, description, currency, quantity, unit_price, list_price,
    discount_percent, tax_percent, tax_included, net, tax, gross, created_at, updated_at)
SELECT %(tenant)s, {_ID.format(n=f"(n * {LINES} + p)")}, {_ID.format(n="n")}, p, g.id, 'A' || g.place,
    'Crate, 40 cm, type ' || g.place || ' (Größe M)', 'EUR', {_QUANTITY}, {_PRICE}, {_PRICE}, 0, 0, false,
    {_NET}, 0, {_NET}, now(), now()
FROM generate_series(1::bigint, %(count)s) n CROSS JOIN generate_series(1, {LINES}) p
JOIN unnest(%(products)s::uuid[]) WITH ORDINALITY g (id, place) ON g.place = 1 + mod(n + p, %(choices)s)
"""


def customers_of(kernel: Kernel, scope: Scope, count: int) -> list[UUID]:
    """New customers, made by their command."""
    return [
        _made(
            kernel,
            scope,
            "customer_create",
            {"input": {"code": f"C{place}", "name": f"{_NAMES[place % len(_NAMES)]} {place}", "currency": "EUR"}},
        )
        for place in range(count)
    ]


def products_of(kernel: Kernel, scope: Scope, count: int) -> list[UUID]:
    """New products, made by their command."""
    return [
        _made(kernel, scope, "product_create", {"sku": f"A{place + 1}", "name": f"Crate, 40 cm, type {place + 1}"})
        for place in range(count)
    ]


def fill_orders(admin_url: str, tenant: UUID, customers: list[UUID], count: int) -> None:
    """``count`` orders of a tenant; foreign keys are right by construction and not checked row by row."""
    values = {"tenant": tenant, "customers": customers, "choices": len(customers), "count": count}
    _write(admin_url, _ORDERS, values)


def fill_lines(admin_url: str, tenant: UUID, products: list[UUID], count: int) -> None:
    """The lines of the first ``count`` orders of a tenant."""
    _write(admin_url, _LINES, {"tenant": tenant, "products": products, "choices": len(products), "count": count})


def analyse(admin_url: str) -> None:
    """What autovacuum would do a minute later."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _write(admin_url: str, statement: str, values: dict[str, object]) -> None:
    with psycopg.connect(admin_url) as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(statement.encode(), values)


def _made(kernel: Kernel, scope: Scope, command: str, arguments: dict[str, object]) -> UUID:
    result = kernel.run(scope, command, arguments)
    assert result.done, result.refusals
    return UUID(str(result.values[command.partition("_")[0]]))
