from uuid import UUID

from huikuan import Money
from huikuan.db import Mapped, TenantModel, mapped_column, money, tenant_fk


class Deposit(TenantModel):
    order_id: Mapped[UUID] = tenant_fk("orders_order")
    amount: Mapped[Money] = money("What was received")
    applied: Mapped[bool] = mapped_column(default=False, doc="Whether the order was confirmed with it")
