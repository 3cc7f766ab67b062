"""Writes the table of settings in docs/production.md from the fields of `Settings`. ``just hooks`` does it too."""

from __future__ import annotations

import sys
from dataclasses import MISSING, Field, fields
from typing import Any

from huikuan.setting_rules import Rule
from huikuan.settings import PREFIX, Settings
from tools.workspace import ROOT

__all__ = ["TARGET", "main", "table", "with_table"]

TARGET = ROOT / "docs" / "production.md"
BEGIN, END = "<!-- settings: written by tools/settings_doc.py -->", "<!-- end of settings -->"


def table() -> str:
    """One row for each setting, in the order of the class."""
    rows = ["| variable | default | value | meaning |", "|---|---|---|---|"]
    return "\n".join([*rows, *(_row(item) for item in fields(Settings))])


def with_table(text: str) -> str:
    """``text`` with the table as it should be between its two marks."""
    before, found, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        raise SystemExit(f"{TARGET.relative_to(ROOT)} lacks the marks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def _row(item: Field[Any]) -> str:
    rule: Rule = item.metadata["rule"]
    shape = rule.shape + (" (secret)" if rule.secret else "")
    return f"| `{PREFIX}{item.name.upper()}` | {_default(item.default)} | {shape} | {item.metadata['help']} |"


def _default(value: Any) -> str:
    if value in (None, ()) or value is MISSING:
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def main() -> int:
    """Write the table into the document."""
    TARGET.write_text(with_table(TARGET.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"wrote the settings into {TARGET.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
