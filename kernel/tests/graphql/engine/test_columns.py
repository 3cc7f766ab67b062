"""What stands in a column is answered exactly, on both databases: at the edges of its type, and where it is null."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, localcontext
from itertools import zip_longest
from typing import Any

import pytest
from sqlalchemy import JSON

from huikuan.db.errors import ValueNotExact
from huikuan.graphql import respond
from huikuan.graphql.ids import encode_id
from huikuan.ids import new_id
from huikuan.money import Money
from huikuan.testing.shop import Shop
from kernel.tests.graphql.engine.lab.models import Colour, Sample

CHINA = timezone(timedelta(hours=8))
OTHER = new_id()
DAYS = [date(1, 1, 1), date(9999, 12, 31), date(2024, 2, 29)]
MONEY = "{ amount currency }"

CASES: dict[str, list[tuple[Any, Any]]] = {
    "text": [("", ""), ("中文 😀 é", "中文 😀 é"), ('"\\\n\t\u2028\x7f', '"\\\n\t\u2028\x7f'), ("null", "null")],
    "whole": [(0, 0), (2**31 - 1, 2**31 - 1), (-(2**31), -(2**31))],
    "large": [(0, 0), (2**31 - 1, 2**31 - 1), (-(2**31), -(2**31))],
    "flag": [(True, True), (False, False)],
    "day": [(day, day.isoformat()) for day in DAYS],
    "moment": [
        (datetime(2026, 1, 5, 9, 0, tzinfo=UTC), "2026-01-05T09:00:00Z"),
        (datetime(2026, 1, 5, 9, 0, 0, 1, tzinfo=UTC), "2026-01-05T09:00:00.000001Z"),
        (datetime(2026, 1, 5, 9, 0, 0, 120_000, tzinfo=UTC), "2026-01-05T09:00:00.120000Z"),
        (datetime(2026, 1, 5, 7, 30, tzinfo=CHINA), "2026-01-04T23:30:00Z"),
        (datetime(1000, 1, 1, tzinfo=UTC), "1000-01-01T00:00:00Z"),
        (datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), "9999-12-31T23:59:59.999999Z"),
    ],
    "free": [
        ({}, {}),
        ({"b": [1, {"a": None}], "a": "中 \u2028"}, {"b": [1, {"a": None}], "a": "中 \u2028"}),
        (1, 1),
        (2**70, 2**70),
        (-5, -5),
        (True, True),
        ("text", "text"),
        ("null", "null"),
        ("5", "5"),
        ([], []),
    ],
    "colour": [(Colour.RED, "RED"), (Colour.blue, "BLUE")],
    "weight": [
        (Decimal("0"), "0"),
        (Decimal("0.000001"), "0.000001"),
        (Decimal("-1.500000"), "-1.5"),
        (Decimal("100"), "100"),
        (Decimal("9223372036854.775807"), "9223372036854.775807"),
        (Decimal("-9223372036854.775807"), "-9223372036854.775807"),
    ],
    "ratio": [(0.5, 0.5), (-0.0, 0.0), (1e300, 1e300), (2.0, 2.0)],
    "other": [(OTHER, encode_id("Sample", OTHER))],
    "deposit": [
        (Money(Decimal("0"), "JPY"), {"amount": "0", "currency": "JPY"}),
        (Money(Decimal("-12"), "JPY"), {"amount": "-12", "currency": "JPY"}),
        (Money(Decimal("1200"), "JPY"), {"amount": "1200", "currency": "JPY"}),
        (Money(Decimal("1.2"), "KWD"), {"amount": "1.200", "currency": "KWD"}),
        (Money(Decimal("-0.001"), "KWD"), {"amount": "-0.001", "currency": "KWD"}),
        (Money(Decimal("0.5"), "CLF"), {"amount": "0.5000", "currency": "CLF"}),
        (Money(Decimal("-922337203685477.58"), "EUR"), {"amount": "-922337203685477.58", "currency": "EUR"}),
        (Money(Decimal("922337203685477.58"), "CNY"), {"amount": "922337203685477.58", "currency": "CNY"}),
    ],
}
FIELDS = " ".join(f"{name} {MONEY}" if name == "deposit" else name for name in CASES)


@pytest.fixture(scope="module")
def samples(lab: Shop) -> dict[str, dict[str, Any]]:
    """Rows that hold the cases between them; what each must be answered, by code. The last row is all null."""
    wanted: dict[str, dict[str, Any]] = {}
    for number, cases in enumerate([*zip_longest(*CASES.values()), [None] * len(CASES)]):
        code = f"case {number}"
        add(lab, code=code, **{name: case[0] for name, case in zip(CASES, cases, strict=True) if case is not None})
        answers = {name: None if case is None else case[1] for name, case in zip(CASES, cases, strict=True)}
        wanted[code] = {"code": code, **answers}
    return wanted


def add(lab: Shop, deposit: Money | None = None, **values: Any) -> None:
    """A row, without the audit, which takes no floats."""
    if deposit is not None:
        values |= {"deposit_amount": deposit.amount, "deposit_currency": deposit.currency}
    with lab.writing() as ctx:
        ctx.insert(Sample, [{"currency": "EUR", **values}])


def test_all_rows_at_once(lab: Shop, samples: dict[str, dict[str, Any]]) -> None:
    """Also where nulls stand between values."""
    found = lab.query(f'{{ samples(filter: {{ code: {{ startsWith: "case" }} }}) {{ nodes {{ code {FIELDS} }} }} }}')
    assert {node["code"]: node for node in found["samples"]["nodes"]} == samples


def test_one_row_at_a_time(lab: Shop, samples: dict[str, dict[str, Any]]) -> None:
    for code, wanted in samples.items():
        found = lab.query(f"query($code: String!) {{ sample(code: $code) {{ code {FIELDS} }} }}", code=code)
        assert found["sample"] == wanted


def test_a_null_of_json_is_null_whatever_the_database_keeps(lab: Shop) -> None:
    add(lab, code="json null", free=JSON.NULL)
    assert lab.query('{ sample(code: "json null") { free } }') == {"sample": {"free": None}}


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_json_does_not_know_is_never_kept(lab: Shop, number: float) -> None:
    """What the database keeps is written as it is, so it has to be JSON."""
    with pytest.raises(ValueNotExact, match="no JSON form"):
        add(lab, code="no number", free={"a": [number]})


def test_more_than_32_bits_fail_in_their_own_row(lab: Shop) -> None:
    for large in (1, 2**31, 2**63 - 1, -(2**31) - 1):
        add(lab, code=f"large {large}", large=large)
    answer = lab.execute(
        '{ samples(filter: { code: { startsWith: "large" } }, orderBy: [LARGE_ASC]) { nodes { large } } }'
    )
    assert [node["large"] for node in answer["data"]["samples"]["nodes"]] == [None, 1, None, None]
    assert [error["path"] for error in answer["errors"]] == [
        ["samples", "nodes", number, "large"] for number in (0, 2, 3)
    ]


# --- amounts ------------------------------------------------------------------------------------


def test_an_amount_in_the_rows_own_currency(lab: Shop) -> None:
    given = {"JPY": "100", "EUR": "100", "KWD": "100.5", "CLF": "0.0001"}
    for currency, price in given.items():
        add(lab, code=f"in {currency}", currency=currency, price=Decimal(price))
    shown = {"JPY": "100", "EUR": "100.00", "KWD": "100.500", "CLF": "0.0001"}
    for currency, text in shown.items():
        found = lab.query(
            "query($code: String!) { sample(code: $code) { price { amount currency } net } }", code=f"in {currency}"
        )
        assert found["sample"]["price"] == {"amount": text, "currency": currency}
        assert Decimal(found["sample"]["net"]) == Decimal(text)


def test_an_amount_that_its_currency_cannot_have_fails_alone(lab: Shop) -> None:
    for number, price in enumerate((Decimal("1.2345"), Decimal("1.23"), None)):
        add(lab, code=f"odd {number}", price=price)
    answer = lab.execute(
        '{ samples(filter: { code: { startsWith: "odd" } }) { nodes { price { amount } deposit { amount } } } }'
    )
    shown = [None, {"amount": "1.23"}, None]
    assert answer["data"]["samples"]["nodes"] == [{"price": price, "deposit": None} for price in shown]
    [error] = answer["errors"]
    assert error["path"] == ["samples", "nodes", 0, "price"]
    assert "1.2345" in error["message"]


def test_a_modules_decimal_context_changes_no_amount(lab: Shop) -> None:
    """What is answered is kept for everybody, so a thread that counts with few digits would spoil it for all."""
    add(lab, code="exact", price=Decimal("123456789.12"), weight=Decimal("1234567.123456"))
    document = '{ sample(code: "exact") { price { amount } net weight } }'
    with localcontext(prec=3):
        found = lab.query(document)
    assert found["sample"] == {"price": {"amount": "123456789.12"}, "net": "123456789.12", "weight": "1234567.123456"}
    assert lab.query(document) == found


# --- zones --------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/St_Johns", "Etc/UTC", "Europe/London", "-03:30"])
def test_moments_are_in_utc_whatever_the_sessions_zone(lab: Shop, zone: str) -> None:
    code = f"zone {zone}"
    add(lab, code=code, moment=datetime(2026, 7, 5, 9, 0, 0, 5, tzinfo=UTC))
    add(lab, code=f"{code} null")
    with lab.kernel.request(lab.scope) as request:
        if lab.dialect == "postgresql":  # SQLite's sessions have none
            driver: Any = request.connection.connection.driver_connection
            driver.execute(f"SET LOCAL TIME ZONE '{zone}'")
        document = "query($code: String!) { samples(filter: { code: { startsWith: $code } }) { nodes { moment } } }"
        answer = respond(request, document, {"code": code}).plain()
    moments = [node["moment"] for node in answer["data"]["samples"]["nodes"]]
    assert moments == ["2026-07-05T09:00:00.000005Z", None]
