"""`huikuan check` finds damaged events, and names exactly that; audit chain and idempotency have tests of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from huikuan.ids import new_id
from huikuan.testing.corruption import Corrupt
from huikuan.testing.shop import Shop

EVENT = "UPDATE kernel_outbox_event SET"
DAMAGE = {
    "kernel.event-sequence": f"{EVENT} sequence = 7 WHERE position = 1",
    "kernel.event-audit": f"{EVENT} audit_id = '{{stranger}}' WHERE position = 1",
    "kernel.feed-gapless": f"{EVENT} position = 9 WHERE position = 2",
}


@pytest.mark.parametrize("name", DAMAGE, ids=DAMAGE)
def test_damage_is_found(open_shop: Callable[..., Shop], corrupt: Corrupt, name: str) -> None:
    shop = open_shop("shelf")
    for number in range(3):
        shop.mutate("userCreate", email=f"u{number}@example.com", name="U", roles=[], password="long-enough-1")
    shop.work()
    assert not shop.check()
    stranger = new_id().hex if shop.dialect == "sqlite" else new_id()
    corrupt(shop, DAMAGE[name].format(stranger=stranger))
    assert [found.name for found in shop.check()] == [name]
