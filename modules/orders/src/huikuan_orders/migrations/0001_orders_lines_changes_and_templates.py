"""orders, lines, changes and templates"""

# mypy: disable-error-code="attr-defined"

import sqlalchemy as sa
from alembic import op

from huikuan.db import types

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_tenant_table(
        "orders_order_template",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "interval",
            sa.Enum("DAY", "WEEK", "MONTH", name="interval", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("confirm", sa.Boolean(), nullable=False),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("stopped_at", types.UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_orders_order_template_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_orders_order_template")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_orders_order_template_tenant_id_name")),
    )
    with op.batch_alter_table("orders_order_template", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_orders_order_template_tenant_id_customer_id"), ["tenant_id", "customer_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_orders_order_template_tenant_id_next_on"), ["tenant_id", "next_on"], unique=False
        )

    op.create_tenant_table(
        "orders_order",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("SALE", "RETURN", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "DRAFT",
                "QUOTED",
                "CONFIRMED",
                "DONE",
                "CANCELLED",
                "EXPIRED",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("bill_to_id", sa.Uuid(), nullable=False),
        sa.Column("ship_to_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("origin_id", sa.Uuid(), nullable=True),
        sa.Column("template_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "tax_rounding",
            sa.Enum("LINE", "DOCUMENT", name="tax_rounding", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("payment_terms", sa.String(length=64), nullable=True),
        sa.Column("terms", types.Json(), nullable=True),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", types.UtcDateTime(), nullable=True),
        sa.Column("held_at", types.UtcDateTime(), nullable=True),
        sa.Column("hold_reason", sa.String(), nullable=True),
        sa.Column("closed_at", types.UtcDateTime(), nullable=True),
        sa.Column("close_reason", sa.String(), nullable=True),
        sa.Column("net_amount", types.Amount(), nullable=False),
        sa.Column("net_currency", sa.String(length=3), nullable=False),
        sa.Column("tax_amount", types.Amount(), nullable=False),
        sa.Column("tax_currency", sa.String(length=3), nullable=False),
        sa.Column("total_amount", types.Amount(), nullable=False),
        sa.Column("total_currency", sa.String(length=3), nullable=False),
        sa.Column("original_total_amount", types.Amount(), nullable=True),
        sa.Column("original_total_currency", sa.String(length=3), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(original_total_amount IS NULL) = (original_total_currency IS NULL)",
            name=op.f("ck_orders_order_original_total_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "bill_to_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_orders_order_tenant_id_bill_to_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_orders_order_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "origin_id"],
            ["orders_order.tenant_id", "orders_order.id"],
            name=op.f("fk_orders_order_tenant_id_origin_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_orders_order_tenant_id_payer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ship_to_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_orders_order_tenant_id_ship_to_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "template_id"],
            ["orders_order_template.tenant_id", "orders_order_template.id"],
            name=op.f("fk_orders_order_tenant_id_template_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_orders_order")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_orders_order_tenant_id_number")),
        sa.UniqueConstraint("tenant_id", "reference", name=op.f("uq_orders_order_tenant_id_reference")),
    )
    with op.batch_alter_table("orders_order", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_orders_order_tenant_id_bill_to_id"), ["tenant_id", "bill_to_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_orders_order_tenant_id_customer_id"), ["tenant_id", "customer_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_orders_order_tenant_id_ordered_on_id"), ["tenant_id", "ordered_on", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_orders_order_tenant_id_origin_id"), ["tenant_id", "origin_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_orders_order_tenant_id_payer_id"), ["tenant_id", "payer_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_orders_order_tenant_id_ship_to_id"), ["tenant_id", "ship_to_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_orders_order_tenant_id_status_id"), ["tenant_id", "status", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_orders_order_tenant_id_status_valid_until"),
            ["tenant_id", "status", "valid_until"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_orders_order_tenant_id_template_id"), ["tenant_id", "template_id"], unique=False
        )

    op.create_tenant_table(
        "orders_order_template_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(length=100), nullable=True),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("quantity", types.Quantity(), nullable=False),
        sa.Column("unit_price", types.Quantity(), nullable=True),
        sa.Column("discount_percent", types.Quantity(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "template_id"],
            ["orders_order_template.tenant_id", "orders_order_template.id"],
            name=op.f("fk_orders_order_template_line_tenant_id_template_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_orders_order_template_line")),
        sa.UniqueConstraint(
            "tenant_id",
            "template_id",
            "position",
            name=op.f("uq_orders_order_template_line_tenant_id_template_id_position"),
        ),
    )
    op.create_tenant_table(
        "orders_order_change",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("net_amount", types.Amount(), nullable=False),
        sa.Column("net_currency", sa.String(length=3), nullable=False),
        sa.Column("tax_amount", types.Amount(), nullable=False),
        sa.Column("tax_currency", sa.String(length=3), nullable=False),
        sa.Column("total_amount", types.Amount(), nullable=False),
        sa.Column("total_currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders_order.tenant_id", "orders_order.id"],
            name=op.f("fk_orders_order_change_tenant_id_order_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_orders_order_change")),
        sa.UniqueConstraint(
            "tenant_id", "order_id", "sequence", name=op.f("uq_orders_order_change_tenant_id_order_id_sequence")
        ),
    )
    op.create_tenant_table(
        "orders_order_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("sku", sa.String(length=100), nullable=True),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("quantity", types.Quantity(), nullable=False),
        sa.Column("unit_price", types.Quantity(), nullable=False),
        sa.Column("list_price", types.Quantity(), nullable=True),
        sa.Column("discount_percent", types.Quantity(), nullable=False),
        sa.Column("tax_code", sa.String(length=40), nullable=True),
        sa.Column("tax_percent", types.Quantity(), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("net", types.Amount(), nullable=False),
        sa.Column("tax", types.Amount(), nullable=False),
        sa.Column("gross", types.Amount(), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("original_quantity", types.Quantity(), nullable=True),
        sa.Column("original_gross", types.Amount(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders_order.tenant_id", "orders_order.id"],
            name=op.f("fk_orders_order_line_tenant_id_order_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["products_product.tenant_id", "products_product.id"],
            name=op.f("fk_orders_order_line_tenant_id_product_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_orders_order_line")),
        sa.UniqueConstraint(
            "tenant_id", "order_id", "position", name=op.f("uq_orders_order_line_tenant_id_order_id_position")
        ),
    )
    with op.batch_alter_table("orders_order_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_orders_order_line_tenant_id_product_id"), ["tenant_id", "product_id"], unique=False
        )

    op.create_tenant_table(
        "orders_order_transition",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "action",
            sa.Enum(
                "CHANGE",
                "QUOTE",
                "REVISE",
                "CONFIRM",
                "AMEND",
                "COMPLETE",
                "CANCEL",
                "EXPIRE",
                "HOLD",
                "UNHOLD",
                "CLOSE",
                "REOPEN",
                "RECORD",
                name="action",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum(
                "DRAFT",
                "QUOTED",
                "CONFIRMED",
                "DONE",
                "CANCELLED",
                "EXPIRED",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "target",
            sa.Enum(
                "DRAFT",
                "QUOTED",
                "CONFIRMED",
                "DONE",
                "CANCELLED",
                "EXPIRED",
                name="target",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders_order.tenant_id", "orders_order.id"],
            name=op.f("fk_orders_order_transition_tenant_id_order_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_orders_order_transition")),
        sa.UniqueConstraint(
            "tenant_id", "order_id", "version", name=op.f("uq_orders_order_transition_tenant_id_order_id_version")
        ),
    )
    op.create_tenant_table(
        "orders_order_change_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("ADDED", "CHANGED", "REMOVED", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("quantity_before", types.Quantity(), nullable=False),
        sa.Column("quantity_after", types.Quantity(), nullable=False),
        sa.Column("unit_price_before", types.Quantity(), nullable=False),
        sa.Column("unit_price_after", types.Quantity(), nullable=False),
        sa.Column("gross_before", types.Amount(), nullable=False),
        sa.Column("gross_after", types.Amount(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "change_id"],
            ["orders_order_change.tenant_id", "orders_order_change.id"],
            name=op.f("fk_orders_order_change_line_tenant_id_change_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "line_id"],
            ["orders_order_line.tenant_id", "orders_order_line.id"],
            name=op.f("fk_orders_order_change_line_tenant_id_line_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_orders_order_change_line")),
    )
    with op.batch_alter_table("orders_order_change_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_orders_order_change_line_tenant_id_change_id"), ["tenant_id", "change_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_orders_order_change_line_tenant_id_line_id"), ["tenant_id", "line_id"], unique=False
        )
