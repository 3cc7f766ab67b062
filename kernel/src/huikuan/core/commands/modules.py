"""A tenant's own modules and settings."""

from __future__ import annotations

from huikuan.commands import command
from huikuan.context import Context, session_of
from huikuan.core.errors import MODULE_NEEDED, UNKNOWN_MODULE
from huikuan.core.events import ModuleDisabled, ModuleEnabled
from huikuan.core.hookspecs import kernel_before_setting
from huikuan.core.models import TenantModule, TenantSetting
from huikuan.core.modules import disable_modules, enable_modules, raise_module_epoch, to_disable
from huikuan.errors import BadInput, Level, Refusal

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
    """Change a setting; the value is read by the setting's own rule, and modules may refuse it."""
    declared = ctx.composition.settings.get(key)
    if declared is None:
        raise BadInput(f"There is no setting {key!r}; see the query settings.", field="key")
    try:
        parsed = declared.read(value)
    except ValueError as error:
        raise BadInput(f"{key} cannot be that. {error}", field="value") from error
    _ask(ctx, key, parsed)
    found = ctx.find(TenantSetting, key=key)
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


def _ask(ctx: Context, key: str, value: str | int | bool) -> None:
    stopping = []
    for refusal in ctx.vetoes(kernel_before_setting, key=key, value=value):
        if refusal.level is Level.WARN:
            ctx.warn(refusal)
        else:
            stopping.append(refusal)
    if stopping:
        ctx.refuse(*stopping)


def _unknown(ctx: Context, module: str) -> Refusal:
    installed = ", ".join(sorted(ctx.services.compositions.catalog.names)) or "none"
    return Refusal(UNKNOWN_MODULE, f"There is no module {module!r} to use; installed are: {installed}.", field="module")
