"""What the python modules of the enabled modules declare: commands, events, codes, importers, jobs, types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from huikuan.catalog import InstalledModule, load_bridge, scan
from huikuan.commands import Command
from huikuan.errors import RefusalCode, SetupError
from huikuan.events import Event, Subscriber, event_name
from huikuan.graphql import Declarations, collect_declarations
from huikuan.importing import Importer
from huikuan.jobs.declare import JobSpec

__all__ = ["Gatherer", "Sources", "sources_of"]


def sources_of(module: InstalledModule, names: frozenset[str]) -> list[ModuleType]:
    bridges = [load_bridge(module, other) for other in module.bridges if other in names]
    return [*module.parts.values(), *bridges]


Sources = Sequence[tuple[InstalledModule, Sequence[ModuleType]]]


class Gatherer:
    """Collects what the python modules of the enabled modules declare; clashes name both sides."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def commands(self) -> dict[str, tuple[Command[..., Any], str]]:
        return self._named(Command, lambda item: item.name, "command")

    def codes(self) -> dict[str, tuple[RefusalCode, str]]:
        found: dict[str, tuple[RefusalCode, str]] = {}
        for module, sources in self._sources:
            for source in sources:
                if source.__name__.rpartition(".")[2] != "errors":
                    continue
                for code in vars(source).values():
                    if isinstance(code, RefusalCode):
                        self._claim(found, code.code, code, module, "refusal code")
        return found

    def importers(self) -> dict[str, tuple[Importer, str]]:
        found: dict[str, tuple[Importer, str]] = {}
        for module, sources in self._sources:
            for source in sources:
                for value in vars(source).values():
                    if isinstance(value, Importer):
                        self._claim(found, value.name, value, module, "importer")
        return found

    def events(self) -> dict[str, tuple[type[Event], str]]:
        found: dict[str, tuple[type[Event], str]] = {}
        for module, sources in self._sources:
            for source in sources:
                for value in scan(source, type):
                    if issubclass(value, Event) and value is not Event:
                        self._claim(found, event_name(value), value, module, "event")
        return found

    def subscribers(self) -> dict[str, tuple[Subscriber, InstalledModule]]:
        found: dict[str, tuple[Subscriber, InstalledModule]] = {}
        for module, sources in self._sources:
            for source in sources:
                for function in vars(source).values():
                    if getattr(function, "__module__", None) != source.__name__:
                        continue
                    for item in getattr(function, "huikuan_subscribers", ()):
                        found[f"{module.name}.{item.name}:{event_name(item.event)}"] = (item, module)
        return found

    def jobs(self) -> dict[str, tuple[JobSpec, InstalledModule]]:
        found: dict[str, tuple[JobSpec, InstalledModule]] = {}
        for module, sources in self._sources:
            for source in sources:
                for item in scan(source, JobSpec):
                    found[f"{module.name}.{item.name}"] = (item, module)
        return found

    def declarations(self) -> list[tuple[str, Declarations]]:
        return [(module.name, collect_declarations(source)) for module, sources in self._sources for source in sources]

    def _named(self, kind: type, name: Callable[[Any], str], what: str) -> dict[str, tuple[Any, str]]:
        found: dict[str, tuple[Any, str]] = {}
        for module, sources in self._sources:
            for source in sources:
                for item in scan(source, kind):
                    self._claim(found, name(item), item, module, what)
        return found

    @staticmethod
    def _claim(found: dict[str, tuple[Any, str]], name: str, item: Any, module: InstalledModule, what: str) -> None:
        if name in found and found[name][0] is not item:
            raise SetupError(
                f"{what} {name} is declared by {found[name][1]} and by {module.name}; rename one of the two"
            )
        found.setdefault(name, (item, module.name))
