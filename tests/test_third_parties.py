"""Other people's modules: found in any order, called in one, and no reason not to start."""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from huikuan.catalog import ENTRY_POINTS, ModuleCatalog
from huikuan.composition import compose
from tests.installation import Installation
from tests.reliability.partner import entry_points_of, write_module
from tests.reliability.served import Caller
from tests.reliability.victim import REACTION


def test_hooks_are_called_in_the_same_order_however_modules_are_found(
    installed_modules: ModuleCatalog, tmp_path: Path
) -> None:
    for name, (requires, options) in {
        "acme_order_a": ("acme_order_d", ""),
        "acme_order_b": ("orders", "trylast=True"),
        "acme_order_c": ("orders", "tryfirst=True"),
        "acme_order_d": ("orders", ""),
        "acme_order_e": ("orders", "tryfirst=True"),
    }.items():
        hook = f"""
        from huikuan import hookimpl


        @hookimpl({options})
        def orders_after_confirm(ctx, order):
            return None
        """
        manifest = f"""
        from huikuan import Module

        module = Module(name="{name}", title="Order", requires=["{requires}"])
        """
        write_module(tmp_path, name, {"__init__.py": manifest, "hooks.py": hook})
    ours = [(item.name, EntryPoint(item.name, f"{item.package}:module", ENTRY_POINTS)) for item in installed_modules]
    points, rng, seen = [*ours, *entry_points_of(tmp_path)], random.Random(7), set()
    for _ in range(100):
        rng.shuffle(points)
        catalog = ModuleCatalog.of(points)
        assert not catalog.refused
        called = compose(catalog, catalog.names).bus.implementations(REACTION)
        seen.add(tuple(found.module for found in called if found.module.startswith("acme_order")))
    assert seen == {("acme_order_c", "acme_order_e", "acme_order_d", "acme_order_a", "acme_order_b")}


# --- starting -----------------------------------------------------------------------------------

BROKEN = {
    "acme_raises": "raise OSError('no such printer')",
    "acme_exits": "import sys; sys.exit(3)",
    "acme_syntax": "module = = 1",
    "acme_recurses": "def again(): again()\nagain()",
    "acme_lacks": "import huikuan\nmodule = huikuan.Module(name='acme_lacks', title='Lacks', requires=['acme_absent'])",
    "acme_old": "import huikuan\nmodule = huikuan.Module(name='acme_old', title='Old', kernel='<0.0.1')",
    "acme_nothing": "module = 7",
}
KILLS = {"acme_kills": "import os; os._exit(3)"}


def _installed(folder: Path, modules: Mapping[str, str]) -> Installation:
    """This environment, with these modules installed in it too."""
    for name, source in modules.items():
        write_module(folder, name, {"__init__.py": source})
    (folder / "venv").symlink_to(sys.prefix)
    return Installation(folder).having(PYTHONPATH=f"{folder}:{folder / 'info'}")


def test_broken_modules_do_not_stop_the_server(tmp_path: Path) -> None:
    here = _installed(tmp_path, BROKEN)
    with here.serving() as address, Caller(address, None).http as http:
        assert http.get("/readyz").status_code == 200
        assert http.post("/graphql", json={"query": "{ __typename }"}).json()["data"] == {"__typename": "Query"}
    refused = [line for line in here.log.splitlines() if "module refused" in line]
    assert [name for name in BROKEN if not any(name in line for line in refused)] == []
    listed = here.run("huikuan", "module", "list")
    assert [name for name in BROKEN if name not in listed] == []


def test_safe_mode_starts_without_third_parties(tmp_path: Path) -> None:
    here = _installed(tmp_path, KILLS)
    with pytest.raises(AssertionError):
        here.run("huikuan", "db", "upgrade")
    here.run("huikuan", "db", "upgrade", "--safe-mode")
    assert "orders" in here.run("huikuan", "module", "list", "--safe-mode")
    with here.serving("--safe-mode") as address, Caller(address, None).http as http:
        assert http.get("/readyz").status_code == 200
