"""A partner's module from its wheel: installed beside ours, served, and used over HTTP on both databases."""

import json
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    DateTime,
    Insert,
    NullPool,
    String,
    Uuid,
    column,
    create_engine,
    insert,
    select,
    table,
)
from sqlalchemy.exc import IntegrityError

from huikuan.db.admin import parse_url
from huikuan.db.roles import DEFAULT_ROLES
from huikuan.graphql.ids import decode_any_id, encode_id
from huikuan.ids import new_id
from huikuan.testing.postgres import PostgresServer
from tests.installation import Client, Installation, build, install
from tools.workspace import ROOT

pytestmark = pytest.mark.xdist_group("installation")

EXAMPLE = ROOT / "examples" / "acme_deposit"
LINES = 60
PASSWORD = "correct horse battery staple"
RECORD = """mutation($order: ID!, $amount: Decimal!, $key: String!) {
  acmeDepositRecord(order: {id: $order}, amount: {amount: $amount, currency: "EUR"}, idempotencyKey: $key) {
    deposit { id applied amount { amount currency } } refusals { code }
  }
}"""
CONFIRM = "mutation($id: ID!) { orderConfirm(id: $id) { order { status } refusals { code module data } } }"
ORDER = "query($id: ID!) { order(id: $id) { status deposited { amount currency } } }"
DEPOSITS = "{ acmeDeposits { nodes { applied order { id } } } }"
CREATE = """mutation($key: String!, $price: Decimal!) {
  customerCreate(input: {code: "C-1", name: "Someone", currency: "EUR"}) { refusals { code } }
  productCreate(sku: "A1", name: "Thing") { refusals { code } }
  orderCreate(
    input: {customer: {code: "C-1"}, currency: "EUR", lines: [{sku: "A1", quantity: "1", unitPrice: $price}]}
    idempotencyKey: $key
  ) { order { id } refusals { code } }
}"""


def test_it_is_short() -> None:
    counted = [line for path in sorted(EXAMPLE.glob("src/acme_deposit/*.py")) for line in _code(path)]
    assert 0 < len(counted) <= LINES, f"{len(counted)} lines, without blank ones, imports, migration and tests"


def test_it_pins_nothing() -> None:
    text = (EXAMPLE / "pyproject.toml").read_text()
    assert not re.search(r"==|constraint|workspace", text)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Our wheels and the example's, in an environment of their own."""
    folder = tmp_path_factory.mktemp("example")
    [wheel] = build([EXAMPLE], folder / "wheels")
    return install(folder / "installation", wheel, more=["pytest"])


def test_its_own_tests_pass(installed: Installation, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / "tests", tmp_path / "tests")  # away from the settings of this repository
    said = installed.run("pytest", "-q", "-p", "no:cacheprovider", "tests", cwd=tmp_path)
    assert " passed" in said


@contextmanager
def on_sqlite(installed: Installation, folder: Path, _request: pytest.FixtureRequest) -> Iterator[Installation]:
    """Nothing to set up: the database is a file."""
    yield installed.having(HUIKUAN_DATABASE_URL=f"sqlite:///{folder / 'shop.db'}")


@contextmanager
def on_postgresql(installed: Installation, folder: Path, request: pytest.FixtureRequest) -> Iterator[Installation]:
    """A database with its three roles, made by the commands that an operator runs."""
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = f"example_{secrets.token_hex(4)}"
    admin = server.create_database(name)
    keys = folder / "keys.json"
    site = installed.having(
        HUIKUAN_OWNER_DATABASE_URL=server.url(name, user=DEFAULT_ROLES.owner),
        HUIKUAN_DATABASE_URL=server.url(name, user=DEFAULT_ROLES.app),
        HUIKUAN_SYSTEM_DATABASE_URL=server.url(name, user=DEFAULT_ROLES.system),
        HUIKUAN_KEYS=str(keys),
    )
    site.run("huikuan", "db", "init", "--admin-url", admin)
    site.run("huikuan", "keys", "generate", str(keys))
    site.run("huikuan", "db", "upgrade")
    try:
        yield site
    finally:
        server.drop_database(name)


Setting = Callable[[Installation, Path, pytest.FixtureRequest], Any]


@pytest.mark.parametrize("setting", [on_sqlite, on_postgresql])
def test_it_works_from_its_wheel(
    installed: Installation, setting: Setting, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with setting(installed, tmp_path, request) as site:
        create_tenants(site)
        with site.serving("--worker") as address:
            acme, rival = (Client(address).sign_in(f"boss@{name}.example", PASSWORD) for name in ("acme", "rival"))
            order = a_deposit_lets_a_large_order_pass(acme)
            deposits_are_applied_after_the_event(acme)
            foreign = large_order(rival)
            a_foreign_order_is_as_good_as_absent(acme, foreign)
        the_database_itself_keeps_tenants_apart(site.environment["HUIKUAN_DATABASE_URL"], order, foreign)
        site.run("huikuan", "check", "--all-tenants")


def create_tenants(site: Installation) -> None:
    for name in ("acme", "rival"):
        administrator = ["--admin", f"boss@{name}.example", "--password-stdin"]
        site.run("huikuan", "tenant", "create", name, "--modules", "acme_deposit", *administrator, given=PASSWORD)


def large_order(client: Client) -> str:
    found = client.send(CREATE, key="order-1", price="12000.00")["orderCreate"]
    assert found["refusals"] == []
    return str(found["order"]["id"])


def a_deposit_lets_a_large_order_pass(client: Client) -> str:
    """The veto, the mutation and the field on the order."""
    order = large_order(client)
    [refusal] = client.send(CONFIRM, id=order)["orderConfirm"]["refusals"]
    assert (refusal["code"], refusal["module"]) == ("ACME_DEPOSIT_MISSING", "acme_deposit")
    assert refusal["data"]["minimum"] == {"amount": "3600.00", "currency": "EUR"}
    assert client.send(ORDER, id=order)["order"] == {"status": "DRAFT", "deposited": euros("0.00")}

    recorded = client.send(RECORD, order=order, amount="3600.00", key="bank-1")["acmeDepositRecord"]
    assert (recorded["deposit"]["amount"], recorded["deposit"]["applied"]) == (euros("3600.00"), False)
    again = client.send(RECORD, order=order, amount="3600.00", key="bank-1")["acmeDepositRecord"]
    assert again["deposit"]["id"] == recorded["deposit"]["id"], "the same key records the deposit once"

    assert client.send(CONFIRM, id=order)["orderConfirm"] == {"order": {"status": "CONFIRMED"}, "refusals": []}
    assert client.send(ORDER, id=order)["order"] == {"status": "CONFIRMED", "deposited": euros("3600.00")}
    return order


def deposits_are_applied_after_the_event(client: Client) -> None:
    """The worker delivers OrderConfirmed to the example's subscriber."""
    deadline = time.monotonic() + 20
    while not (found := client.send(DEPOSITS)["acmeDeposits"]["nodes"])[0]["applied"]:
        assert time.monotonic() < deadline, "the event had no effect"
        time.sleep(0.05)
    assert len(found) == 1


def a_foreign_order_is_as_good_as_absent(client: Client, foreign: str) -> None:
    absent = encode_id("Order", new_id())
    answers = [client.ask(RECORD, order=order, amount="1.00", key=f"bank-{order}") for order in (foreign, absent)]
    seen = [_without_ids(answer["errors"], order) for answer, order in zip(answers, (foreign, absent), strict=True)]
    assert seen[0] == seen[1]
    assert answers[0]["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert client.send(ORDER, id=foreign) == {"order": None}
    assert len(client.send(DEPOSITS)["acmeDeposits"]["nodes"]) == 1


def the_database_itself_keeps_tenants_apart(url: str, order: str, foreign: str) -> None:
    """Plain SQL, as somebody who got past all code: no foreign row is seen, none can be pointed to."""
    own, other = decode_any_id(foreign)[1], decode_any_id(order)[1]
    with create_engine(parse_url(url), poolclass=NullPool).connect() as connection:
        rival = begin_as_rival(connection)
        if connection.dialect.name == "postgresql":
            assert connection.scalars(select(orders.c.id)).all() == [own]
            assert connection.scalars(select(deposits.c.id)).all() == []
        connection.execute(insert_deposit(rival, own))
        connection.rollback()
        begin_as_rival(connection)
        with pytest.raises(IntegrityError):
            connection.execute(insert_deposit(rival, other))


def begin_as_rival(connection: Connection) -> UUID:
    """Begin as the tenant rival, as far as the database knows tenants; returns its id."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
    rival: UUID = connection.scalars(select(tenants.c.id).where(tenants.c.slug == "rival")).one()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL app.tenant = '{rival}'")
    return rival


def insert_deposit(tenant: UUID, order: UUID) -> Insert:
    at = datetime.now(UTC).replace(tzinfo=None)
    return insert(deposits).values(
        tenant_id=tenant,
        id=new_id(),
        order_id=order,
        applied=False,
        amount_amount=10_000,
        amount_currency="EUR",
        created_at=at,
        updated_at=at,
    )


tenants = table("kernel_tenant", column("id", Uuid), column("slug", String))
orders = table("orders_order", column("id", Uuid))
deposits = table(
    "acme_deposit_deposit",
    *(column(name, Uuid) for name in ("tenant_id", "id", "order_id")),
    column("applied", Boolean),
    column("amount_amount", BigInteger),
    column("amount_currency", String),
    *(column(name, DateTime) for name in ("created_at", "updated_at")),
)


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def _without_ids(errors: Any, order: str) -> str:
    text = json.dumps([{key: error[key] for key in ("message", "extensions")} for error in errors])
    return text.replace(order, "…").replace(str(decode_any_id(order)[1]), "…")


def _code(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text().splitlines())
    return [line for line in lines if line and not line.startswith(("from ", "import ", "#"))]
