"""Commands of the kernel: signing in, users and rights, holds, tenants and their modules."""

from huikuan.core.commands.access import login, logout, password_change, token_exchange, token_refresh
from huikuan.core.commands.documents import persisted_document_add, persisted_document_remove
from huikuan.core.commands.feed import delivery_replay
from huikuan.core.commands.holds import hold_recheck, hold_reject, hold_release
from huikuan.core.commands.modules import module_disable, module_enable, setting_set
from huikuan.core.commands.passwords import password_reset
from huikuan.core.commands.platform import (
    operator_create,
    tenant_create,
    tenant_module_disable,
    tenant_module_enable,
    tenant_resume,
    tenant_suspend,
    tenant_user_create,
)
from huikuan.core.commands.rights import (
    api_key_create,
    api_key_revoke,
    role_create,
    role_delete,
    role_update,
    user_create,
    user_update,
)

__all__ = [
    "api_key_create",
    "api_key_revoke",
    "delivery_replay",
    "hold_recheck",
    "hold_reject",
    "hold_release",
    "login",
    "logout",
    "module_disable",
    "module_enable",
    "operator_create",
    "password_change",
    "password_reset",
    "persisted_document_add",
    "persisted_document_remove",
    "role_create",
    "role_delete",
    "role_update",
    "setting_set",
    "tenant_create",
    "tenant_module_disable",
    "tenant_module_enable",
    "tenant_resume",
    "tenant_suspend",
    "tenant_user_create",
    "token_exchange",
    "token_refresh",
    "user_create",
    "user_update",
]
