"""plans of orders, advance-payment terms, supply that waits"""

# mypy: disable-error-code="attr-defined"

import sqlalchemy as sa
from alembic import op

from huikuan.db import types

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_tenant_table(
        "contracts_contract_advance_term",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_contracts_contract_advance_term")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_contracts_contract_advance_term_tenant_id_code")),
    )
    op.create_tenant_table(
        "contracts_contract_advance_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("term_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("percent", types.Quantity(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("blocks_supply", sa.Boolean(), nullable=False),
        sa.Column("blocks_shipping", sa.Boolean(), nullable=False),
        sa.Column("amount_amount", types.Amount(), nullable=True),
        sa.Column("amount_currency", sa.String(length=3), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(amount_amount IS NULL) = (amount_currency IS NULL)",
            name=op.f("ck_contracts_contract_advance_line_amount_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "term_id"],
            ["contracts_contract_advance_term.tenant_id", "contracts_contract_advance_term.id"],
            name=op.f("fk_contracts_contract_advance_line_tenant_id_term_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_contracts_contract_advance_line")),
        sa.UniqueConstraint(
            "tenant_id",
            "term_id",
            "position",
            name=op.f("uq_contracts_contract_advance_line_tenant_id_term_id_position"),
        ),
    )
    with op.batch_alter_table("contracts_contract", schema=None) as batch_op:
        batch_op.add_column(sa.Column("order_id", sa.Uuid(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_contracts_contract_tenant_id_order_id"),
            ["tenant_id", "order_id"],
            unique=True,
            sqlite_where=sa.text("order_id IS NOT NULL"),
            postgresql_where=sa.text("order_id IS NOT NULL"),
        )

    with op.batch_alter_table("contracts_contract_instalment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("percent", types.Quantity(), nullable=True))
        batch_op.add_column(sa.Column("shared", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("blocks_supply", sa.Boolean(), nullable=False, server_default=sa.false()))
