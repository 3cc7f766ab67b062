"""Customers and payment terms"""

# mypy: disable-error-code="attr-defined"

import sqlalchemy as sa
from alembic import op

from huikuan.db import types

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_tenant_table(
        "customers_payment_terms",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("archived_at", types.UtcDateTime(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_customers_payment_terms")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_customers_payment_terms_tenant_id_code")),
    )
    op.create_tenant_table(
        "customers_customer_group",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("payment_terms_id", sa.Uuid(), nullable=True),
        sa.Column("discount_percent", types.Quantity(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payment_terms_id"],
            ["customers_payment_terms.tenant_id", "customers_payment_terms.id"],
            name=op.f("fk_customers_customer_group_tenant_id_payment_terms_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_customers_customer_group")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_customers_customer_group_tenant_id_code")),
    )
    with op.batch_alter_table("customers_customer_group", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_customers_customer_group_tenant_id_payment_terms_id"),
            ["tenant_id", "payment_terms_id"],
            unique=False,
        )

    op.create_tenant_table(
        "customers_payment_terms_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("terms_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "FIXED",
                "PERCENT",
                "PERCENT_OF_REST",
                "EQUAL_PARTS",
                "BALANCE",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("percent", types.Quantity(), nullable=True),
        sa.Column("parts", sa.Integer(), nullable=True),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("every_months", sa.Integer(), nullable=False),
        sa.Column("every_days", sa.Integer(), nullable=False),
        sa.Column("end_of_month", sa.Boolean(), nullable=False),
        sa.Column("days_after", sa.Integer(), nullable=False),
        sa.Column("day_of_month", sa.Integer(), nullable=True),
        sa.Column(
            "weekday",
            sa.Enum(
                "MONDAY",
                "TUESDAY",
                "WEDNESDAY",
                "THURSDAY",
                "FRIDAY",
                "SATURDAY",
                "SUNDAY",
                name="weekday",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("discount_percent", types.Quantity(), nullable=True),
        sa.Column("discount_days", sa.Integer(), nullable=True),
        sa.Column("amount_amount", types.Amount(), nullable=True),
        sa.Column("amount_currency", sa.String(length=3), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(amount_amount IS NULL) = (amount_currency IS NULL)",
            name=op.f("ck_customers_payment_terms_line_amount_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "terms_id"],
            ["customers_payment_terms.tenant_id", "customers_payment_terms.id"],
            name=op.f("fk_customers_payment_terms_line_tenant_id_terms_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_customers_payment_terms_line")),
        sa.UniqueConstraint(
            "tenant_id",
            "terms_id",
            "position",
            name=op.f("uq_customers_payment_terms_line_tenant_id_terms_id_position"),
        ),
    )
    op.create_tenant_table(
        "customers_customer",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("tax_id", sa.String(length=64), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("bill_to_id", sa.Uuid(), nullable=True),
        sa.Column("payer_id", sa.Uuid(), nullable=True),
        sa.Column("ship_to_id", sa.Uuid(), nullable=True),
        sa.Column("payment_terms_id", sa.Uuid(), nullable=True),
        sa.Column("discount_percent", types.Quantity(), nullable=True),
        sa.Column("held_at", types.UtcDateTime(), nullable=True),
        sa.Column("hold_reason", sa.String(), nullable=True),
        sa.Column("archived_at", types.UtcDateTime(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("(held_at IS NULL) = (hold_reason IS NULL)", name=op.f("ck_customers_customer_hold_whole")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "bill_to_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_customers_customer_tenant_id_bill_to_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "group_id"],
            ["customers_customer_group.tenant_id", "customers_customer_group.id"],
            name=op.f("fk_customers_customer_tenant_id_group_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "owner_id"],
            ["kernel_user.tenant_id", "kernel_user.id"],
            name=op.f("fk_customers_customer_tenant_id_owner_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parent_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_customers_customer_tenant_id_parent_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_customers_customer_tenant_id_payer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payment_terms_id"],
            ["customers_payment_terms.tenant_id", "customers_payment_terms.id"],
            name=op.f("fk_customers_customer_tenant_id_payment_terms_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ship_to_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_customers_customer_tenant_id_ship_to_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_customers_customer")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_customers_customer_tenant_id_code")),
    )
    with op.batch_alter_table("customers_customer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_customers_customer_tenant_id_bill_to_id"), ["tenant_id", "bill_to_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_customers_customer_tenant_id_group_id"), ["tenant_id", "group_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_customers_customer_tenant_id_name"), ["tenant_id", "name"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_customers_customer_tenant_id_owner_id"), ["tenant_id", "owner_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_customers_customer_tenant_id_parent_id"), ["tenant_id", "parent_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_customers_customer_tenant_id_payer_id"), ["tenant_id", "payer_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_customers_customer_tenant_id_payment_terms_id"),
            ["tenant_id", "payment_terms_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_customers_customer_tenant_id_ship_to_id"), ["tenant_id", "ship_to_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_customers_customer_tenant_id_tax_id"),
            ["tenant_id", "tax_id"],
            unique=True,
            sqlite_where=sa.text("parent_id IS NULL AND tax_id IS NOT NULL"),
            postgresql_where=sa.text("parent_id IS NULL AND tax_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_customers_customer_tenant_id_tax_id_parent_id"),
            ["tenant_id", "tax_id", "parent_id"],
            unique=False,
        )

    op.create_tenant_table(
        "customers_address",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "LEGAL",
                "BILLING",
                "SHIPPING",
                "OTHER",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("preferred", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("line1", sa.String(length=200), nullable=False),
        sa.Column("line2", sa.String(length=200), nullable=True),
        sa.Column("postal_code", sa.String(length=20), nullable=True),
        sa.Column("city", sa.String(length=200), nullable=False),
        sa.Column("region", sa.String(length=200), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_customers_address_tenant_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_customers_address")),
    )
    with op.batch_alter_table("customers_address", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_customers_address_tenant_id_customer_id"), ["tenant_id", "customer_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_customers_address_tenant_id_customer_id_kind"),
            ["tenant_id", "customer_id", "kind"],
            unique=True,
            sqlite_where=sa.text("preferred"),
            postgresql_where=sa.text("preferred"),
        )

    op.create_tenant_table(
        "customers_bank_account",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=50), nullable=False),
        sa.Column("bank_code", sa.String(length=20), nullable=True),
        sa.Column("bank_name", sa.String(length=200), nullable=True),
        sa.Column("holder", sa.String(length=200), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_customers_bank_account_tenant_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_customers_bank_account")),
        sa.UniqueConstraint(
            "tenant_id", "customer_id", "number", name=op.f("uq_customers_bank_account_tenant_id_customer_id_number")
        ),
    )
    with op.batch_alter_table("customers_bank_account", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_customers_bank_account_tenant_id_number"), ["tenant_id", "number"], unique=False
        )

    op.create_tenant_table(
        "customers_contact",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=50), nullable=True),
        sa.Column("role", sa.String(length=200), nullable=True),
        sa.Column(
            "purpose",
            sa.Enum(
                "GENERAL",
                "BILLING",
                "PURCHASING",
                "DELIVERY",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_customers_contact_tenant_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_customers_contact")),
    )
    with op.batch_alter_table("customers_contact", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_customers_contact_tenant_id_customer_id"), ["tenant_id", "customer_id"], unique=False
        )

    op.create_tenant_table(
        "customers_customer_tag",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.String(length=64), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_customers_customer_tag_tenant_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_customers_customer_tag")),
        sa.UniqueConstraint(
            "tenant_id", "customer_id", "tag", name=op.f("uq_customers_customer_tag_tenant_id_customer_id_tag")
        ),
    )
    with op.batch_alter_table("customers_customer_tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customers_customer_tag_tenant_id_tag"), ["tenant_id", "tag"], unique=False)
