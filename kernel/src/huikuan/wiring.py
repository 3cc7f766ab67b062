"""The hooks of a composition: pluggy checks names and arguments, the bus gets plain lists to call."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from types import ModuleType

import pluggy
from pluggy import PluginValidationError

from huikuan.bus import Bus, Deadlines, HookKind, HookSpec, Implementation
from huikuan.catalog import InstalledModule
from huikuan.errors import SetupError
from huikuan.gathering import Sources
from huikuan.hooks import ATTRIBUTE, PROJECT
from huikuan.shapes import member_class

__all__ = ["build_bus"]


def build_bus(sources: Sources, deadlines: Deadlines | None = None) -> Bus:
    manager = pluggy.PluginManager(PROJECT)
    specs: dict[str, HookSpec] = {}
    for module, parts in sources:
        hookspecs = next((part for part in parts if part.__name__.endswith(".hookspecs")), None)
        if hookspecs is not None:
            _add_specs(manager, specs, module, hookspecs)
    plugins: dict[str, InstalledModule] = {}
    for module, parts in sources:
        for part in parts:
            if _implements(part):
                plugins[part.__name__] = module
                _register(manager, specs, module, part)
    return Bus(specs, {name: _implementations(manager, name, plugins) for name in specs}, deadlines)


def _add_specs(
    manager: pluggy.PluginManager, specs: dict[str, HookSpec], module: InstalledModule, hookspecs: ModuleType
) -> None:
    for name, function in vars(hookspecs).items():
        marked = getattr(function, ATTRIBUTE, None)
        if marked is None or function.__module__ != hookspecs.__name__:
            continue
        if name in specs:
            raise SetupError(f"hook {name} is declared by {specs[name].owner} and by {module.name}")
        if not name.startswith(f"{module.name}_"):
            raise SetupError(f"hook {name} of {module.name} must start with '{module.name}_'")
        kind, where = marked
        names = tuple(inspect.signature(function).parameters)
        if names[:1] != ("ctx",) or (kind is HookKind.CHANGE and len(names) < 2):
            raise SetupError(f"hook {name} of {module.name} must take ctx first" + (" and a draft" if names else ""))
        if where not in ("transaction", "worker"):
            raise SetupError(f"hook {name} of {module.name} runs where='transaction' or 'worker', not {where!r}")
        member = member_class(function) if kind is HookKind.CONTRIBUTION else None
        specs[name] = HookSpec(name, kind, module.name, module.version, where, names, function, member)
    try:
        manager.add_hookspecs(hookspecs)
    except ValueError as error:
        raise SetupError(f"{module.name} {module.version}: {error}; a module declares only hooks of its own") from error


def _implements(part: ModuleType) -> bool:
    return any(hasattr(value, f"{PROJECT}_impl") for value in vars(part).values() if inspect.isfunction(value))


def _register(
    manager: pluggy.PluginManager, specs: Mapping[str, HookSpec], module: InstalledModule, part: ModuleType
) -> None:
    for name, function in vars(part).items():
        options = getattr(function, f"{PROJECT}_impl", None)
        if options is None or not inspect.isfunction(function):
            continue
        who = f"{module.name} {module.version} implements hook `{name}`"
        if options.get("wrapper") or options.get("hookwrapper"):
            raise SetupError(f"{who} as a wrapper; wrappers are not supported, implement it plainly")
        if name not in specs:
            near = difflib.get_close_matches(name, specs, n=1)
            hint = f" Did you mean `{near[0]}` ({specs[near[0]].owner} {specs[near[0]].owner_version})?" if near else ""
            raise SetupError(f"{who}, which no enabled module offers.{hint}")
        wrong = set(inspect.signature(function).parameters) - set(specs[name].arguments)
        if wrong:
            raise SetupError(
                f"{who} with the argument {sorted(wrong)[0]!r}; it may take: {', '.join(specs[name].arguments)}"
            )
    try:
        manager.register(part, part.__name__)
    except (PluginValidationError, ValueError) as error:
        raise SetupError(f"{module.name} {module.version}: {error}") from error


def _implementations(
    manager: pluggy.PluginManager, hook: str, plugins: Mapping[str, InstalledModule]
) -> tuple[Implementation, ...]:
    """tryfirst, then plain, then trylast; within each by dependency order, then name."""
    order = {name: index for index, name in enumerate(dict.fromkeys(module.name for module in plugins.values()))}

    def rank(found: pluggy.HookImpl) -> tuple[int, int, str]:
        priority = 0 if found.tryfirst else 2 if found.trylast else 1
        return priority, order[plugins[found.plugin_name].name], found.plugin_name

    caller = getattr(manager.hook, hook)
    return tuple(
        Implementation(
            plugins[item.plugin_name].name,
            plugins[item.plugin_name].version,
            item.function,
            tuple(inspect.signature(item.function).parameters),
        )
        for item in sorted(caller.get_hookimpls(), key=rank)
    )
