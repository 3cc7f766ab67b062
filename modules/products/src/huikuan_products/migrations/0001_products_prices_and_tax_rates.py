"""Products, prices and tax rates"""

# mypy: disable-error-code="attr-defined"

import sqlalchemy as sa
from alembic import op

from huikuan.db import types

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_tenant_table(
        "products_tax_rate",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("percent", types.Quantity(), nullable=False),
        sa.Column("included", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_products_tax_rate")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_products_tax_rate_tenant_id_code")),
    )
    op.create_tenant_table(
        "products_product",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("GOODS", "SERVICE", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("tax_rate_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tax_rate_id"],
            ["products_tax_rate.tenant_id", "products_tax_rate.id"],
            name=op.f("fk_products_product_tenant_id_tax_rate_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_products_product")),
        sa.UniqueConstraint("tenant_id", "sku", name=op.f("uq_products_product_tenant_id_sku")),
    )
    with op.batch_alter_table("products_product", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_products_product_tenant_id_tax_rate_id"), ["tenant_id", "tax_rate_id"], unique=False
        )

    op.create_tenant_table(
        "products_price",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("unit_price", types.Quantity(), nullable=False),
        sa.Column("min_quantity", types.Quantity(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["products_product.tenant_id", "products_product.id"],
            name=op.f("fk_products_price_tenant_id_product_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_products_price")),
        sa.UniqueConstraint(
            "tenant_id",
            "product_id",
            "currency",
            "min_quantity",
            "valid_from",
            name=op.f("uq_products_price_tenant_id_product_id_currency_min_quantity_valid_from"),
        ),
    )
    with op.batch_alter_table("products_price", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_products_price_tenant_id_product_id_currency_valid_from"),
            ["tenant_id", "product_id", "currency", "valid_from"],
            unique=False,
        )
