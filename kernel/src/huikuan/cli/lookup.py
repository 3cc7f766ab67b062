"""Tenants and their modules, read without composing the modules: one that is broken must not hide the rest."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from huikuan.core.directory import Tenant
from huikuan.core.models import ModuleState, TenantModule
from huikuan.errors import NotFound
from huikuan.kernel import Kernel

__all__ = ["all_tenants", "enabled", "module_states", "names", "tenant_named"]


def all_tenants(kernel: Kernel) -> list[Tenant]:
    """Every tenant, by short name."""
    with kernel.reading(kernel.control_scope()) as ctx:
        return list(ctx.scalars(select(Tenant).order_by(Tenant.slug)))


def tenant_named(kernel: Kernel, slug: str) -> Tenant:
    """The tenant of this short name, or an error that says where to look."""
    with kernel.reading(kernel.control_scope()) as ctx:
        found = ctx.scalar(select(Tenant).where(Tenant.slug == slug))
    if found is None:
        raise NotFound(f"There is no tenant {slug!r}; see: huikuan tenant list.", field="tenant")
    return found


def module_states(kernel: Kernel, tenant: Tenant) -> Mapping[str, ModuleState]:
    """The modules that a tenant has or had enabled."""
    with kernel.database.read(tenant.id, kernel.clock) as session:
        rows = session.execute(select(TenantModule.module, TenantModule.state))
        return {row.module: row.state for row in rows}


def enabled(states: Mapping[str, ModuleState]) -> set[str]:
    """Those that are not disabled."""
    return {name for name, state in states.items() if state is not ModuleState.DISABLED}


def names(text: str) -> list[str]:
    """``orders, invoicing`` -> both names."""
    return [name.strip() for name in text.split(",") if name.strip()]
