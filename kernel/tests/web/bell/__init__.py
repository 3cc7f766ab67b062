"""A module that does nothing but ring: what it is told stands in the event feed."""

from __future__ import annotations

from huikuan.catalog import InstalledModule, ModuleCatalog
from huikuan.manifest import Module
from kernel.tests.web.bell import commands, events

__all__ = ["CATALOG"]

MANIFEST = Module(name="bell", title="Bell", permissions={"bell.ring": "Ring the bell"})
PARTS = {"events": events, "commands": commands}
CATALOG = ModuleCatalog([InstalledModule(MANIFEST, "1.0", "kernel.tests.web.bell", PARTS)])
