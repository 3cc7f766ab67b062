"""ModuleCatalog: the modules installed in this process, found by entry points, sorted by requirement.

A module that cannot be used is refused, by name and with the remedy; the others start.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import structlog

from huikuan.errors import SetupError, told_to_stop
from huikuan.manifest import Module
from huikuan.version import __version__

__all__ = ["ENTRY_POINTS", "InstalledModule", "ModuleCatalog", "RefusedModule"]

log = structlog.get_logger("huikuan.catalog")
ENTRY_POINTS = "huikuan.modules"
FIRST_PARTY = "huikuan_"
PARTS = (
    "errors", "hookspecs", "events", "models", "commands", "hooks", "subscribers", "types", "graphql", "jobs",
    "importers",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class InstalledModule:
    """A module that may be enabled: its manifest, version and python package."""

    manifest: Module
    version: str
    package: str
    parts: Mapping[str, ModuleType] = field(default_factory=dict, repr=False)
    bridges: Mapping[str, ModuleType] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def first_party(self) -> bool:
        return self.package.startswith(FIRST_PARTY) or self.package == "huikuan.core"

    @property
    def directory(self) -> Path:
        """The folder of its package."""
        spec = importlib.util.find_spec(self.package)
        assert spec is not None and spec.submodule_search_locations
        return Path(next(iter(spec.submodule_search_locations)))


@dataclass(frozen=True)
class RefusedModule:
    """An installed module that cannot be used, why, and what mends it."""

    name: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}. {self.remedy}."


class ModuleCatalog:
    """All usable modules of this process, in dependency order."""

    def __init__(self, modules: Iterable[InstalledModule], refused: Sequence[RefusedModule] = ()) -> None:
        self._modules = {module.name: module for module in modules}
        self.refused = tuple(refused)

    @classmethod
    def discover(cls, *, safe_mode: bool = False) -> ModuleCatalog:
        """Find modules by their entry points; with ``safe_mode`` only first-party ones."""
        return cls.of(
            (point.name, point)
            for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name)
            if not safe_mode or point.value.startswith(FIRST_PARTY)
        )

    @classmethod
    def of(cls, candidates: Iterable[tuple[str, EntryPoint]]) -> ModuleCatalog:
        """A catalog of these entry points."""
        loaded: dict[str, InstalledModule] = {}
        refused: list[RefusedModule] = []
        for name, point in candidates:
            try:
                installed = _load(name, point)
                if installed.name in loaded:
                    raise SetupError(f"{loaded[installed.name].package} has the same name; uninstall one of the two")
                loaded[installed.name] = installed
            except BaseException as error:
                if told_to_stop(error):
                    raise
                refused.append(_refusal(name, error))
        usable = _resolve(loaded, refused)
        for item in refused:
            log.error("module refused", module=item.name, reason=item.reason, remedy=item.remedy)
        return cls(usable, refused)

    def __iter__(self) -> Iterator[InstalledModule]:
        return iter(self._modules.values())

    def __contains__(self, name: str) -> bool:
        return name in self._modules

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._modules)

    def get(self, name: str) -> InstalledModule:
        """The module of this name, or an error that says what is installed."""
        found = self._modules.get(name)
        if found is None:
            reason = next((str(item) for item in self.refused if item.name == name), None)
            if reason:
                raise SetupError(f"module {reason}")
            raise SetupError(
                f"module {name!r} is not installed; installed are: {', '.join(self._modules) or 'none'}. "
                f"Install it with: pip install huikuan-{name.replace('_', '-')}"
            )
        return found

    def closure(self, names: Iterable[str]) -> frozenset[str]:
        """These modules and all they require."""
        found: set[str] = set()
        todo = list(names)
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo.extend(self.get(name).manifest.requirements())
        return frozenset(found)

    def dependants(self, name: str, among: Iterable[str]) -> list[str]:
        """Which of ``among`` need ``name``, directly or not; in an order in which they may be disabled."""
        order = list(self._modules)
        needing = [other for other in among if other != name and name in self.closure([other])]
        return sorted(needing, key=order.index, reverse=True)

    def ordered(self, names: Iterable[str]) -> list[InstalledModule]:
        """These modules, requirements first."""
        wanted = set(names)
        for name in wanted:
            self.get(name)
        return [module for module in self if module.name in wanted]


def load_parts(package: str) -> tuple[dict[str, ModuleType], dict[str, ModuleType]]:
    """Import what a package has of the known files, and its bridges by the name of the other module."""
    parts = {
        part: importlib.import_module(f"{package}.{part}")
        for part in PARTS
        if importlib.util.find_spec(f"{package}.{part}") is not None
    }
    bridges: dict[str, ModuleType] = {}
    spec = importlib.util.find_spec(f"{package}.bridges")
    if spec is not None and spec.submodule_search_locations:
        for folder in spec.submodule_search_locations:
            for file in sorted(Path(folder).glob("[a-z]*.py")):
                bridges[file.stem] = ModuleType("")
    return parts, bridges


def _load(name: str, point: EntryPoint) -> InstalledModule:
    manifest = point.load()
    if not isinstance(manifest, Module):
        raise SetupError(f"entry point {point.value} is {type(manifest).__name__}, not a huikuan.Module")
    package = point.value.partition(":")[0]
    expected = package.removeprefix(FIRST_PARTY)
    if manifest.name != name or manifest.name != expected:
        raise SetupError(
            f"entry point {name!r}, package {package!r} and manifest {manifest.name!r} must agree on the name"
        )
    if manifest.kernel_range() and not manifest.kernel_range().contains(__version__, prereleases=True):
        raise SetupError(f"it needs kernel {manifest.kernel}, this is {__version__}; install a matching version")
    version = point.dist.version if point.dist is not None else "0"
    parts, bridge_names = load_parts(package)
    return InstalledModule(manifest, version, package, parts, bridge_names)


def load_bridge(module: InstalledModule, other: str) -> ModuleType:
    """Import a bridge; only called where the other module is usable."""
    try:
        return importlib.import_module(f"{module.package}.bridges.{other}")
    except BaseException as error:
        if told_to_stop(error):
            raise
        raise SetupError(
            f"the bridge of {module.name} {module.version} to {other} failed with {type(error).__name__}: {error}",
            module=module.name,
        ) from error


def _refusal(name: str, error: BaseException) -> RefusedModule:
    if isinstance(error, SetupError):
        return RefusedModule(name, error.message, "Mend the module or uninstall it")
    return RefusedModule(
        name,
        f"its import failed with {type(error).__name__}: {error}",
        "Mend the module, or uninstall it, or start with --safe-mode",
    )


def _resolve(loaded: Mapping[str, InstalledModule], refused: list[RefusedModule]) -> list[InstalledModule]:
    """Drop what misses a requirement or stands in a cycle, then sort: requirements first, then by name."""
    usable = dict(loaded)
    while True:
        wrong = next(((name, problem) for name in usable if (problem := _problem(usable, refused, name))), None)
        if wrong is None:
            break
        refused.append(RefusedModule(wrong[0], *wrong[1]))
        del usable[wrong[0]]
    graph: dict[str, set[str]] = {name: set(module.manifest.requirements()) for name, module in usable.items()}
    sorter = TopologicalSorter(graph)
    try:
        sorter.prepare()
    except CycleError as error:
        members = sorted(set(error.args[1]))
        for name in members:
            refused.append(
                RefusedModule(
                    name,
                    f"it stands in a cycle of requirements: {' -> '.join(error.args[1])}",
                    "Remove one requirement",
                )
            )
            del usable[name]
        return _resolve(usable, refused)
    ordered: list[InstalledModule] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        ordered.extend(usable[name] for name in ready)
        sorter.done(*ready)
    return ordered


def _problem(
    usable: Mapping[str, InstalledModule], refused: Sequence[RefusedModule], name: str
) -> tuple[str, str] | None:
    for required, versions in usable[name].manifest.requirements().items():
        other = usable.get(required)
        if other is None:
            if any(item.name == required for item in refused):
                return f"it requires {required}, which was refused", f"Mend {required} first"
            return (
                f"it requires {required}, which is not installed",
                f"pip install huikuan-{required.replace('_', '-')}",
            )
        if not versions.contains(other.version, prereleases=True):
            return (
                f"it requires {required} {versions}, installed is {other.version}",
                f"Install a {required} in that range, or a {name} that accepts {other.version}",
            )
    return None


def scan(module: ModuleType, kind: type | tuple[type, ...]) -> list[Any]:
    """Objects of a kind that a python module defines itself (imports are skipped), in source order."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, kind)
        and f"{getattr(value, '__module__', module.__name__)}.".startswith(f"{module.__name__}.")
    ]
