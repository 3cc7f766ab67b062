"""`huikuan check` finds each kind of damage, and names exactly that one."""

from __future__ import annotations

import pytest

from huikuan.testing.corruption import Corrupt
from huikuan.testing.shop import Shop
from huikuan_credit.invariants import INVARIANTS

DAMAGE = {
    "credit.balances": (["UPDATE credit_balance SET ordered = ordered + 10000"], set[str]()),
    "credit.signs": (["UPDATE credit_position SET deposits = -1"], set[str]()),
    "credit.decisions": (["UPDATE credit_decision SET rule_version = 7 WHERE passed"], set[str]()),
    "credit.approved": (["UPDATE kernel_hold SET status = 'REJECTED'"], set[str]()),
    "credit.asked": (["DELETE FROM credit_decision WHERE level = 'OFF'"], set[str]()),
    "credit.limits": (["UPDATE credit_limit SET ended_at = NULL, valid_from = '2026-01-05'"], set[str]()),
    "credit.orders": (
        [
            "UPDATE credit_balance SET ordered = ordered + 10000",
            "UPDATE credit_position SET ordered = ordered + 10000 "
            "WHERE id = (SELECT id FROM credit_position ORDER BY id LIMIT 1)",
            "UPDATE credit_entry SET amount = amount + 10000 "
            "WHERE id = (SELECT id FROM credit_entry ORDER BY id LIMIT 1)",
        ],
        set[str](),
    ),
}


@pytest.mark.parametrize("name", DAMAGE, ids=DAMAGE)
def test_damage_is_found(shop: Shop, corrupt: Corrupt, name: str) -> None:
    shop.credit.limit("C-1", "500")
    shop.credit.limit("C-1", "1000")
    shop.orders.confirmed(customer="C-1", total="600")
    order = shop.orders.draft(customer="C-1", total="700")
    hold = shop.orders.confirm(order).payload["refusals"][0]["hold"]["id"]
    approver = shop.acting_with("credit.approve", "kernel.holds", "orders.read")
    approver.mutate("holdRelease", id=hold, reason="known for long")
    shop.work()
    assert shop.orders.status(order) == "CONFIRMED" and shop.check() == []
    statements, also = DAMAGE[name]
    for statement in statements:
        corrupt(shop, statement)
    assert {found.name for found in shop.check()} == {name} | also


def test_every_invariant_is_tried() -> None:
    assert {found.name for found in INVARIANTS} | {"credit.orders"} == set(DAMAGE)
