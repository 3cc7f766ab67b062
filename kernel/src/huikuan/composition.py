"""compose(catalog, names) -> Composition: what a set of enabled modules yields.

Here the hooks (wiring.py), what modules declare (gathering.py) and the GraphQL schema meet. A composition
is frozen, holds no session, and is shared by all tenants with the same set; a disabled module is absent
from it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

import structlog

from huikuan import arguments
from huikuan.bus import Bus, Deadlines
from huikuan.catalog import InstalledModule, ModuleCatalog, RefusedModule
from huikuan.codec import encode
from huikuan.commands import Command, Surface
from huikuan.core.holds import HoldDesk
from huikuan.core.module import OPERATE, kernel_module
from huikuan.db import Base
from huikuan.errors import RefusalCode, SetupError
from huikuan.events import Event, Subscriber, event_name
from huikuan.gathering import Gatherer, sources_of
from huikuan.graphql import (
    Declarations,
    Documents,
    NodeDecl,
    SchemaParts,
    TenantSchema,
    build_schema,
)
from huikuan.importing import Importer
from huikuan.jobs.declare import JobSpec
from huikuan.manifest import Setting
from huikuan.telemetry import COMPOSITIONS
from huikuan.wiring import build_bus

__all__ = ["HIDDEN", "Composition", "Compositions", "compose", "shared_compositions", "vetted"]

log = structlog.get_logger("huikuan.composition")
HIDDEN = "(personal data)"


@dataclass(frozen=True)
class Composition:
    """What a set of modules yields; see the module docstring."""

    names: frozenset[str]
    surface: Surface
    modules: tuple[InstalledModule, ...]
    bus: Bus
    commands: Mapping[str, tuple[Command[..., Any], str]]
    events: Mapping[str, tuple[type[Event], str]]
    subscribers: Mapping[str, tuple[Subscriber, InstalledModule]]
    jobs: Mapping[str, tuple[JobSpec, InstalledModule]]
    importers: Mapping[str, tuple[Importer, str]]
    codes: Mapping[str, tuple[RefusalCode, str]]
    permissions: Mapping[str, str]
    roles: Mapping[str, tuple[frozenset[str], str]]
    settings: Mapping[str, Setting]
    nodes: Mapping[str, NodeDecl]
    declarations: tuple[tuple[str, Declarations], ...]
    documents: Documents = field(default_factory=Documents)
    holds: HoldDesk = field(default_factory=HoldDesk)
    _building: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    @cached_property
    def schema(self) -> TenantSchema:
        """The GraphQL schema of this set."""
        # Since Python 3.12 cached_property takes no lock of its own, and documents are kept by their schema.
        with self._building:
            if "schema" not in self.__dict__:
                self.__dict__["schema"] = self._build_schema()
            found: TenantSchema = self.__dict__["schema"]
            return found

    def _build_schema(self) -> TenantSchema:
        return build_schema(
            SchemaParts(
                surface=self.surface,
                declarations=self.declarations,
                commands=[entry for entry in self.commands.values() if entry[0].surface == self.surface],
                refusal_codes=[code for code, _ in self.codes.values()],
                event_types=sorted(self.events),
                nouns={module.name: module.manifest.claimed_nouns for module in self.modules},
                versions={module.name: module.version for module in self.modules},
            ),
            self.documents,
        )

    def module(self, name: str) -> InstalledModule:
        """An enabled module by name."""
        return next(module for module in self.modules if module.name == name)

    def owner_of(self, command: Command[..., Any]) -> str:
        """The module that declared a command."""
        return self.commands[command.name][1]

    def command(self, name: str) -> Command[..., Any]:
        """A command by name."""
        found = self.commands.get(name)
        if found is None:
            raise SetupError(f"no enabled module has a command {name!r}")
        return found[0]

    def check_code(self, code: str, module: str) -> None:
        """A refusal code must be declared, so that it stands in the schema."""
        if code not in self.codes:
            raise SetupError(
                f"{module} refuses with {code!r}, which no errors.py declares; add "
                f'{code} = RefusalCode("{code}", "what it means") to the errors.py of {module}'
            )

    def check_event(self, event: type[Event]) -> str:
        """The module that declared an event type."""
        found = self.events.get(event_name(event))
        if found is None or found[0] is not event:
            raise SetupError(f"event {event.__name__} stands in no events.py of an enabled module")
        return found[1]

    def setting_default(self, key: str) -> Any:
        """The default of a declared setting."""
        found = self.settings.get(key)
        if found is None:
            raise SetupError(f"setting {key!r} is not declared by an enabled module")
        return found.default

    def resolve_arguments(self, ctx: Any, command: Command[..., Any], raw: Mapping[str, Any]) -> dict[str, Any]:
        """Plain arguments to the values the command's body takes; references are looked up."""
        return arguments.resolve_arguments(ctx, command, raw)

    def audited_input(self, command: Command[..., Any], raw: Mapping[str, Any]) -> Any:
        """The input as the audit row keeps it, personal data hidden; commands that store no outcome keep none."""
        if command.idempotency == "none":
            return None
        return _redacted(encode(command.disclosed(raw)), _personal(self.owner_of(command)))

    def nested(self, ctx: Any, command: Command[..., Any], call: Callable[[], Any], kwargs: Mapping[str, Any]) -> Any:
        """A command called by another one: joins its transaction and leaves a child audit row."""
        with ctx.calling(self.owner_of(command)):
            value = call()
        ctx.work.children.append((command, dict(kwargs), value))
        return value


class Compositions:
    """The cache: one composition per set of modules and surface."""

    def __init__(self, catalog: ModuleCatalog, deadlines: Deadlines | None = None, limit: int = 200) -> None:
        self.catalog = catalog
        self._deadlines = deadlines
        self.documents = Documents()
        self._limit = limit
        self._lock = threading.Lock()
        self._held: dict[tuple[frozenset[str], Surface], Composition] = {}

    def get(self, names: Iterable[str], surface: Surface = "tenant") -> Composition:
        """The composition of these modules; names that are no longer installed are left out by the caller."""
        key = (frozenset(names), surface)
        found = self._held.get(key)
        if found is not None:
            return found
        with self._lock:
            found = self._held.get(key)
            if found is None:
                composed = compose(self.catalog, key[0], surface, self._deadlines)
                found = replace(composed, documents=self.documents)
                if len(self._held) >= self._limit:
                    self._held.pop(next(iter(self._held)))
                self._held[key] = found
                COMPOSITIONS.set(len(self._held))
        return found


def shared_compositions(catalog: ModuleCatalog, deadlines: Deadlines | None = None) -> Compositions:
    """The compositions of a process: all its kernels of one catalog share them. Unusable modules are refused."""
    return _shared(catalog, deadlines or Deadlines())


@lru_cache(maxsize=16)
def _shared(catalog: ModuleCatalog, deadlines: Deadlines) -> Compositions:
    return Compositions(vetted(catalog), deadlines)


def compose(
    catalog: ModuleCatalog,
    names: Iterable[str],
    surface: Surface = "tenant",
    deadlines: Deadlines | None = None,
) -> Composition:
    """Put the modules ``names`` together; raises SetupError naming the module and the remedy.

    ``deadlines``: how long an implementation of a hook may take.
    """
    wanted = frozenset(names)
    missing = catalog.closure(wanted) - wanted
    if missing:
        raise SetupError(f"these modules are required too: {', '.join(sorted(missing))}")
    modules = (kernel_module(), *catalog.ordered(wanted))
    sources = [(module, sources_of(module, wanted)) for module in modules]
    gather = Gatherer(sources)
    declarations = gather.declarations()
    return Composition(
        names=wanted,
        surface=surface,
        modules=modules,
        bus=build_bus(sources, deadlines),
        commands=gather.commands(),
        events=gather.events(),
        subscribers=gather.subscribers(),
        jobs=gather.jobs(),
        importers=gather.importers(),
        codes=gather.codes(),
        permissions=_permissions(modules, surface),
        roles=_roles(modules),
        settings={key: value for module in modules for key, value in module.manifest.settings.items()},
        nodes={node.name: node for _, found in declarations for node in found.nodes},
        declarations=tuple(declarations),
    )


def vetted(catalog: ModuleCatalog) -> ModuleCatalog:
    """The catalog without modules that cannot be put together with the rest; they are refused by name.

    Each third party's is also tried with nothing but what it requires, as a tenant may enable it. First-party modules
    are tried first, so that of two that clash the other one goes.
    """
    others = [module for module in catalog if not module.first_party]
    if not _fault(catalog, catalog.names, bool(others)) and not any(_alone(catalog, module) for module in others):
        return catalog
    accepted: frozenset[str] = frozenset()
    refused: list[RefusedModule] = []
    for module in sorted(catalog, key=lambda module: not module.first_party):
        needed = module.manifest.requirements().keys() - accepted
        if needed:
            reason: str | None = f"it requires {', '.join(sorted(needed))}, which was refused"
        else:
            reason = _fault(catalog, accepted | {module.name}, not module.first_party) or _alone(catalog, module)
        if reason is None:
            accepted |= {module.name}
        else:
            refused.append(RefusedModule(module.name, reason, "Mend the module or uninstall it"))
            log.error("module refused", module=module.name, reason=reason)
    return ModuleCatalog(catalog.ordered(accepted), (*catalog.refused, *refused))


def _alone(catalog: ModuleCatalog, module: InstalledModule) -> str | None:
    return None if module.first_party else _fault(catalog, catalog.closure([module.name]), True)


def _fault(catalog: ModuleCatalog, names: Iterable[str], schema: bool) -> str | None:
    """Why these modules cannot be put together, with their schema if that is asked for; None if they can."""
    try:
        found = compose(catalog, names)
        if schema:
            _ = found.schema
    except SetupError as error:
        return error.message
    except Exception as error:  # whatever stands in a module's files is the module's fault
        return f"{type(error).__name__}: {error}"
    return None


def _permissions(modules: Iterable[InstalledModule], surface: Surface) -> dict[str, str]:
    """What may be granted; the platform's own right is nothing that a tenant has."""
    return {
        name: text
        for module in modules
        for name, text in module.manifest.permissions.items()
        if name != OPERATE or surface == "control"
    }


def _roles(modules: Iterable[InstalledModule]) -> dict[str, tuple[frozenset[str], str]]:
    """Roles by name: several modules may add to one, which belongs to the first of them."""
    found: dict[str, tuple[frozenset[str], str]] = {}
    for module in modules:
        for name, granted in module.manifest.roles.items():
            before, owner = found.get(name, (frozenset[str](), module.name))
            found[name] = (before | set(granted), owner)
    return found


@lru_cache(maxsize=256)
def _personal(module: str) -> frozenset[str]:
    """Names of the columns of a module that hold personal data."""
    return frozenset(
        column.key
        for table in Base.metadata.tables.values()
        if table.info.get("module") == module
        for column in table.columns
        if column.info.get("pii")
    )


def _redacted(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {
            key: HIDDEN if key in names and item is not None else _redacted(item, names) for key, item in value.items()
        }
    return [_redacted(item, names) for item in value] if isinstance(value, list) else value
