"""The kernel as a module: always enabled, declared like any other."""

from __future__ import annotations

from functools import lru_cache

from huikuan.catalog import InstalledModule, ModuleCatalog, load_parts
from huikuan.db.migrate import KERNEL_SOURCE, MigrationSource
from huikuan.manifest import Module, Setting
from huikuan.version import __version__

__all__ = ["KERNEL", "OPERATE", "PERSISTED_ONLY", "kernel_module", "migration_sources"]

OPERATE = "kernel.operate"
PERSISTED_ONLY = "kernel.persisted_documents_only"
KERNEL = Module(
    name="kernel",
    title="Kernel",
    description="Tenants, users, roles, API keys, holds, audit and the event feed.",
    nouns=(
        "tenant", "user", "role", "api_key", "hold", "event", "audit", "setting", "login", "token", "password",
        "module", "operator", "permission", "usage", "me", "delivery", "job",
        "persisted_document",
    ),
    permissions={
        "kernel.users": "Manage users, roles and API keys",
        "kernel.modules": "Enable and disable modules, change settings, register documents",
        "kernel.audit": "Read the audit trail",
        "kernel.events": "Read the event feed and replay deliveries",
        "kernel.holds": "Read holds",
        OPERATE: "Run the platform: tenants, modules, users, usage",
    },
    roles={
        "admin": ("kernel.users", "kernel.modules", "kernel.audit", "kernel.events", "kernel.holds"),
        "integration": ("kernel.events", "kernel.holds"),
    },
    settings={
        "kernel.timezone": Setting(default="UTC", description="Time zone of the tenant's business day"),
        "kernel.hold_self_release": Setting(
            default=True, description="Whether the one whose command was held may release the hold"
        ),
        "kernel.hold_expiry_days": Setting(
            default=30, least=1, most=3_650, description="Days after which an open hold lapses"
        ),
        PERSISTED_ONLY: Setting(
            default=False, description="Whether GraphQL documents are executed only if they are registered"
        ),
    },
)  # fmt: skip


@lru_cache(maxsize=1)
def kernel_module() -> InstalledModule:
    """The kernel as an installed module."""
    parts, _ = load_parts("huikuan.core")
    return InstalledModule(KERNEL, __version__, "huikuan.core", parts)


def migration_sources(catalog: ModuleCatalog) -> list[MigrationSource]:
    """The migrations of the kernel and of every installed module, requirements first."""
    found = [KERNEL_SOURCE]
    for module in catalog:
        requires = ("kernel", *module.manifest.requirements())
        found.append(MigrationSource(module.name, module.directory / "migrations", requires))
    return found
