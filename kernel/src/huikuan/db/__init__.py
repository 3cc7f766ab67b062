"""Storage: models, sessions and the database that opens them."""

from sqlalchemy.orm import Mapped, mapped_column

from huikuan.db.base import Base, GlobalModel, TenantModel
from huikuan.db.columns import amount, currency_code, index, money, pii, quantity, state, tenant_fk, unique
from huikuan.db.engine import Database
from huikuan.db.locks import LockKey, lock
from huikuan.db.numbering import Counter, next_numbers
from huikuan.db.session import GuardedSession
from huikuan.db.types import Amount, Json, Quantity, UtcDateTime

__all__ = [
    "Amount",
    "Base",
    "Counter",
    "Database",
    "GlobalModel",
    "GuardedSession",
    "Json",
    "LockKey",
    "Mapped",
    "Quantity",
    "TenantModel",
    "UtcDateTime",
    "amount",
    "currency_code",
    "index",
    "lock",
    "mapped_column",
    "money",
    "next_numbers",
    "pii",
    "quantity",
    "state",
    "tenant_fk",
    "unique",
]
