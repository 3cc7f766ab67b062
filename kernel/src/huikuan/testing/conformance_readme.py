"""Reads the names that a README lists: in rows of a table, or below headings."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["NAMES", "named_in"]

_HEADING = re.compile(r"#+\s+(?P<label>.+?)\s*$")
_ROW = re.compile(r"\|\s*(?P<label>[^|`]+?)\s*\|(?P<rest>.*)\|\s*$")
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class _Names:
    """One kind of names: what its row or heading is called, and what the names look like."""

    label: str
    title: re.Pattern[str]
    shape: re.Pattern[str]


NAMES = {
    "permissions": _Names("Permissions", re.compile("permissions?", re.I), re.compile(r"\w+\.\w+")),
    "settings": _Names("Settings", re.compile("settings?", re.I), re.compile(r"\w+\.\w+")),
    "events": _Names("Events", re.compile("events?", re.I), re.compile(r"(?:[A-Z][a-z0-9]+){2,}")),
    "refusals": _Names(
        "Refusal codes", re.compile("refusals?(?: codes?)?", re.I), re.compile(r"[A-Z0-9]+(?:_[A-Z0-9]+)+")
    ),
    "hooks offered": _Names(
        "Hooks offered", re.compile("hooks (?:it )?offer(?:ed|s)", re.I), re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")
    ),
    "hooks implemented": _Names(
        "Hooks implemented",
        re.compile("hooks (?:it )?implement(?:ed|s)", re.I),
        re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+"),
    ),
}


def named_in(readme: str, kind: str) -> set[str]:
    """The names of a kind that a README lists; below a heading only the first code of each line is a name."""
    names, found, inside = NAMES[kind], [], False
    for line in readme.splitlines():
        heading, row = _HEADING.match(line), _ROW.match(line)
        if heading:
            inside = names.title.fullmatch(heading["label"]) is not None
        elif row and names.title.fullmatch(row["label"]):
            found += _CODE.findall(row["rest"])
        elif inside:
            found += _CODE.findall(line)[:1]
    return {name for name in found if names.shape.fullmatch(name)}
