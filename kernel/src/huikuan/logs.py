"""Log lines: one line each, at most 4 kB, without secrets; uvicorn and Alembic log through the same."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TextIO

import structlog
from structlog.types import EventDict, Processor

from huikuan.settings import Settings

__all__ = ["LINE_LIMIT", "configure", "redact"]

LINE_LIMIT = 4_096
HIDDEN = "[hidden]"
_SECRET_NAME = re.compile(r"password|passwd|secret|token|authorization|cookie|api_?key|private_?key", re.IGNORECASE)
# Secrets that stand inside other text: bearer tokens, signed tokens, our API keys, passwords in URLs.
_SECRET_TEXT = re.compile(
    r"(?P<bearer>\bBearer\s+)[A-Za-z0-9._~+/=-]{8,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*"
    r"|\bhk_[a-z0-9]{8}_[A-Za-z0-9_-]{20,}"
    r"|(?P<url>\b[a-z][a-z0-9+]{1,20}://[^\s:/@]{0,200}:)[^\s@]{1,1000}(?=@)"
)
# On a terminal these could move the cursor or forge a second line.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_FIRST = ("timestamp", "level", "logger", "event", "request_id", "tenant", "actor", "module")
_NOISY = ("uvicorn.access", "httpx", "httpcore", "asyncio")


def configure(settings: Settings, *, stream: TextIO | None = None, level: str | None = None) -> None:
    """Send everything that logs to ``stream`` (standard error) in the format that ``settings`` name."""
    stream = stream or sys.stderr
    console = settings.log_format == "console" or (settings.log_format == "auto" and stream.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    last += [structlog.processors.format_exc_info, redact, _shorten]
    last += [_console if console else structlog.processors.JSONRenderer(ensure_ascii=False, default=str)]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=[*shared, _drop_colour], processors=last)
    )
    _replace_handlers(handler, (level or settings.log_level).upper())


def _replace_handlers(handler: logging.Handler, level: str) -> None:
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "alembic"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    # The server writes its own line for each request, with the tenant in it.
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def redact(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Hide values whose name says that they are secret, and secrets within texts."""
    return {key: _hide(key, value) for key, value in event.items()}


def _hide(name: str, value: Any, depth: int = 0) -> Any:
    if isinstance(value, bool | int | float) or value is None:
        return value
    if _is_secret(name):
        return HIDDEN
    if isinstance(value, str):
        return _hide_in_text(value)
    if depth == 4:
        return str(type(value).__name__)
    if isinstance(value, Mapping):
        return {str(key): _hide(str(key), item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_hide(name, item, depth + 1) for item in value]
    return _hide_in_text(str(value))


@lru_cache(maxsize=1_024)
def _is_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


def _hide_in_text(text: str) -> str:
    # No line shows the middle of a text this long, so nobody should pay for searching it.
    if len(text) > 4 * LINE_LIMIT:
        text = f"{text[: 2 * LINE_LIMIT]}…{text[-2 * LINE_LIMIT :]}"
    return _SECRET_TEXT.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    return f"{found['bearer'] or found['url'] or ''}{HIDDEN}"


def _shorten(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Cut the longest texts until the line fits; of a traceback the end is kept, which says what failed."""
    ordered = {key: event[key] for key in _FIRST if key in event}
    ordered |= {key: value for key, value in event.items() if key not in ordered}
    if _most(ordered) <= LINE_LIMIT - 200:  # nearly every line
        return ordered
    limits = (1_200, 300, 80)
    for limit in limits:
        if _size(ordered) <= LINE_LIMIT - 200:
            break
        ordered = {key: _cut(key, value, limit) for key, value in ordered.items()}
    if _size(ordered) > LINE_LIMIT - 200:
        ordered = {key: ordered[key] for key in _FIRST if key in ordered} | {"shortened": True}
    return ordered


def _most(event: Mapping[str, Any]) -> int:
    """No line of these values is longer; quick to say."""
    return sum(len(key) + 8 + 6 * len(value if isinstance(value, str) else repr(value)) for key, value in event.items())


def _size(event: Mapping[str, Any]) -> int:
    # JSON escapes line ends, quotes and control characters; six bytes is the worst of them.
    return sum(len(key) + 8 + _text_size(value) for key, value in event.items())


def _text_size(value: Any) -> int:
    text = value if isinstance(value, str) else repr(value)
    escaped = sum(text.count(sign) for sign in '\\"\n\t')
    control = sum(1 for sign in text if sign < " " and sign not in "\n\t")
    return len(text.encode("utf-8", "surrogatepass")) + escaped + 5 * control


def _cut(key: str, value: Any, limit: int) -> Any:
    if isinstance(value, bool | int | float) or value is None:
        return value
    text = value if isinstance(value, str) else repr(value)
    if len(text) <= limit:
        return value
    return f"…{text[-limit:]}" if key == "exception" else f"{text[:limit]}…"


def _drop_colour(_logger: Any, _method: str, event: EventDict) -> EventDict:
    event.pop("color_message", None)
    return event


def _console(_logger: Any, _method: str, event: EventDict) -> str:
    """A line for people; only a traceback, which is for people too, takes more than one."""
    timestamp = str(event.pop("timestamp", ""))[11:19]
    level, name, said = event.pop("level", ""), event.pop("logger", ""), event.pop("event", "")
    exception = event.pop("exception", None)
    rest = " ".join(f"{key}={value}" for key, value in event.items())
    line = f"{timestamp} {level:<7} {str(name).removeprefix('huikuan.')}: {said} {rest}".rstrip()
    line = _CONTROL.sub(lambda found: repr(found[0])[1:-1], line)
    return f"{line}\n{exception}" if exception else line
