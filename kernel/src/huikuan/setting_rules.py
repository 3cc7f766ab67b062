"""What the text of a setting must look like, and the value it becomes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["FLAG", "KEYS", "NAME", "ORIGINS", "PATH", "TOKEN", "URL", "Rule", "choice", "seconds", "whole"]

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(:[0-9]{1,5})?|https?://\[[0-9a-fA-F:]+\](:[0-9]{1,5})?")
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


@dataclass(frozen=True, slots=True)
class Rule:
    """How the text of a setting becomes its value, and what it must look like."""

    read: Callable[[str], Any]
    shape: str
    example: str
    secret: bool = False


def whole(least: int, most: int, example: int) -> Rule:
    def read(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise ValueError
        return value

    return Rule(read, f"a whole number from {least:,} to {most:,}", str(example))


def seconds(least: float, most: float, example: float) -> Rule:
    def read(text: str) -> float:
        value = float(text)
        if not least <= value <= most:
            raise ValueError
        return value

    return Rule(read, f"a number of seconds from {least:g} to {most:g}", f"{example:g}")


def choice(*choices: str) -> Rule:
    def read(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError
        return text.lower()

    return Rule(read, " or ".join((", ".join(choices[:-1]), choices[-1])), choices[0])


def _read_flag(text: str) -> bool:
    if text.lower() not in _TRUE + _FALSE:
        raise ValueError
    return text.lower() in _TRUE


def _read_text(text: str) -> str:
    if not text or len(text) > 255 or not text.isprintable():
        raise ValueError
    return text


def _read_token(text: str) -> str:
    if len(text) < 16 or not text.isascii() or not text.isprintable():
        raise ValueError
    return text


def _read_url(text: str) -> str:
    """A database URL; a plain path means a SQLite file."""
    if not text.strip():
        raise ValueError
    scheme, separator, _ = text.partition("://")
    if not separator:
        return f"sqlite:///{Path(text).expanduser()}"
    if scheme not in ("sqlite", "postgresql", "postgres", "postgresql+psycopg"):
        raise ValueError
    if scheme == "sqlite" and text.removeprefix("sqlite://").strip("/") in ("", ":memory:"):
        raise ValueError
    return text


def _read_origins(text: str) -> tuple[str, ...]:
    origins = tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())
    if not all(_ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError
    return origins


FLAG = Rule(_read_flag, "true or false", "true")
NAME = Rule(_read_text, "a short text", "huikuan")
PATH = Rule(lambda text: str(Path(_read_text(text)).expanduser()), "the path of a file", "/etc/huikuan/issuers.json")
URL = Rule(
    _read_url,
    "a URL that starts with postgresql:// or sqlite:///, or the path of a SQLite file",
    "postgresql://huikuan_app:…@localhost/huikuan",
    secret=True,
)
KEYS = Rule(
    lambda text: text if text.strip() else _read_text(""),
    "the path of a key file or directory, or the keys themselves",
    "/etc/huikuan/keys.json",
    secret=True,
)
TOKEN = Rule(_read_token, "at least 16 letters, digits and signs", "…", secret=True)
ORIGINS = Rule(_read_origins, "origins separated by commas", "https://shop.example,https://app.example")
