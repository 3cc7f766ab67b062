"""Storage: models, sessions and the database that opens them."""

from sqlalchemy.orm import Mapped, mapped_column

from huikuan.db.base import Base, GlobalModel, TenantModel
from huikuan.db.columns import amount, currency_code, index, money, pii, quantity, state, tenant_fk, unique
from huikuan.db.engine import Database
from huikuan.db.session import GuardedSession
from huikuan.db.types import Amount, Json, Quantity, UtcDateTime

__all__ = [
    "Amount",
    "Base",
    "Database",
    "GlobalModel",
    "GuardedSession",
    "Json",
    "Mapped",
    "Quantity",
    "TenantModel",
    "UtcDateTime",
    "amount",
    "currency_code",
    "index",
    "mapped_column",
    "money",
    "pii",
    "quantity",
    "state",
    "tenant_fk",
    "unique",
]
