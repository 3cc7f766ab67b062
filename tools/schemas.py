"""Writes the committed GraphQL schemas: one for all modules, one for each module with what it requires.

``just schemas`` writes them, ``python -m tools.schemas --check`` only names those that differ.
"""

import sys
from functools import cache
from pathlib import Path

from huikuan.catalog import ModuleCatalog
from huikuan.composition import Compositions
from tools.imports import KERNEL, required
from tools.workspace import ROOT, members, package

DIRECTORY = ROOT / "schemas"


def module_sets() -> dict[str, frozenset[str]]:
    """Modules of each schema, by the name of its file."""
    direct = {package(name): required(name) - {KERNEL} for name in members() if name != KERNEL}
    short = {name: name.removeprefix(f"{KERNEL}_") for name in direct}

    def closure(name: str) -> frozenset[str]:
        return frozenset({short[name]}).union(*(closure(other) for other in direct[name]))

    return {"all": frozenset(short.values())} | {short[name]: closure(name) for name in sorted(direct)}


@cache
def _compositions() -> Compositions:
    return Compositions(ModuleCatalog.discover())


def sdl(modules: frozenset[str]) -> str:
    """What ``huikuan schema --modules …`` prints, without a process for each."""
    return _compositions().get(modules).schema.sdl.rstrip() + "\n"


def stale() -> dict[Path, str]:
    """Files that differ from what the code says now, with what they should hold."""
    wanted = {DIRECTORY / f"{name}.graphql": sdl(modules) for name, modules in module_sets().items()}
    return {
        path: text for path, text in wanted.items() if not path.is_file() or path.read_text(encoding="utf-8") != text
    }


def main() -> int:
    check = "--check" in sys.argv[1:]
    differing = stale()
    for path, text in differing.items():
        print(f"{'differs' if check else 'written'}: {path.relative_to(ROOT)}")
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return 1 if check and differing else 0


if __name__ == "__main__":
    sys.exit(main())
