"""The committed schemas are those that the modules make."""

from __future__ import annotations

from tools.schemas import stale


def test_committed_schemas_are_current() -> None:
    assert not stale(), "write them anew with: just schemas"
