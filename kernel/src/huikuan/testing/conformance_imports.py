"""Rules about imports: what is declared is used, and only what is declared, and only public parts of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import inspect

from huikuan.testing.conformance_subject import Rules, Subject, installed, listed

__all__ = ["ImportRules"]

PUBLIC = frozenset({"api", "errors", "events", "hookspecs", "snapshots", "testing", "types"})
FIRST_PARTY = "huikuan_"


@dataclass(frozen=True, slots=True)
class Import:
    """One import of another module's package: where it stands, whose package, which file of it."""

    file: Path
    line: int
    module: str
    part: str | None

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.module}{'.' + self.part if self.part else ''}"


class ImportRules(Rules):
    """Requirements declared = imports used."""

    def test_only_required_modules_are_imported(self, subject: Subject) -> None:
        required = subject.manifest.requirements()
        faults = [
            f"{found}: require {found.module}, or move the import to bridges/{found.module}.py"
            for found in foreign_imports(subject)
            if found.module not in required and not _may_import(found)
        ]
        assert not faults, f"{subject.name} imports what it does not require:{listed(faults)}"

    def test_only_public_parts_are_imported(self, subject: Subject) -> None:
        faults = [str(found) for found in foreign_imports(subject) if found.part and found.part not in PUBLIC]
        assert not faults, f"only {', '.join(sorted(PUBLIC))} of other modules are public:{listed(faults)}"

    def test_every_requirement_is_used(self, subject: Subject) -> None:
        used = {found.module for found in foreign_imports(subject) if found.file.parts[0] != "bridges"}
        used |= _referred(subject) | _hooked(subject)
        unused = subject.manifest.requirements().keys() - used
        assert not unused, f"{subject.name} requires {', '.join(sorted(unused))}, but uses nothing of it"

    def test_no_import_stands_in_a_function(self, subject: Subject) -> None:
        faults = {
            f"{path}:{inner.lineno}"
            for path, tree in subject.python_files()
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            for inner in ast.walk(node)
            if isinstance(inner, ast.Import | ast.ImportFrom)
        }
        assert not faults, f"imports inside functions hide a cycle; move what both sides need:{listed(faults)}"


def foreign_imports(subject: Subject) -> list[Import]:
    """Imports of other modules' packages."""
    owners = {module.package: module.name for module in installed()}
    return [
        Import(path, line, owner, part)
        for path, tree in subject.python_files()
        for line, package, part in _imported(tree)
        if package != subject.package and (owner := owners.get(package) or _first_party(package))
    ]


def _imported(tree: ast.Module) -> Iterator[tuple[int, str, str | None]]:
    """Line, top-level package and the file in it of every absolute import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                package, _, rest = alias.name.partition(".")
                yield node.lineno, package, rest.partition(".")[0] or None
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            package, _, rest = node.module.partition(".")
            if rest:
                yield node.lineno, package, rest.partition(".")[0]
            else:
                for alias in node.names:
                    yield node.lineno, package, alias.name if _is_file(package, alias.name) else None


def _is_file(package: str, name: str) -> bool:
    known = _first_party(package) or any(module.package == package for module in installed())
    return bool(known) and find_spec(package) is not None and find_spec(f"{package}.{name}") is not None


def _first_party(package: str) -> str | None:
    return package.removeprefix(FIRST_PARTY) if package.startswith(FIRST_PARTY) else None


def _may_import(found: Import) -> bool:
    """A bridge imports its partner, and builders for tests import what they need."""
    parts = found.file.with_suffix("").parts
    return parts[:2] == ("bridges", found.module) or parts[0] == "testing"


def _referred(subject: Subject) -> set[str]:
    """Modules to whose tables its tables refer."""
    keys = (key for model in subject.models for key in inspect(model).local_table.foreign_keys)
    return {str(key.column.table.info.get("module")) for key in keys}


def _hooked(subject: Subject) -> set[str]:
    """Modules whose hooks it implements."""
    bus = subject.alone.bus
    return {
        spec.owner for name, spec in bus.specs.items() for it in bus.implementations(name) if it.module == subject.name
    }
