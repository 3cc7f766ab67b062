"""docs/hooks.md is what the code says."""

from __future__ import annotations

from huikuan.catalog import ModuleCatalog
from huikuan.composition import compose
from tools.hooks_doc import COMMAND, TARGET, document


def test_the_document_is_up_to_date() -> None:
    assert TARGET.read_text(encoding="utf-8") == document(), f"write it anew: {COMMAND}"


def test_every_hook_and_every_event_stands_in_it() -> None:
    catalog = ModuleCatalog.discover(safe_mode=True)
    composition = compose(catalog, catalog.names)
    text = document()
    missing = [name for name in composition.bus.specs if f"### {name}\n" not in text]
    missing += [name for name in composition.events if f"| `{name}` |" not in text]
    assert not missing
