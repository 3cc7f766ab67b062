"""Log lines: one line each, at most 4 kB, with who and where, without secrets."""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from huikuan import logs
from huikuan.settings import Settings


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def stream() -> io.StringIO:
    stream = io.StringIO()
    logs.configure(Settings(log_format="json"), stream=stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_who_where_and_what(stream: io.StringIO) -> None:
    structlog.contextvars.bind_contextvars(request_id="r-1", tenant="acme", actor="user:7", module="orders")
    structlog.get_logger("huikuan.test").info("order confirmed", order="SO-7", lines=3)
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "info",
        "logger": "huikuan.test",
        "event": "order confirmed",
        "request_id": "r-1",
        "tenant": "acme",
        "actor": "user:7",
        "module": "orders",
        "order": "SO-7",
        "lines": 3,
    }


def test_other_libraries_log_through_the_same(stream: io.StringIO) -> None:
    structlog.contextvars.bind_contextvars(request_id="r-2")
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received from %s.", "10.0.0.1")
    (line,) = lines(stream)
    assert line["event"] == "Invalid HTTP request received from 10.0.0.1."
    assert (line["request_id"], line["logger"], line["level"]) == ("r-2", "uvicorn.error", "warning")


SECRETS = {
    "password": "correct horse",
    "Authorization": "Basic Zm9vOmJhcg==",
    "refresh_token": ["abc", "def"],
    "note": "sent Bearer abcdef0123456789 on",
    "url": "postgresql://app:hunter2@db/huikuan",
    "jwt": "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "key": "hk_abcdefgh_" + "s" * 43,
    "nested": {"inner": {"client_secret": "hush"}},
}


def test_secrets_do_not_reach_the_log(stream: io.StringIO) -> None:
    structlog.get_logger("huikuan.test").info("signed in", **SECRETS)
    said = stream.getvalue()
    for secret in ("horse", "Zm9v", "abc", "abcdef0123456789", "hunter2", "eyJ", "ssss", "hush"):
        assert secret not in said.replace("abcdefgh", ""), secret
    assert lines(stream)[0]["url"] == "postgresql://app:[hidden]@db/huikuan"


def test_numbers_under_secret_names_stay(stream: io.StringIO) -> None:
    structlog.get_logger("huikuan.test").info("document", tokens=812)
    assert lines(stream)[0]["tokens"] == 812


@pytest.mark.parametrize("text", ["x" * 100_000, '"\n' * 50_000, "回款" * 20_000, "\x00\x1b" * 20_000, "🧾" * 9_000])
def test_a_line_is_one_line_of_at_most_4_kb(stream: io.StringIO, text: str) -> None:
    structlog.get_logger("huikuan.test").error(text, data=text, more={"deep": [text]}, **{text[:50]: 1})
    said = stream.getvalue()
    assert said.count("\n") == 1
    assert len(said.encode()) <= logs.LINE_LIMIT
    assert lines(stream)[0]["level"] == "error"


def test_a_long_text_costs_little(stream: io.StringIO) -> None:
    started = time.process_time()
    for text in ("x" * 1_000_000, "a://" * 250_000, "Bearer " * 100_000, "eyJ" * 300_000):
        structlog.get_logger("huikuan.test").info("long", text=text)
    assert time.process_time() - started < 1


def test_many_values_are_cut_too(stream: io.StringIO) -> None:
    structlog.get_logger("huikuan.test").info("wide", **{f"name_{number}": "v" * 100 for number in range(500)})
    assert len(stream.getvalue().encode()) <= logs.LINE_LIMIT
    assert lines(stream)[0]["event"] == "wide"


def _deep(levels: int) -> None:
    if levels == 0:
        raise ValueError("the cause")
    _deep(levels - 1)


def test_a_traceback_keeps_its_end(stream: io.StringIO) -> None:
    try:
        _deep(200)
    except ValueError:
        structlog.get_logger("huikuan.test").exception("broken")
    (line,) = lines(stream)
    assert line["exception"].endswith("ValueError: the cause")
    assert len(stream.getvalue().encode()) <= logs.LINE_LIMIT


def test_a_console_line_cannot_be_forged() -> None:
    stream = io.StringIO()
    logs.configure(Settings(log_format="console"), stream=stream)
    structlog.get_logger("huikuan.web").info("request", path="/x\n12:00:00 error: forged\x1b[2J")
    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue()
    assert " web: request path=/x\\n12:00:00" in stream.getvalue()


def test_the_level_is_a_setting() -> None:
    stream = io.StringIO()
    logs.configure(Settings(log_format="json", log_level="warning"), stream=stream)
    structlog.get_logger("huikuan.test").info("not shown")
    structlog.get_logger("huikuan.test").warning("shown")
    assert [line["event"] for line in lines(stream)] == ["shown"]
