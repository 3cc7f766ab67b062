"""Many call off at once: exactly what fits, and no more."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.db import Database
from huikuan.errors import Conflict
from huikuan.ids import new_id
from huikuan.runner import CommandResult
from huikuan.testing.shop import Shop, make_shop, need
from modules.contracts.tests.reading import at_once, read

WORKERS = 64


@pytest.fixture
def sales(database_with: Callable[..., Database], installed_modules: ModuleCatalog, signing_keys: KeyRing) -> Shop:
    """A tenant with a connection for each worker."""
    need(installed_modules, "orders")
    found = make_shop(database_with(pool_size=WORKERS), installed_modules, ("contracts", "orders"), keys=signing_keys)
    found.products.create("A", price="10")
    return found


def run(shop: Shop, command: str, **arguments: Any) -> CommandResult:
    """Sends again, with the same key, what it is told to send again."""
    key, deadline = new_id().hex, time.monotonic() + 120
    while True:
        try:
            return shop.kernel.run(shop.scope, command, arguments, key=key)
        except Conflict:
            assert time.monotonic() < deadline
        time.sleep(0.02)


def test_64_call_offs_of_a_cap_take_exactly_what_fits(sales: Shop) -> None:
    frame = sales.contracts.frame("1000", A="40")
    line = {"sku": "A", "quantity": Decimal(3)}
    calls = [
        partial(run, sales, "contract_call_off", id=frame.id, input={"reference": f"{number}", "lines": [line]})
        for number in range(WORKERS)
    ]
    answers = at_once(calls, WORKERS)
    assert sum(answer.done for answer in answers) == 13
    refused = [answer for answer in answers if not answer.done]
    assert {tuple(it.code for it in answer.refusals) for answer in refused} == {("CONTRACTS_OVER_CAP",)}
    found = read(sales, frame)
    assert (found["consumed"]["amount"], found["items"][0]["consumed"]) == ("390.00", "39")
    assert len(found["callOffs"]) == 13
    assert sales.query("{ orders { totalCount } }")["orders"]["totalCount"] == 13
    assert not sales.check()


def test_the_same_call_off_sent_by_many_is_one_order(sales: Shop) -> None:
    frame = sales.contracts.frame("1000", A="40")
    given = {"reference": "once", "lines": [{"sku": "A", "quantity": Decimal(30)}]}
    answers = at_once([partial(run, sales, "contract_call_off", id=frame.id, input=given)] * 16, 16)
    assert {answer.values["call_off"] for answer in answers} == {answers[0].values["call_off"]}
    assert sales.query("{ orders { totalCount } }")["orders"]["totalCount"] == 1
    assert not sales.check()


def test_signatures_amendments_and_call_offs_at_once_keep_the_books_true(sales: Shop) -> None:
    frame = sales.contracts.frame("300", A="30")
    line = {"sku": "A", "quantity": Decimal(5)}
    amend = {
        "reason": "less",
        "signed_by": "Li Wei",
        "amount": Decimal(150),
        "items": [{"sku": "A", "cap": Decimal(15)}],
    }
    calls = [
        partial(run, sales, "contract_call_off", id=frame.id, input={"reference": f"{number}", "lines": [line]})
        for number in range(12)
    ]
    answers = at_once([*calls[:6], partial(run, sales, "contract_amend", id=frame.id, input=amend), *calls[6:]], 13)
    found = read(sales, frame)
    amended = answers[6].done
    assert Decimal(found["consumed"]["amount"]) <= (150 if amended else 300)
    assert found["version"] == (2 if amended else 1)
    assert not sales.check()
