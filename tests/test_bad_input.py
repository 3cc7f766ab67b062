"""Bad input is answered in one clear line, writes nothing, and shows nothing of the inside."""

from __future__ import annotations

import base64
import gzip
import io
import json
import logging
import os
import random
import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from huikuan import logs
from huikuan.auth.keys import KeyRing
from huikuan.auth.tokens import CallerKind, issue_access
from huikuan.catalog import ModuleCatalog
from huikuan.cli import main
from huikuan.clock import FixedClock
from huikuan.core.module import migration_sources
from huikuan.db import Base
from huikuan.graphql.ids import encode_id
from huikuan.ids import new_id
from huikuan.settings import Settings
from huikuan.testing.databases import DatabaseTemplates
from kernel.tests.auth.forge import compact, header_of, mac, signer_of
from tests.reliability.served import CREATE, Site, claims_of, order_input

INSIDE = re.compile(
    r'Traceback|File "|\.py\b|site-packages|/(?:usr|root|tmp|work|home)/|SELECT |INSERT INTO|UPDATE \w+ SET|DELETE FROM'
    r"|psycopg|sqlalchemy|sqlite3|constraint failed|duplicate key|object at 0x"
)


def shows_inside(text: str) -> str | None:
    """The first thing in an answer that is nobody's business."""
    tables = "|".join(sorted(Base.metadata.tables))
    found = INSIDE.search(text) or re.search(rf"\b(?:{tables})\b", text)
    return found[0] if found else None


class Prober:
    """Asks badly as a user of acme, and looks at every answer."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.caller = site.caller()
        site.slug("rival")
        self.before = self.state()
        self.asked = 0

    def state(self) -> list[tuple[str, str]]:
        """Everything of both tenants; a refusal may be audited, and its key kept."""
        found = [*self.site.state().items(), *self.site.state("rival").items()]
        return [item for item in found if item[0] not in ("kernel_audit_entry", "kernel_idempotency_record")]

    def unchanged(self) -> None:
        assert self.state() == self.before

    def checked(self, answer: httpx.Response) -> list[dict[str, Any]]:
        """The errors of an answer: each is one short line that shows nothing inside."""
        self.asked += 1
        assert answer.status_code in {200, *range(400, 500)}, answer.text
        assert (found := shows_inside(answer.text)) is None, f"{found!r} in {answer.text[:2000]}"
        errors: list[dict[str, Any]] = answer.json().get("errors", [])
        assert len(errors) <= 50
        for error in errors:
            assert 0 < len(error["message"]) < 600
            assert "\n" not in error["message"]
            assert error["extensions"]["code"] != "INTERNAL", error
        return errors

    def body(self, content: bytes) -> httpx.Response:
        return self.caller.http.post("/graphql", content=content, headers={"content-type": "application/json"})

    def ask(self, document: str, **variables: Any) -> list[dict[str, Any]]:
        return self.checked(self.caller.post(document, variables))

    def refused(self, document: str, **variables: Any) -> str:
        """What is said of a request that must not succeed, without the ids in it."""
        answer = self.caller.post(document, variables)
        errors = self.checked(answer)
        refusals = [item for payload in (answer.json().get("data") or {}).values() for item in _refusals(payload)]
        assert errors or refusals, f"{document} {str(variables)[:500]} was taken: {answer.text}"
        return json.dumps([errors, refusals])


def _refusals(payload: Any) -> list[Any]:
    return list(payload.get("refusals") or ()) if isinstance(payload, Mapping) else []


@pytest.fixture
def prober(site: Site) -> Iterator[Prober]:
    found = Prober(site)
    yield found
    found.unchanged()


# --- bodies -------------------------------------------------------------------------------------

BODIES: dict[str, bytes] = {
    "nested 100k deep": b'{"query": "{ __typename }", "variables": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001,
    "array 100k deep": b"[" * 100_000,
    "10,000 digits": b'{"query": "{ __typename }", "variables": {"a": ' + b"9" * 10_000 + b"}}",
    "not UTF-8": b'{"query": "\xff\xfe"}',
    "scalar": b"42",
    "string": b'"{ __typename }"',
    "null": b"null",
    "batch": b'[{"query": "{ __typename }"}]',
    "cut off": b'{"query": "{ __ty',
    "nothing": b"",
    "not JSON": b"query { orders { totalCount } }",
    "query is a number": b'{"query": 42}',
    "variables are text": b'{"query": "{ __typename }", "variables": "x"}',
    "lone surrogate": b'{"query": "{ __typename }", "variables": {"a": "\\ud800"}}',
}


def test_malformed_bodies(prober: Prober) -> None:
    for name, content in BODIES.items():
        started = time.monotonic()
        answer = prober.body(content)
        assert 400 <= answer.status_code < 500, name
        assert len(prober.checked(answer)) == 1, name
        assert time.monotonic() - started < 2, name
    assert prober.ask("{ __typename }") == []


def test_a_huge_body_is_not_read(prober: Prober) -> None:
    answer = prober.body(b'{"query": "' + b"x" * 20_000_000 + b'"}')
    assert answer.status_code == 413
    prober.checked(answer)


# --- tokens -------------------------------------------------------------------------------------


def _tokens(site: Site, keys: KeyRing) -> dict[str, str]:
    """Tokens that nobody may be let in with."""
    claims = claims_of(site.kernel, f"boss@{site.slug()}.example")
    rivals = claims_of(site.kernel, f"boss@{site.slug('rival')}.example")
    clock, now = site.kernel.clock, datetime.now(UTC)
    good = issue_access(keys, claims, clock)
    payload = json.loads(_unpadded(good.split(".")[1]))
    head, body, signature = good.split(".")
    sign = signer_of(keys)

    def changed(**more: Any) -> str:
        return compact(header_of(keys), {**payload, **more}, sign)

    return {
        "another server's key": issue_access(KeyRing.generate(), claims, clock),
        "our kid, another key": compact(header_of(keys), payload, signer_of(KeyRing.generate())),
        "expired": issue_access(keys, claims, FixedClock(now - timedelta(hours=1))),
        "of tomorrow": issue_access(keys, claims, FixedClock(now + timedelta(days=1))),
        "no algorithm": compact({"alg": "none", "typ": "JWT"}, payload, lambda _: b""),
        "symmetric": compact(header_of(keys, alg="HS256"), payload, mac(b"x" * 32)),
        "unsigned": f"{head}.{body}.",
        "two parts": f"{head}.{body}",
        "changed": f"{head}.{body[:-2]}AA.{signature}",
        "another tenant": changed(tid=str(rivals.tid)),
        "no tenant": changed(tid=None),
        "unknown tenant": changed(tid=str(new_id())),
        "unknown user": changed(sub=str(new_id())),
        "an operator": changed(kind=CallerKind.OPERATOR.value, tid=None),
        "another audience": changed(aud="somebody else"),
        "another issuer": changed(iss="somebody else"),
        "a refresh token": changed(typ="refresh"),
        "a revoked epoch": changed(epoch=payload["epoch"] + 1),
        "a path as kid": compact(header_of(keys, kid="../../etc/passwd"), payload, sign),
        "SQL as kid": compact(header_of(keys, kid="' OR 1=1 --"), payload, sign),
        "very long": "a" * 20_000,
        "not base64": "!!!.???.###",
        "an API key of nobody": "hk_abcdefgh_" + "a" * 43,
        "half an API key": "hk_abc",
        "a word": "hello",
    }


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_bad_tokens(prober: Prober, signing_keys: KeyRing) -> None:
    strangers = prober.site.bearing(None)
    headers = {name: f"Bearer {token}" for name, token in _tokens(prober.site, signing_keys).items()}
    headers |= {"basic": "Basic Ym9zczpib3Nz", "no token": "Bearer", "two": "Bearer a b"}
    messages = set()
    for name, value in headers.items():
        for document in ("{ orders { totalCount } }", "{ __typename }"):
            answer = strangers.post(document, headers={"Authorization": value})
            assert answer.status_code == 401, f"{name}: {answer.text}"
            assert answer.headers["www-authenticate"].startswith("Bearer")
            [error] = prober.checked(answer)
            assert error["extensions"]["code"] == "UNAUTHENTICATED", name
            messages.add(error["message"])
    assert len(messages) <= 5, "a forger is not told what was wrong with the forgery"
    nobody = strangers.post("{ orders { totalCount } }")
    assert prober.checked(nobody)[0]["extensions"]["code"] in {"GRAPHQL_VALIDATION_FAILED", "UNAUTHENTICATED"}


# --- ids, values, documents ---------------------------------------------------------------------

BY_ID = {
    "orderConfirm": "mutation($id: ID!) { orderConfirm(id: $id) { refusals { code } } }",
    "orderCancel": 'mutation($id: ID!) { orderCancel(id: $id, reason: "x") { refusals { code } } }',
    "orderCopy": "mutation($id: ID!) { orderCopy(order: {id: $id}) { refusals { code } } }",
    "orderChange": """mutation($id: ID!) {
      orderChange(id: $id, input: {notes: "x"}, idempotencyKey: "x") { refusals { code } }
    }""",
    "customerArchive": "mutation($id: ID!) { customerArchive(id: $id) { refusals { code } } }",
}


def test_wrong_ids(prober: Prober) -> None:
    rival = prober.site.caller("rival")
    foreign = [rival.draft() for _ in range(2)]
    prober.before = prober.state()
    absent = encode_id("Order", new_id())
    wrong = [
        "",
        "x",
        "1",
        "Order:1",
        "../../etc/passwd",
        "' OR 1=1 --",
        "é" * 100,
        "A" * 10_000,
        absent[:-4],
        absent + "AA",
    ]
    wrong += [str(new_id()), encode_id("Nothing", new_id()), encode_id("Hold", new_id())]
    for document in BY_ID.values():
        for id in wrong:
            prober.refused(document, id=id)
        answers = {_without(prober.refused(document, id=id), id) for id in (absent, *foreign)}
        assert len(answers) == 1, f"a foreign order can be told from none: {answers}"
    for id in (absent, *foreign):
        data = prober.caller.send("query($id: ID!) { order(id: $id) { id } node(id: $id) { id } }", id=id)
        assert data == {"order": None, "node": None}


def _without(text: str, id: str) -> str:
    return re.sub(r'"reference": "\w+"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', "…", text.replace(id, "…"))


VALUES: dict[str, dict[str, Any]] = {
    "no customer": order_input(customer="NOBODY"),
    "NUL in the customer": order_input(customer="C\x001"),
    "two keys": {**order_input(), "customer": {"code": "C1", "id": "x"}},
    "no key": {**order_input(), "customer": {}},
    "NaN": order_input("NaN"),
    "infinity": order_input("Infinity"),
    "a huge number": order_input("1e999999"),
    "a tiny number": order_input("1e-999999"),
    "30 digits": order_input("9" * 30),
    "7 places": order_input("0.0000001"),
    "no number": order_input("ten"),
    "a float": order_input(1.5),  # type: ignore[arg-type]
    "a list": order_input([1]),  # type: ignore[arg-type]
    "no goods": order_input(lines=[{"sku": "NOTHING", "quantity": "1"}]),
    "5,001 lines": order_input(lines=[{"sku": "A1", "quantity": "1"}] * 5_001),
    "no currency": order_input(currency="XXX"),
    "a long currency": order_input(currency="E" * 1_000),
    "no date": order_input(orderedOn="2026-02-30"),
    "year 10000": order_input(orderedOn="10000-01-01"),
    "no kind": order_input(kind="GIFT"),
    "a field of nobody": order_input(nonsense=1),
    "the tenant": order_input(tenantId=str(new_id())),
    "an empty reference": order_input(reference=" "),
    "a long reference": order_input(reference=random.Random(7).randbytes(5_000).hex()),
    "a NUL": order_input(notes="a\x00b"),
}


def test_wrong_values(prober: Prober) -> None:
    for name, input in VALUES.items():
        said = prober.refused(CREATE, input=input, key=None)
        assert "Internal" not in said, name
    prober.refused(CREATE, input=None, key=None)
    prober.refused(CREATE)
    prober.refused(CREATE, input=order_input(), key=7)


FIELDS = " ".join("nonsense" for _ in range(400))
DOCUMENTS: dict[str, str] = {
    "syntax": "{ orders { totalCount }",
    "no field": "{ nonsense }",
    "no argument": "{ orders(nonsense: 1) { totalCount } }",
    "no type": "query($x: Nonsense) { __typename }",
    "400 unknown fields": f"{{ {FIELDS} }}",
    "400 unknown aliases": "{ " + " ".join(f"a{n}: nonsense" for n in range(400)) + " }",
    "400 failing fields": "{ " + 'order(id: "x") { id } ' * 400 + "}",
    "400 unknown in an order": f"{{ orders {{ nodes {{ {FIELDS} }} }} }}",
    "huge": "{ " + "orders { totalCount } " * 20_000 + "}",
    "deep": "{ orders " + "{ nodes { customer { orders " * 200 + "{ totalCount }" + " } } }" * 200 + " }",
    "many directives": "{ __typename " + "@include(if: true) " * 1_000 + "}",
    "a cycle": "{ ...A } fragment A on Query { ...A }",
    "many variables": f"query({', '.join(f'$v{n}: Int' for n in range(500))}) {{ __typename }}",
    "a subscription": "subscription { events { id } }",
    "too many mutations": "mutation { "
    + " ".join(f'a{n}: orderConfirm(id: "x") {{ refusals {{ code }} }}' for n in range(11))
    + " }",
    "a big page": "{ orders(first: 100000) { nodes { id } } }",
    "a negative page": "{ orders(first: -1) { nodes { id } } }",
    "no cursor": '{ orders(after: "x") { nodes { id } } }',
    "no order": "{ orders(orderBy: [NONSENSE]) { nodes { id } } }",
    "another surface": 'mutation { login(email: "a", password: "b") { tokens { accessToken } } }',
    "the platform": 'mutation { tenantCreate(slug: "x", name: "x", modules: []) { tenant { slug } } }',
}


def test_wrong_documents(prober: Prober) -> None:
    for name, document in DOCUMENTS.items():
        started = time.monotonic()
        answer = prober.caller.post(document)
        assert prober.checked(answer), name
        assert len(answer.content) < 50_000, name
        assert time.monotonic() - started < 2, name


def test_unknown_modules(prober: Prober) -> None:
    for name in ("nonsense", "", "../orders", "orders; DROP TABLE", "é" * 200):
        prober.refused("mutation($m: String!) { moduleEnable(module: $m) { refusals { code } } }", m=name)
        prober.refused("mutation($m: String!) { moduleDisable(module: $m) { refusals { code } } }", m=name)


def test_400_failures_fill_no_log(prober: Prober, behaviour: dict[str, Callable[..., Any]]) -> None:
    """What fails inside is logged, each kind once for a request, in lines of at most 4 kB."""
    order = prober.site.caller().draft()
    prober.before = prober.state()
    log = io.StringIO()
    handlers, level = list(logging.getLogger().handlers), logging.getLogger().level
    logs.configure(Settings(log_format="json"), stream=log)
    try:
        behaviour["acme_fault"] = _fail_at_length
        aliases = " ".join(f'a{n}: order(id: "{order}") {{ acmeFault }}' for n in range(25))
        for _ in range(16):
            answer = prober.caller.post(f"{{ {aliases} }}")
            assert len(answer.json()["errors"]) == 25
            assert shows_inside(answer.text) is None
            assert len(answer.content) < 20_000
    finally:
        logging.getLogger().handlers[:] = handlers
        logging.getLogger().setLevel(level)
        structlog.reset_defaults()
    lines = log.getvalue().splitlines()
    print(f"\n{16 * 25} failures wrote {len(lines)} lines, {len(log.getvalue()):,} characters")
    assert max(len(line.encode()) for line in lines) <= 4096
    assert len(lines) <= 16 * 6 + 5


def _fail_at_length(*_: Any) -> None:
    raise ValueError(f"{new_id()} SELECT * FROM kernel_login " + "x" * 100_000)


# --- the command line ---------------------------------------------------------------------------

Cli = Callable[..., tuple[int, str, str]]
HEADER = b"Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
ROW = b"536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n"
FILES: dict[str, bytes] = {
    "empty.csv": b"",
    "header.csv": HEADER,
    "columns.csv": b"a,b,c\n1,2,3\n",
    "binary.csv": bytes(range(256)) * 64,
    "image.csv": b"\x89PNG\r\n\x1a\n" + b"\0" * 500,
    "quote.csv": HEADER + b'"536365,85123A,never closed\n' * 3,
    "short.csv": HEADER + b"536365,85123A\n",
    "wide.csv": HEADER + ROW.replace(b"\n", b",more,and,more\n"),
    "nul.csv": HEADER + ROW.replace(b"HOLDER", b"HOL\0DER"),
    "field.csv": HEADER + ROW.replace(b"HOLDER", b"H" * 300_000),
    "number.csv": HEADER + ROW.replace(b",6,", b",six,"),
    "huge.csv": HEADER + ROW.replace(b"2.55", b"9" * 40),
    "date.csv": HEADER + ROW.replace(b"2010-12-01", b"2010-13-41"),
    "cut.csv.gz": gzip.compress(HEADER + ROW * 1_000)[:-20],
    "fake.csv.gz": b"\x1f\x8b not gzip at all",
}
"""Not one of them holds an order that could be taken."""


@pytest.fixture
def cli(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    database_templates: DatabaseTemplates,
    installed_modules: ModuleCatalog,
) -> Iterator[Cli]:
    """``huikuan …`` in a folder with a database that the tenant acme uses for orders."""
    for name in [name for name in os.environ if name.startswith("HUIKUAN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    database_templates.sqlite(migration_sources(installed_modules), tmp_path / "huikuan.db")
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level

    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    assert run("tenant", "create", "acme", "--modules", "orders", "--admin", "boss@acme.example")[0] == 0
    yield run
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_bad_files(cli: Cli, tmp_path: Path) -> None:
    before = _counts(cli)
    (tmp_path / "folder.csv").mkdir()
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    for name in [*FILES, "folder.csv", "nowhere.csv"]:
        code, out, error = cli("import", "orders", name, "--tenant", "acme")
        assert code in (1, 2) or "0 written" in out, f"{name}: {code} {out}"
        for line in (out + error).splitlines():
            assert len(line) < 1_000, name
            assert not re.search(r"Traceback|File \"|site-packages|sqlite3|INSERT|orders_order", line), (
                f"{name}: {line}"
            )
        assert (out + error).strip(), name
    assert _counts(cli) == before


def _counts(cli: Cli) -> list[str]:
    """How many customers, products and orders there are."""
    with sqlite3.connect("huikuan.db") as connection:
        tables = ("orders_order", "orders_order_line", "customers_customer", "products_product")
        found = [str(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in tables]
    connection.close()
    return found


WORDS: dict[str, tuple[str, ...]] = {
    "an unknown module": ("module", "enable", "nonsense", "--tenant", "acme"),
    "an unknown module for a new tenant": ("tenant", "create", "other", "--modules", "orders,nonsense"),
    "an unknown tenant": ("import", "orders", "nowhere.csv", "--tenant", "nobody"),
    "an unknown import": ("import", "nonsense", "nowhere.csv", "--tenant", "acme"),
    "an unknown command": ("frobnicate",),
    "an unknown flag": ("serve", "--frobnicate"),
    "no database": ("tenant", "list", "--database-url", "sqlite:////nowhere/at/all.db"),
    "another kind of database": ("tenant", "list", "--database-url", "mysql://localhost/x"),
    "a port that is no number": ("serve", "--port", "eighty"),
    "a bad slug": ("tenant", "create", "../acme", "--modules", "orders"),
}


def test_bad_words(cli: Cli) -> None:
    for name, words in WORDS.items():
        code, out, error = cli(*words)
        assert code in (1, 2), f"{name}: {code} {out}"
        assert out == "", name
        assert 0 < len(error.splitlines()) <= 3, f"{name}: {error}"
        assert not re.search(r"Traceback|File \"|site-packages|SELECT", error), f"{name}: {error}"
        print(error.strip())
