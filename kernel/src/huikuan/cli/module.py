"""huikuan module: what is installed, what a tenant has enabled and why; enable and disable."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from huikuan.catalog import InstalledModule, ModuleCatalog
from huikuan.cli.lookup import enabled, module_states, tenant_named
from huikuan.cli.opening import kernel_for
from huikuan.cli.output import answer, show
from huikuan.cli.parsing import Commands
from huikuan.composition import compose
from huikuan.core.directory import Tenant
from huikuan.core.models import ModuleState
from huikuan.errors import HuikuanError
from huikuan.kernel import Kernel

__all__ = ["configure"]


def configure(groups: Any, name: str, help: str, shared: argparse.ArgumentParser) -> None:
    parser = groups.add_parser(name, help=help, description=f"Modules: {help}.")
    commands = Commands(parser, shared)
    listed = commands.add(
        "list",
        _list,
        "installed modules; with --tenant also which are enabled, and why",
        example="huikuan module list --tenant acme",
    )
    listed.add_argument("--tenant", metavar="NAME", help="short name of a tenant")
    listed.add_argument("--json", action="store_true", help="as JSON")
    enable = commands.add(
        "enable",
        _enable,
        "enable a module for a tenant, with what it requires",
        details="The next request sees it; no restart.",
        example="huikuan module enable credit --tenant acme",
    )
    disable = commands.add(
        "disable",
        _disable,
        "disable a module for a tenant; its data stays",
        details="Refused while another enabled module needs it.",
        example="""huikuan module disable invoicing --tenant acme
        huikuan module disable invoicing --tenant acme --with-dependants""",
    )
    for parser in (enable, disable):
        parser.add_argument("module", help="name of the module")
        parser.add_argument("--tenant", metavar="NAME", required=True, help="short name of the tenant")
    disable.add_argument("--with-dependants", action="store_true", help="also disable the modules that need it")


def _list(args: argparse.Namespace) -> int:
    with kernel_for(args) as kernel:
        states = module_states(kernel, tenant_named(kernel, args.tenant)) if args.tenant else None
        refused = {item.name: f"refused: {item.reason}. {item.remedy}" for item in kernel.catalog.refused}
        rows = [_row(kernel.catalog, module, states) for module in kernel.catalog]
        rows += [_unusable(name, health, states) for name, health in refused.items()]
        known = kernel.catalog.names | refused.keys()
        rows += [_unusable(name, "not installed here", states) for name in sorted((states or {}).keys() - known)]
        show(rows, as_json=args.json, empty="no modules are installed; try: pip install huikuan-orders")
        return 0


def _enable(args: argparse.Namespace) -> int:
    with kernel_for(args) as kernel:
        tenant = tenant_named(kernel, args.tenant)
        before = module_states(kernel, tenant)
        arguments = {"tenant": args.tenant, "module": args.module}
        result = kernel.run(kernel.control_scope(), "tenant_module_enable", arguments)
        added = _changed(kernel, tenant, before) if result.done else []
        return answer(result, f"enabled {', '.join(added)}" if added else f"{args.module} is enabled already")


def _disable(args: argparse.Namespace) -> int:
    with kernel_for(args) as kernel:
        tenant = tenant_named(kernel, args.tenant)
        before = module_states(kernel, tenant)
        arguments = {"tenant": args.tenant, "module": args.module, "with_dependants": args.with_dependants}
        result = kernel.run(kernel.control_scope(), "tenant_module_disable", arguments)
        gone = _changed(kernel, tenant, before) if result.done else []
        return answer(result, f"disabled {', '.join(gone)}; the data stays")


def _changed(kernel: Kernel, tenant: Tenant, before: Mapping[str, ModuleState]) -> list[str]:
    """The modules whose state a command has changed, requirements first."""
    differing = enabled(before) ^ enabled(module_states(kernel, tenant))
    order = [module.name for module in kernel.catalog]
    return sorted(differing, key=lambda name: order.index(name) if name in order else len(order))


def _row(catalog: ModuleCatalog, module: InstalledModule, states: Mapping[str, ModuleState] | None) -> dict[str, Any]:
    row: dict[str, Any] = {"module": module.name, "version": module.version}
    if states is not None:
        state = states.get(module.name, ModuleState.DISABLED)
        row["enabled"] = {"DISABLED": "no", "ENABLING": "preparing"}.get(state.name, "yes")
        row["why"] = _why(catalog, module.name, enabled(states))
    row["requires"] = list(module.manifest.requirements())
    row["health"] = _health(catalog, module.name)
    return row


def _unusable(name: str, health: str, states: Mapping[str, ModuleState] | None) -> dict[str, Any]:
    row: dict[str, Any] = {"module": name, "version": None}
    if states is not None:
        row |= {"enabled": "left out" if name in enabled(states) else "no", "why": None}
    return row | {"requires": [], "health": health}


def _why(catalog: ModuleCatalog, name: str, enabled: set[str]) -> str | None:
    if name not in enabled:
        return None
    needing = [other for other in sorted(enabled & catalog.names) if name in catalog.get(other).manifest.requirements()]
    return f"required by {', '.join(needing)}" if needing else "enabled by itself"


def _health(catalog: ModuleCatalog, name: str) -> str:
    """Whether it can be put together with what it requires: hooks, commands and events match."""
    try:
        compose(catalog, catalog.closure([name]))
    except HuikuanError as error:
        return error.message
    return "ok"
