"""A run at the same time as others, and killed in the middle: each item once, none lost (COL-8)."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.clock import FixedClock
from huikuan.core.module import migration_sources
from huikuan.db import Database
from huikuan.db.migrate import MigrationSource
from huikuan.errors import Conflict
from huikuan.ids import new_id
from huikuan.jobs.worker import Worker
from huikuan.kernel import Kernel
from huikuan.runner import CommandResult
from huikuan.testing.databases import DatabaseTemplates
from huikuan.testing.postgres import PostgresServer
from huikuan.testing.shop import Shop, make_shop
from huikuan_receivables import issuing, standing
from huikuan_receivables.models import DunningLetter, DunningRun, DunningStep
from huikuan_receivables.snapshots import LetterState, RunState
from modules.receivables.tests.chasing import company, pay, preview

WORKERS = 8
CUSTOMERS = 24
KILLS = 4


def owing(shop: Shop) -> None:
    """Customers with two invoices each that are to be reminded of."""
    company(shop)
    for number in range(CUSTOMERS):
        code = shop.customers.create(f"C{number}", currency="EUR").code
        for amount in ("10", "20"):
            shop.invoicing.posted(total=amount, customer=code)
    shop.pass_time(days=7)


def at_once(actions: Sequence[Callable[[], Any]]) -> list[Any]:
    """All of them, begun together."""
    gate = threading.Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        gate.wait(30)
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def patiently(shop: Shop, command: str, **arguments: Any) -> CommandResult:
    """Sent again, with the same key, while it is told to send it again."""
    key, deadline = new_id().hex, time.monotonic() + 120
    while True:
        try:
            return shop.kernel.run(shop.scope, command, arguments, key=key)
        except Conflict:
            assert time.monotonic() < deadline
        time.sleep(0.02)


def everybody_once(shop: Shop, items: int = 2 * CUSTOMERS) -> None:
    """Each item one step, each customer one letter, all in one run that is done."""
    with shop.reading() as ctx:
        steps = ctx.rows(select(DunningStep.item_id, func.count().label("n")).group_by(DunningStep.item_id))
        letters = ctx.scalars(select(DunningLetter.customer_id).where(DunningLetter.state == LetterState.ISSUED))
        runs = ctx.scalars(select(DunningRun.state))
    assert sorted(row.n for row in steps) == [1] * items
    assert len(letters) == len(set(letters)) == CUSTOMERS
    assert list(runs) == [RunState.DONE]
    assert not shop.check()


@pytest.fixture
def shop(database_with: Callable[..., Database], installed_modules: ModuleCatalog, signing_keys: KeyRing) -> Shop:
    """A tenant with a connection for each worker."""
    return make_shop(database_with(pool_size=WORKERS), installed_modules, ("receivables",), keys=signing_keys)


def test_runs_at_once_remind_each_item_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuing, "PAGE", 5)
    owing(shop)
    shown = at_once([lambda: patiently(shop, "dunning_run_preview") for _ in range(WORKERS)])
    assert len({found.values["dunning_run"] for found in shown}) == 1, "one run at a time"
    run = UUID(shown[0].values["dunning_run"])
    at_once([lambda: patiently(shop, "dunning_run_approve", id=run) for _ in range(WORKERS)])
    issues = 2 * CUSTOMERS // WORKERS
    at_once([lambda: [patiently(shop, "dunning_run_issue", id=run) for _ in range(issues)] for _ in range(WORKERS)])
    shop.work()
    everybody_once(shop)


def test_payments_at_the_same_time_lose_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who pays while letters are issued is reminded or not, and the letter says what was open."""
    monkeypatch.setattr(issuing, "PAGE", 3)
    owing(shop)
    run = UUID(patiently(shop, "dunning_run_preview").values["dunning_run"])
    patiently(shop, "dunning_run_approve", id=run)

    def issue() -> None:
        for _ in range(CUSTOMERS):
            patiently(shop, "dunning_run_issue", id=run)

    def pay_some(first: int) -> None:
        for number in range(first, CUSTOMERS, 2):
            amount = {"amount": "15", "currency": "EUR"}
            given = {"customer": {"code": f"C{number}"}, "amount": amount, "reference": f"bank-{number}"}
            assert patiently(shop, "payment_record", input=given).done

    at_once([issue, issue, lambda: pay_some(0), lambda: pay_some(1)])
    shop.work()
    with shop.reading() as ctx:
        steps = ctx.rows(select(DunningStep.item_id, func.count().label("n")).group_by(DunningStep.item_id))
        states = set(ctx.scalars(select(DunningLetter.state)))
    assert {row.n for row in steps} == {1}
    assert CUSTOMERS <= len(steps) <= 2 * CUSTOMERS, "the second invoice of each customer is reminded of in any case"
    assert states == {LetterState.ISSUED}
    assert not shop.check()


@pytest.fixture(params=["sqlite", "postgresql"])
def target(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    database_templates: DatabaseTemplates,
    installed_modules: ModuleCatalog,
    signing_keys: KeyRing,
) -> Iterator[tuple[Shop, Callable[[], Kernel]]]:
    """A shop, and how a child process opens its database anew."""
    sources = migration_sources(installed_modules)
    with _urls(request, database_templates, sources, tmp_path) as (url, system_url):
        database = Database(url, system_url=system_url, pool_size=2)
        shop = make_shop(database, installed_modules, ("receivables",), keys=signing_keys)

        def opened() -> Kernel:
            own = Database(url, system_url=system_url, pool_size=2)
            return Kernel(own, installed_modules, signing_keys, clock=FixedClock(shop.clock.now()))

        yield shop, opened
        database.dispose()


@contextmanager
def _urls(
    request: pytest.FixtureRequest, templates: DatabaseTemplates, sources: Sequence[MigrationSource], folder: Path
) -> Iterator[tuple[str, str | None]]:
    if request.param == "sqlite":
        yield templates.sqlite(sources, folder / "dunning.db"), None
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with templates.postgres(server, sources) as urls:
        yield urls.app, urls.system


def test_a_run_killed_in_the_middle_goes_on(
    target: tuple[Shop, Callable[[], Kernel]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL inside the transaction of a page: that page is undone, the pages before stand, and a worker goes on."""
    shop, opened = target
    monkeypatch.setattr(issuing, "PAGE", 4)
    owing(shop)
    run = preview(shop)["dunningRun"]["id"]
    shop.mutate("dunningRunApprove", id=run)["dunningRun"]
    seed = random.SystemRandom().randrange(10**6)
    rng, reached = random.Random(seed), []
    for _ in range(KILLS):
        _work_and_die(opened, rng.randint(3, 14))
        with shop.reading() as ctx:
            steps = ctx.scalars(select(DunningStep.item_id))
        assert len(steps) == len(set(steps)), seed
        assert len(steps) % 8 == 0, f"a page is done wholly or not at all, seed {seed}"
        reached.append(len(steps))
        shop.pass_time(minutes=61)
    assert reached == sorted(reached), seed
    shop.work()
    everybody_once(shop)


def _work_and_die(opened: Callable[[], Kernel], after: int) -> None:
    """A worker in a process of its own, killed at its n-th reminder."""
    child = os.fork()
    if child == 0:
        try:
            plain, count = standing.step, iter(range(1, after + 1))

            def deadly(*args: Any, **kwargs: Any) -> Any:
                found = plain(*args, **kwargs)
                if next(count) == after:
                    os.kill(os.getpid(), signal.SIGKILL)
                return found

            vars(issuing)["step"] = deadly
            Worker(opened()).run_until_idle()
        finally:
            os._exit(4)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"the child ended by itself with {os.waitstatus_to_exitcode(status)}"


def test_paid_customers_get_no_letter_after_a_restart(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuing, "PAGE", 1)
    owing(shop)
    run = UUID(patiently(shop, "dunning_run_preview").values["dunning_run"])
    patiently(shop, "dunning_run_approve", id=run)
    patiently(shop, "dunning_run_issue", id=run)
    for number in range(CUSTOMERS):
        pay(shop, "30", f"C{number}", f"bank-{number}")
    shop.work()
    with shop.reading() as ctx:
        rows = ctx.rows(select(DunningLetter.state, func.count().label("n")).group_by(DunningLetter.state))
    assert {row.state: row.n for row in rows} == {LetterState.ISSUED: 1, LetterState.SKIPPED: CUSTOMERS - 1}
    assert not shop.check()
