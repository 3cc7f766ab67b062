"""Many at once: a line is posted once, whoever matches, confirms or takes back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

from huikuan.errors import Conflict
from huikuan.runner import CommandResult
from huikuan.testing.shop import Shop
from modules.receivables.tests.reading import payment_of
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


def test_a_return_that_is_sent_and_matched_by_many_bounces_once(shop: Shop) -> None:
    bank = Bank(shop)
    invoice = shop.invoicing.posted(total="10", customer="C")
    payment = shop.receivables.pay("10", settle=[invoice])

    def send_and_match() -> Any:
        bank.send("on,amount,text\n2026-01-05,-10.00,PAY-000001\n", name="same.csv")
        return shop.run("bank_match_run")

    answers = at_once(send_and_match)
    done = [answer for answer in answers if isinstance(answer, CommandResult)]
    assert sum(answer.values["posted"] for answer in done) == 1
    assert_bounced_once(shop, payment)
    [line] = bank.lines()
    [match] = line["matches"]
    answers = at_once(lambda: bank.undo(match))
    assert sum(not answer.errors and not answer.codes for answer in answers) == 1
    assert payment_of(shop, payment)["status"] == "SUCCEEDED" and open_of(shop, invoice.number) == "0.00"
    assert not shop.check()


def test_two_lines_and_a_person_tell_of_one_return_at_once_and_it_bounces_once(shop: Shop) -> None:
    bank = Bank(shop)
    payment = shop.receivables.pay("10", settle=[])
    lines = [bank.comes("-10.00", f"no words {place}") for place in range(4)]
    places = count()

    def one_of_them() -> Any:
        place = next(places)
        if place % 5 == 4:
            return shop.mutate("paymentBounce", id=payment, reason="no funds")
        return bank.choose(lines[place % 5], returned={"id": payment})

    answers = at_once(one_of_them)
    posted = [answer for answer in answers if answer.name == "bankMatchPost" and not answer.errors and not answer.codes]
    assert len(posted) == 1
    assert_bounced_once(shop, payment)
    assert sorted(line["status"] for line in bank.lines()) == ["OPEN", "OPEN", "OPEN", "POSTED"]
    assert not shop.check()


def assert_bounced_once(shop: Shop, payment: str) -> None:
    assert payment_of(shop, payment)["status"] == "BOUNCED"
    found = shop.query("{ receivableEntries(filter: {kind: {eq: BOUNCE}}) { totalCount } }")
    assert found["receivableEntries"]["totalCount"] == 1
