"""deposits"""

# mypy: disable-error-code="attr-defined"

import sqlalchemy as sa
from alembic import op

from huikuan.db import types

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_tenant_table(
        "acme_deposit_deposit",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("applied", sa.Boolean(), nullable=False),
        sa.Column("amount_amount", types.Amount(), nullable=False),
        sa.Column("amount_currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders_order.tenant_id", "orders_order.id"],
            name=op.f("fk_acme_deposit_deposit_tenant_id_order_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_acme_deposit_deposit")),
    )
    with op.batch_alter_table("acme_deposit_deposit", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_acme_deposit_deposit_tenant_id_order_id"), ["tenant_id", "order_id"], unique=False
        )
