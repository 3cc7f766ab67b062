"""The laboratory as an installed module."""

from __future__ import annotations

from huikuan.catalog import InstalledModule, ModuleCatalog
from huikuan.manifest import Module
from kernel.tests.graphql.engine.lab import models, types

__all__ = ["CATALOG"]

MANIFEST = Module(name="lab", title="Laboratory", nouns=("sample", "knot"), permissions={"lab.read": "Read"})
LAB = InstalledModule(MANIFEST, "1.0.0", "kernel.tests.graphql.engine.lab", {"models": models, "types": types})


CATALOG = ModuleCatalog([LAB])
