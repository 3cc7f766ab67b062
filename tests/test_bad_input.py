"""Bad input is answered in one clear line, writes nothing, and shows nothing of the inside."""

from __future__ import annotations

import base64
import io
import json
import logging
import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest
import structlog

from huikuan import logs
from huikuan.auth.keys import KeyRing
from huikuan.auth.tokens import CallerKind, issue_access
from huikuan.clock import FixedClock
from huikuan.graphql.ids import encode_id
from huikuan.ids import new_id
from huikuan.settings import Settings
from kernel.tests.auth.forge import compact, header_of, mac, signer_of
from kernel.tests.graphql.work import within_a_second
from tests.reliability.prober import Prober, shows_inside
from tests.reliability.served import CREATE, Site, claims_of, order_input


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


def _send(send: Callable[[Any], httpx.Response], what: Any, _attempt: int) -> httpx.Response:
    return send(what)


def test_malformed_bodies(prober: Prober) -> None:
    for name, content in BODIES.items():
        answer = within_a_second(partial(_send, prober.body, content))
        assert 400 <= answer.status_code < 500, name
        assert len(prober.checked(answer)) == 1, name
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
        answer = within_a_second(partial(_send, prober.caller.post, document))
        assert prober.checked(answer), name
        assert len(answer.content) < 50_000, name


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
