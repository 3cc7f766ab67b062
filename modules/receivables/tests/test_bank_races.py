"""Many at once: a line is posted once, whoever matches, confirms or takes back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from huikuan.errors import Conflict
from huikuan.runner import CommandResult
from huikuan.testing.shop import Shop
from modules.receivables.tests.statements import HEADER, Bank, open_of

THREADS = 16


def at_once(work: Callable[[], Any]) -> list[Any]:
    """What 16 at once answer; who gave up waiting answers a Conflict."""

    def one(_place: int) -> Any:
        try:
            return work()
        except Conflict as conflict:
            return conflict

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))


def test_sixteen_runs_over_the_same_lines_post_each_once(shop: Shop) -> None:
    bank = Bank(shop)
    for code in ("C-1", "C-2", "C-3"):
        shop.customers.create(code)
    numbers = [shop.invoicing.posted(total="10", customer=f"C-{place % 3 + 1}").number for place in range(12)]
    rows = "".join(f"2026-01-05,10.00,EUR,{number},T-{number},,,,\n" for number in numbers)
    assert bank.send(f"{HEADER}\n{rows}")["created"] == 12
    answers = at_once(lambda: shop.run("bank_match_run", limit=100))
    done = [answer for answer in answers if isinstance(answer, CommandResult)]
    assert sum(answer.values["posted"] for answer in done) == 12
    assert {open_of(shop, number) for number in numbers} == {"0.00"}
    assert shop.query("{ payments { totalCount } bankMatches { totalCount } }") == {
        "payments": {"totalCount": 12},
        "bankMatches": {"totalCount": 12},
    }
    assert not shop.check()


def test_confirmed_and_taken_back_by_many_it_happens_once(shop: Shop) -> None:
    bank = Bank(shop)
    shop.customers.create("C-1")
    number = shop.invoicing.posted(total="10", customer="C-1").number
    line = bank.comes("10.00", "no words")
    bank.run()
    [match] = bank.line(line)["matches"]
    answers = at_once(lambda: bank.confirm(match))
    assert sum(not answer.errors and not answer.codes for answer in answers) == 1
    assert shop.query("{ payments { totalCount } }")["payments"]["totalCount"] == 1
    answers = at_once(lambda: bank.undo(match))
    assert sum(not answer.errors and not answer.codes for answer in answers) == 1
    assert open_of(shop, number) == "10.00"
    assert not shop.check()


def test_the_same_file_sent_by_many_is_kept_once(shop: Shop) -> None:
    bank = Bank(shop)
    rows = "".join(f"2026-01-05,{place}.00,EUR,text,T-{place},,,,\n" for place in range(1, 20))
    at_once(lambda: bank.send(f"{HEADER}\n{rows}", name="same.csv"))
    assert len(bank.lines()) == 19
    assert not shop.check()
