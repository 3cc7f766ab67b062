"""Texts of bank statements made comparable: invoice numbers in free text, names, accounts.

An invoice number is compared by its runs of letters and digits, digits without leading zeros: INV-000123, Inv.123
and ＩＮＶ０００１２３ are the same, ("INV", "123").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

__all__ = [
    "Key",
    "account_key",
    "creditor_reference",
    "digits_in",
    "name_key",
    "number_key",
    "numbers_in",
    "runs_of",
    "stands_in",
]

Key = tuple[str, ...]

_RUN = re.compile(r"[A-Z]+|[0-9]+")
_NAME_BREAK = re.compile(r"[\W_]+")
_ACCOUNT_BREAK = re.compile(r"[^A-Z0-9]+")
_CREDITOR = re.compile(r"RF([0-9]{2})([A-Z0-9]{1,21})")
_FILLER = frozenset(("NO", "NR", "NUM", "NUMBER", "NUMMER"))
#: What may stand between the runs of one number.
_GAP = re.compile(r"[^0-9A-Z\u3400-\u9fff]{0,3}")
#: What ties a run to its neighbour: INV-12 is not what INV-12-3 names.
_TIGHT = frozenset(("", "-", "_", "."))
_LIST = re.compile(r"\s*(?:[/,;+&、，；]|AND|UND|和)\s*")
MAX_RUNS = 8
MIN_DIGITS = 3
MAX_TEXT = 2_000

_FORMS = {
    "limited": "ltd",
    "incorporated": "inc",
    "corporation": "corp",
    "company": "co",
    "gesellschaft mit beschraenkter haftung": "gmbh",
    "有限责任公司": "有限公司",
}


@dataclass(frozen=True, slots=True)
class Run:
    """Letters or digits of a text, digits without leading zeros, and what stands before."""

    text: str
    gap: str

    @property
    def digits(self) -> bool:
        return self.text[0] <= "9"


def plain(text: str) -> str:
    """One form of each character (full-width ones too), capitals."""
    text = text[:MAX_TEXT]
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).upper()


def runs_of(text: str) -> list[Run]:
    """The runs of a text, in order."""
    text = plain(text)
    found, end = [], 0
    for match in _RUN.finditer(text):
        run = match[0]
        if run[0] <= "9":
            run = run.lstrip("0") or "0"
        found.append(Run(run, text[end : match.start()]))
        end = match.end()
    return found


@lru_cache(maxsize=1 << 17)
def number_key(number: str) -> Key:
    """What an invoice number is compared by."""
    runs = [run.lstrip("0") or "0" if run[0] <= "9" else run for run in _RUN.findall(plain(number))]
    return tuple(
        run
        for at, run in enumerate(runs)
        if not (run in _FILLER and 0 < at < len(runs) - 1 and runs[at - 1][0] > "9" and runs[at + 1][0] <= "9")
    )


def numbers_in(text: str, known: Callable[[Key], bool]) -> list[Key]:
    """The numbers that a text names, each once, in order: the longest that is known, with nothing tied to it.

    ``known``: whether there is such a number. INV-12/13 names INV-12 and INV-13.
    """
    runs = _without_fillers(runs_of(text))
    found: dict[Key, None] = {}
    at = 0
    while at < len(runs):
        key = _longest(runs, at, known)
        if key is None:
            at += 1
            continue
        found[key] = None
        at += len(key)
        at = _listed(runs, at, key, known, found)
    return list(found)


def digits_in(text: str) -> list[str]:
    """Runs of at least three digits that stand alone, without leading zeros, each once."""
    runs = runs_of(text)
    alone = [
        run.text
        for at, run in enumerate(runs)
        if run.digits
        and len(run.text) >= MIN_DIGITS
        and (at == 0 or run.gap not in _TIGHT)
        and (at + 1 == len(runs) or runs[at + 1].gap not in _TIGHT)
    ]
    return list(dict.fromkeys(alone))


def _without_fillers(runs: list[Run]) -> list[Run]:
    """INV No. 12 is INV 12."""
    kept: list[Run] = []
    for at, run in enumerate(runs):
        between = 0 < at < len(runs) - 1 and runs[at + 1].digits
        if not (between and run.text in _FILLER and kept and not kept[-1].digits):
            kept.append(Run(run.text, " ") if kept and at and runs[at - 1].text in _FILLER else run)
    return kept


def _longest(runs: list[Run], at: int, known: Callable[[Key], bool]) -> Key | None:
    """The longest known number that begins at a run and has no neighbour tied to it."""
    if at and runs[at].gap in _TIGHT:
        return None
    stop = at + 1
    while stop < len(runs) and stop - at < MAX_RUNS and _GAP.fullmatch(runs[stop].gap):
        stop += 1
    for end in range(stop, at, -1):
        if end < len(runs) and runs[end].gap in _TIGHT:
            continue
        key = tuple(run.text for run in runs[at:end])
        if any(run[0] <= "9" for run in key) and known(key):
            return key
    return None


def _listed(runs: list[Run], at: int, key: Key, known: Callable[[Key], bool], found: dict[Key, None]) -> int:
    """Digits that follow in a list stand for numbers that begin alike."""
    while at < len(runs) and len(key) > 1 and runs[at].digits and _LIST.fullmatch(runs[at].gap):
        if at + 1 < len(runs) and runs[at + 1].gap in _TIGHT:
            break
        sibling = (*key[:-1], runs[at].text)
        if not known(sibling):
            break
        found[sibling] = None
        at += 1
    return at


def stands_in(name: str, text: str) -> bool:
    """Whether a text has a name of more runs than numbers have, letter by letter and with nothing tied to it."""
    wanted = plain(name).strip()
    if len(_RUN.findall(wanted)) <= MAX_RUNS:
        return False
    return re.search(rf"(?<![0-9A-Z]){re.escape(wanted)}(?![0-9A-Z])", plain(text)) is not None


def creditor_reference(text: str) -> str | None:
    """The payer's part of a structured creditor reference (ISO 11649: RF, two check digits), if it is one."""
    match = _CREDITOR.fullmatch(_ACCOUNT_BREAK.sub("", plain(text)))
    if match is None:
        return None
    checked = match[2] + "RF" + match[1]
    return match[2] if int("".join(str(int(character, 36)) for character in checked)) % 97 == 1 else None


@lru_cache(maxsize=65_536)
def name_key(name: str) -> str:
    """A name without case, spaces and punctuation, the legal form in one spelling; empty if too short to tell."""
    words = _NAME_BREAK.sub(" ", unicodedata.normalize("NFKC", name).casefold()).strip()
    for long, short in _FORMS.items():
        words = words.replace(long, short)
    key = words.replace(" ", "")
    least = 4 if key.isascii() else 2
    return key[:200] if len(key) >= least else ""


def account_key(number: str) -> str:
    """An IBAN or account number in capitals, without spaces and punctuation."""
    return _ACCOUNT_BREAK.sub("", plain(number))[:50]
