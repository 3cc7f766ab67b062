"""`huikuan check` finds each kind of damage to dunning, disputes and promises, and names exactly that one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from huikuan.testing.corruption import Corrupt
from huikuan.testing.shop import Shop
from huikuan_receivables.invariants.dunning import DUNNING
from modules.receivables.tests.chasing import company, dun, euros, item, level

DAMAGE = {
    "receivables.dunning-levels": ["UPDATE receivables_dunning_step SET level = 2 WHERE sequence = 1"],
    "receivables.dunning-lines": ["UPDATE receivables_dunning_line SET state = 'LISTED' WHERE state = 'ISSUED'"],
    "receivables.dunning-letters": ["UPDATE receivables_dunning_letter SET credit = open + 1"],
    "receivables.dunning-runs": ["UPDATE receivables_dunning_run SET state = 'DONE' WHERE open"],
    "receivables.promises": ["UPDATE receivables_payment_promise SET state = 'KEPT'"],
    "receivables.deferrals": ["UPDATE receivables_item_balance SET chase_on = '2027-01-01' WHERE chase_on <> due_on"],
    "receivables.disputes": ["UPDATE receivables_dispute SET amount = amount * 100"],
}


@pytest.fixture
def shop(app_with: Callable[..., Shop]) -> Shop:
    """A tenant in which each of these things has happened."""
    found = app_with("receivables")
    found.customers.create("C1", currency="EUR")
    company(found, level(1), level(5))
    items = [item(found, found.invoicing.posted(total=total, customer="C1")) for total in ("10", "20", "30", "40")]
    found.mutate("disputeOpen", item=items[1], reason="PRICE", amount=euros("5"))["dispute"]
    found.mutate("promiseMake", item=items[2], promisedOn=date(2026, 2, 1))["paymentPromise"]
    found.mutate("deferralMake", item=items[3], until=date(2026, 3, 1), reason="agreed")["deferral"]
    found.pass_time(days=1)
    assert len(dun(found)) == 1
    found.pass_time(days=4)
    assert found.mutate("dunningRunPreview")["dunningRun"]["state"] == "PREVIEW"
    return found


@pytest.mark.parametrize("name", DAMAGE, ids=DAMAGE)
def test_damage_is_found(shop: Shop, corrupt: Corrupt, name: str) -> None:
    assert not shop.check()
    for statement in DAMAGE[name]:
        corrupt(shop, statement)
    assert {found.name for found in shop.check()} == {name}


def test_every_invariant_has_its_damage() -> None:
    assert {found.name for found in DUNNING} == set(DAMAGE)
