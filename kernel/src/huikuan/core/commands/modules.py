"""A tenant's own modules and settings."""

from __future__ import annotations

from zoneinfo import available_timezones

from huikuan.commands import command
from huikuan.context import Context, session_of
from huikuan.core.errors import MODULE_NEEDED, UNKNOWN_MODULE
from huikuan.core.events import ModuleDisabled, ModuleEnabled
from huikuan.core.models import TenantModule, TenantSetting
from huikuan.core.modules import disable_modules, enable_modules, raise_module_epoch, to_disable
from huikuan.errors import BadInput, Refusal

__all__ = ["module_disable", "module_enable", "setting_set"]


@command(permission="kernel.modules", idempotency="natural", payload="modules")
def module_enable(ctx: Context, module: str) -> list[TenantModule]:
    """Enable a module and what it requires; the next request sees it."""
    if module not in ctx.services.compositions.catalog:
        ctx.refuse(_unknown(ctx, module))
    session = session_of(ctx)
    added = enable_modules(session, ctx.services.compositions, ctx.tenant.id, [module], ctx.now)
    for name in added:
        ctx.emit(ModuleEnabled(tenant_id=ctx.tenant.id, module=name))
    session.flush()
    return [row for name in added if (row := ctx.find(TenantModule, module=name)) is not None]


@command(permission="kernel.modules", idempotency="natural", payload="modules")
def module_disable(ctx: Context, module: str, with_dependants: bool = False) -> list[TenantModule]:
    """Disable a module; its data stays. Refused while another enabled module needs it."""
    session = session_of(ctx)
    catalog = ctx.services.compositions.catalog
    going = to_disable(session, catalog, ctx.tenant.id, module)
    if not going and module not in catalog:
        ctx.refuse(_unknown(ctx, module))
    if len(going) > 1 and not with_dependants:
        ctx.refuse(needed(module, going[:-1]))
    disable_modules(session, going, ctx.now)
    for name in going:
        ctx.emit(ModuleDisabled(tenant_id=ctx.tenant.id, module=name))
    session.flush()
    return [row for name in going if (row := ctx.find(TenantModule, module=name)) is not None]


@command(permission="kernel.modules", idempotency="natural", payload="key")
def setting_set(ctx: Context, key: str, value: str) -> str:
    """Change a setting; the value is read by the setting's own type."""
    declared = ctx.composition.settings.get(key)
    if declared is None:
        raise BadInput(f"There is no setting {key!r}; see the query settings.", field="key")
    found = ctx.find(TenantSetting, key=key)
    parsed = _parse(value, declared.default)
    if key == "kernel.timezone" and value not in available_timezones():
        raise BadInput(f"{value!r} is no time zone; one is Europe/Berlin or Asia/Shanghai.", field="value")
    if found is None:
        ctx.add(TenantSetting(key=key, value=parsed))
    else:
        found.value = parsed
    raise_module_epoch(session_of(ctx), ctx.tenant.id)
    return key


def needed(module: str, dependants: list[str]) -> Refusal:
    """The refusal to disable what others need."""
    verb = "needs" if len(dependants) == 1 else "need"
    return Refusal(
        MODULE_NEEDED,
        f"{', '.join(dependants)} {verb} {module}.",
        field="module",
        advice=f"Disable {', '.join(dependants)} first, or use withDependants.",
        dependants=dependants,
    )


def _unknown(ctx: Context, module: str) -> Refusal:
    installed = ", ".join(sorted(ctx.services.compositions.catalog.names)) or "none"
    return Refusal(UNKNOWN_MODULE, f"There is no module {module!r} to use; installed are: {installed}.", field="module")


def _parse(value: str, default: object) -> str | int | bool:
    if isinstance(default, bool):
        if value.lower() not in ("true", "false"):
            raise BadInput("This setting is true or false.", field="value")
        return value.lower() == "true"
    if isinstance(default, int):
        try:
            return int(value)
        except ValueError as error:
            raise BadInput("This setting is a whole number.", field="value") from error
    return value
