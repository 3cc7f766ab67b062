"""What credit costs a confirmation, and that it costs the same at any history (CRE-1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from huikuan.testing.shop import Shop

MOST = 11


@contextmanager
def counted(shop: Shop) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    seen: list[str] = []
    engine = shop.kernel.database.engine

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def confirming(shop: Shop, order: Any) -> list[str]:
    scope = shop.scope
    with counted(shop) as seen:
        assert shop.kernel.run(scope, "order_confirm", {"id": order.id}, key=order.id).done
    return seen


def test_credit_adds_few_statements_to_a_confirmation(shop: Shop) -> None:
    shop.credit.limit("C-1", "1000000")
    shop.orders.confirmed(customer="C-1", total="1")
    draft = [shop.orders.draft(customer="C-1", total="100") for _ in range(2)]
    with_credit = confirming(shop, draft[0])
    shop.disable("credit")
    without = confirming(shop, draft[1])
    assert len(with_credit) - len(without) <= MOST, "\n".join(item for item in with_credit if "credit_" in item)


def test_a_longer_history_takes_no_more_statements(shop: Shop) -> None:
    shop.credit.limit("C-1", "1000000")
    orders = [shop.orders.draft(customer="C-1", total="10") for _ in range(12)]
    counts = [len(confirming(shop, order)) for order in orders]
    assert len(set(counts[2:])) == 1, counts
