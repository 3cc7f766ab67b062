"""Documents: a link that leads nowhere is a fault."""

from pathlib import Path

from tools.docs import anchors, broken_links, documents
from tools.workspace import ROOT


def test_every_link_in_every_document_leads_somewhere() -> None:
    broken = {str(path.relative_to(ROOT)): links for path in documents() if (links := broken_links(path))}
    assert not broken


def test_a_missing_file_and_a_missing_heading_are_found(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text("# Two words\n[a](#two-words) [b](#none) [c](gone.md) `[d](code.md)` [e](https://e.example)")
    assert broken_links(document) == ["#none", "gone.md"]


def test_anchors_are_made_as_code_hosting_sites_make_them() -> None:
    assert anchors("# What it's for, in short\n## `db` now") == {"what-its-for-in-short", "db-now"}
