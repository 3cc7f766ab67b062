"""Two commands at once: what must not happen does not, whichever comes first."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from huikuan.testing.shop import Answer, Shop

AppWith = Callable[..., Shop]


@pytest.fixture
def shop(app_with: AppWith) -> Shop:
    return app_with("customers")


def at_once(shop: Shop, *mutations: tuple[str, dict[str, Any]]) -> list[Answer]:
    together = Barrier(len(mutations))

    def send(mutation: tuple[str, dict[str, Any]]) -> Answer:
        together.wait()
        return shop.mutate(mutation[0], **mutation[1])

    with ThreadPoolExecutor(len(mutations)) as threads:
        return list(threads.map(send, mutations))


def done(answer: Answer) -> bool:
    return not answer.errors and not answer.codes


def test_two_customers_are_not_put_above_each_other(shop: Shop) -> None:
    first, second = shop.customers.create("A"), shop.customers.create("B")
    answers = at_once(
        shop,
        ("customerUpdate", {"id": first.id, "input": {"parent": {"code": "B"}}}),
        ("customerUpdate", {"id": second.id, "input": {"parent": {"code": "A"}}}),
    )
    assert [done(answer) for answer in answers].count(True) == 1
    [loser] = [answer for answer in answers if not done(answer)]
    assert loser.refused("CUSTOMERS_FAMILY_CYCLE")
    assert not shop.check()


def test_one_tax_id_makes_one_customer(shop: Shop) -> None:
    answers = at_once(
        shop,
        *(("customerCreate", {"input": {"code": f"C-{n}", "name": "Same", "taxId": "DE 1"}}) for n in range(4)),
    )
    assert [done(answer) for answer in answers].count(True) == 1
    for answer in answers:
        assert done(answer) or answer.failed("CONFLICT") or answer.refused("CUSTOMERS_TAX_ID_TAKEN")
    assert shop.query("{ customers { totalCount } }")["customers"]["totalCount"] == 1
