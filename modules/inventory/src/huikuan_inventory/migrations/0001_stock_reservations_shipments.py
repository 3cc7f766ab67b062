"""stock, reservations, shipments"""

# mypy: disable-error-code="attr-defined"

import sqlalchemy as sa
from alembic import op

from huikuan.db import types

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_tenant_table(
        "inventory_warehouse",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("main", sa.Boolean(), nullable=False),
        sa.Column(
            "method",
            sa.Enum("CONFIRM", "MANUAL", name="method", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("backorders", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_inventory_warehouse")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_inventory_warehouse_tenant_id_code")),
    )
    with op.batch_alter_table("inventory_warehouse", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inventory_warehouse_tenant_id_main"),
            ["tenant_id", "main"],
            unique=True,
            sqlite_where=sa.text("main"),
            postgresql_where=sa.text("main"),
        )

    op.create_tenant_table(
        "inventory_shipment",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("warehouse_id", sa.Uuid(), nullable=False),
        sa.Column("subject_type", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "PLANNED", "SHIPPED", "CANCELLED", name="state", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("tracking", sa.String(length=200), nullable=True),
        sa.Column("shipped_at", types.UtcDateTime(), nullable=True),
        sa.Column("cancelled_at", types.UtcDateTime(), nullable=True),
        sa.Column("cancel_reason", sa.String(length=500), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "warehouse_id"],
            ["inventory_warehouse.tenant_id", "inventory_warehouse.id"],
            name=op.f("fk_inventory_shipment_tenant_id_warehouse_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_inventory_shipment")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_inventory_shipment_tenant_id_number")),
    )
    with op.batch_alter_table("inventory_shipment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inventory_shipment_tenant_id_state_id"), ["tenant_id", "state", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_inventory_shipment_tenant_id_subject_type_subject_id"),
            ["tenant_id", "subject_type", "subject_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_inventory_shipment_tenant_id_warehouse_id"), ["tenant_id", "warehouse_id"], unique=False
        )

    op.create_tenant_table(
        "inventory_stock_item",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("warehouse_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("on_hand", types.Quantity(), nullable=False),
        sa.Column("reserved", types.Quantity(), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("threshold", types.Quantity(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("on_hand >= 0", name=op.f("ck_inventory_stock_item_on_hand")),
        sa.CheckConstraint("reserved >= 0 AND reserved <= on_hand", name=op.f("ck_inventory_stock_item_reserved")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["products_product.tenant_id", "products_product.id"],
            name=op.f("fk_inventory_stock_item_tenant_id_product_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "warehouse_id"],
            ["inventory_warehouse.tenant_id", "inventory_warehouse.id"],
            name=op.f("fk_inventory_stock_item_tenant_id_warehouse_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_inventory_stock_item")),
        sa.UniqueConstraint(
            "tenant_id",
            "warehouse_id",
            "product_id",
            name=op.f("uq_inventory_stock_item_tenant_id_warehouse_id_product_id"),
        ),
    )
    with op.batch_alter_table("inventory_stock_item", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inventory_stock_item_tenant_id_product_id"), ["tenant_id", "product_id"], unique=False
        )

    op.create_tenant_table(
        "inventory_reservation",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_type", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("warehouse_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("ordered", types.Quantity(), nullable=False),
        sa.Column("reserved", types.Quantity(), nullable=False),
        sa.Column("shipped", types.Quantity(), nullable=False),
        sa.Column("returned", types.Quantity(), nullable=False),
        sa.Column("cancelled", types.Quantity(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "DRAFT",
                "PARTIALLY_RESERVED",
                "RESERVED",
                "PARTIALLY_SHIPPED",
                "SHIPPED",
                "CANCELLED",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "remainder",
            sa.Enum("BACKORDER", "CANCEL", name="remainder", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("since", types.UtcDateTime(), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(), nullable=True),
        sa.Column("value_amount", types.Amount(), nullable=True),
        sa.Column("value_currency", sa.String(length=3), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(value_amount IS NULL) = (value_currency IS NULL)", name=op.f("ck_inventory_reservation_value_whole")
        ),
        sa.CheckConstraint(
            "reserved >= 0 AND shipped >= 0 AND cancelled >= 0 AND reserved + shipped + cancelled <= ordered",
            name=op.f("ck_inventory_reservation_quantities"),
        ),
        sa.CheckConstraint("returned >= 0 AND returned <= shipped", name=op.f("ck_inventory_reservation_returned")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["inventory_stock_item.tenant_id", "inventory_stock_item.id"],
            name=op.f("fk_inventory_reservation_tenant_id_item_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["products_product.tenant_id", "products_product.id"],
            name=op.f("fk_inventory_reservation_tenant_id_product_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "warehouse_id"],
            ["inventory_warehouse.tenant_id", "inventory_warehouse.id"],
            name=op.f("fk_inventory_reservation_tenant_id_warehouse_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_inventory_reservation")),
        sa.UniqueConstraint("tenant_id", "reference", name=op.f("uq_inventory_reservation_tenant_id_reference")),
        sa.UniqueConstraint(
            "tenant_id", "subject_type", "line_id", name=op.f("uq_inventory_reservation_tenant_id_subject_type_line_id")
        ),
    )
    with op.batch_alter_table("inventory_reservation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inventory_reservation_tenant_id_expires_at"), ["tenant_id", "expires_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_inventory_reservation_tenant_id_item_id_state"),
            ["tenant_id", "item_id", "state"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_inventory_reservation_tenant_id_product_id"), ["tenant_id", "product_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_inventory_reservation_tenant_id_subject_type_subject_id"),
            ["tenant_id", "subject_type", "subject_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_inventory_reservation_tenant_id_warehouse_id"), ["tenant_id", "warehouse_id"], unique=False
        )

    op.create_tenant_table(
        "inventory_stock_move",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "RECEIPT",
                "SHIPMENT",
                "ADJUSTMENT",
                "COUNT",
                "TRANSFER_OUT",
                "TRANSFER_IN",
                "RETURN",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("quantity", types.Quantity(), nullable=False),
        sa.Column("balance", types.Quantity(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["inventory_stock_item.tenant_id", "inventory_stock_item.id"],
            name=op.f("fk_inventory_stock_move_tenant_id_item_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_inventory_stock_move")),
        sa.UniqueConstraint(
            "tenant_id", "item_id", "sequence", name=op.f("uq_inventory_stock_move_tenant_id_item_id_sequence")
        ),
        append_only=True,
    )
    with op.batch_alter_table("inventory_stock_move", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inventory_stock_move_tenant_id_at"), ["tenant_id", "at"], unique=False)

    op.create_tenant_table(
        "inventory_supply",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("warehouse_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("quantity", types.Quantity(), nullable=False),
        sa.Column("received", types.Quantity(), nullable=False),
        sa.Column("eta", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "EXPECTED", "RECEIVED", "CANCELLED", name="state", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "quantity > 0 AND received >= 0 AND received <= quantity", name=op.f("ck_inventory_supply_received")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["inventory_stock_item.tenant_id", "inventory_stock_item.id"],
            name=op.f("fk_inventory_supply_tenant_id_item_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["products_product.tenant_id", "products_product.id"],
            name=op.f("fk_inventory_supply_tenant_id_product_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "warehouse_id"],
            ["inventory_warehouse.tenant_id", "inventory_warehouse.id"],
            name=op.f("fk_inventory_supply_tenant_id_warehouse_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_inventory_supply")),
        sa.UniqueConstraint("tenant_id", "reference", name=op.f("uq_inventory_supply_tenant_id_reference")),
    )
    with op.batch_alter_table("inventory_supply", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inventory_supply_tenant_id_item_id_state"), ["tenant_id", "item_id", "state"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_inventory_supply_tenant_id_product_id"), ["tenant_id", "product_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_inventory_supply_tenant_id_warehouse_id"), ["tenant_id", "warehouse_id"], unique=False
        )

    op.create_tenant_table(
        "inventory_demand",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("PRODUCTION", "LOGISTICS", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "PENDING",
                "PULLED",
                "ACKNOWLEDGED",
                "REJECTED",
                "WITHDRAWN",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reservation_id", sa.Uuid(), nullable=True),
        sa.Column("shipment_id", sa.Uuid(), nullable=True),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("supply_id", sa.Uuid(), nullable=True),
        sa.Column("quantity", types.Quantity(), nullable=False),
        sa.Column("needed_on", sa.Date(), nullable=True),
        sa.Column("pulled_at", types.UtcDateTime(), nullable=True),
        sa.Column("pulled_by", sa.String(length=200), nullable=True),
        sa.Column("answered_at", types.UtcDateTime(), nullable=True),
        sa.Column("eta", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_inventory_demand_quantity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["products_product.tenant_id", "products_product.id"],
            name=op.f("fk_inventory_demand_tenant_id_product_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reservation_id"],
            ["inventory_reservation.tenant_id", "inventory_reservation.id"],
            name=op.f("fk_inventory_demand_tenant_id_reservation_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "shipment_id"],
            ["inventory_shipment.tenant_id", "inventory_shipment.id"],
            name=op.f("fk_inventory_demand_tenant_id_shipment_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "supply_id"],
            ["inventory_supply.tenant_id", "inventory_supply.id"],
            name=op.f("fk_inventory_demand_tenant_id_supply_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_inventory_demand")),
    )
    with op.batch_alter_table("inventory_demand", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inventory_demand_tenant_id_kind_state_id"),
            ["tenant_id", "kind", "state", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_inventory_demand_tenant_id_product_id"), ["tenant_id", "product_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_inventory_demand_tenant_id_reservation_id"), ["tenant_id", "reservation_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_inventory_demand_tenant_id_shipment_id"), ["tenant_id", "shipment_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_inventory_demand_tenant_id_supply_id"), ["tenant_id", "supply_id"], unique=False
        )

    op.create_tenant_table(
        "inventory_shipment_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reservation_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", types.Quantity(), nullable=False),
        sa.Column("returned", types.Quantity(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_inventory_shipment_line_quantity")),
        sa.CheckConstraint("returned >= 0 AND returned <= quantity", name=op.f("ck_inventory_shipment_line_returned")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["products_product.tenant_id", "products_product.id"],
            name=op.f("fk_inventory_shipment_line_tenant_id_product_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reservation_id"],
            ["inventory_reservation.tenant_id", "inventory_reservation.id"],
            name=op.f("fk_inventory_shipment_line_tenant_id_reservation_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "shipment_id"],
            ["inventory_shipment.tenant_id", "inventory_shipment.id"],
            name=op.f("fk_inventory_shipment_line_tenant_id_shipment_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_inventory_shipment_line")),
        sa.UniqueConstraint(
            "tenant_id",
            "shipment_id",
            "position",
            name=op.f("uq_inventory_shipment_line_tenant_id_shipment_id_position"),
        ),
    )
    with op.batch_alter_table("inventory_shipment_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inventory_shipment_line_tenant_id_product_id"), ["tenant_id", "product_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_inventory_shipment_line_tenant_id_reservation_id"),
            ["tenant_id", "reservation_id"],
            unique=False,
        )
