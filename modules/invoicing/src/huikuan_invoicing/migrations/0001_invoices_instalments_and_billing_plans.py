"""invoices, instalments and billing plans"""

# mypy: disable-error-code="attr-defined"

import sqlalchemy as sa
from alembic import op

from huikuan.db import types

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_tenant_table(
        "invoicing_billing_policy",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_type", sa.String(length=60), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "MANUAL",
                "ORDER",
                "SHIPMENT",
                "MILESTONE",
                "SCHEDULE",
                name="method",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("prepayment_percent", types.Quantity(), nullable=False),
        sa.Column("ship_when_paid", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_invoicing_billing_policy")),
        sa.UniqueConstraint(
            "tenant_id",
            "source_type",
            "source_id",
            name=op.f("uq_invoicing_billing_policy_tenant_id_source_type_source_id"),
        ),
    )
    op.create_tenant_table(
        "invoicing_billing_plan",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("input_hash", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("source_type", sa.String(length=60), nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("payment_terms", sa.String(length=64), nullable=True),
        sa.Column("tax_code", sa.String(length=40), nullable=True),
        sa.Column("tax_percent", types.Quantity(), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("amount_amount", types.Amount(), nullable=False),
        sa.Column("amount_currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_invoicing_billing_plan_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_invoicing_billing_plan")),
        sa.UniqueConstraint("tenant_id", "reference", name=op.f("uq_invoicing_billing_plan_tenant_id_reference")),
    )
    with op.batch_alter_table("invoicing_billing_plan", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_invoicing_billing_plan_tenant_id_customer_id"), ["tenant_id", "customer_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_invoicing_billing_plan_tenant_id_source_type_source_id"),
            ["tenant_id", "source_type", "source_id"],
            unique=False,
        )

    op.create_tenant_table(
        "invoicing_invoice",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "INVOICE", "CREDIT_NOTE", "DEPOSIT", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum("DRAFT", "POSTED", name="status", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("series", sa.String(length=60), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.String(length=80), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("input_hash", sa.String(length=64), nullable=True),
        sa.Column("billing_key", sa.String(length=200), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("bill_to_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("bill_to_name", sa.String(), nullable=True),
        sa.Column("bill_to_tax_id", sa.String(), nullable=True),
        sa.Column("bill_to_address", sa.String(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("rate", types.Quantity(), nullable=True),
        sa.Column("rate_units", sa.Integer(), nullable=False),
        sa.Column("rate_on", sa.Date(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("due_from", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("payment_terms", sa.String(length=64), nullable=True),
        sa.Column("terms", types.Json(), nullable=True),
        sa.Column(
            "tax_rounding",
            sa.Enum("LINE", "DOCUMENT", name="tax_rounding", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "discount_tax",
            sa.Enum(
                "INCLUDED",
                "EXCLUDED",
                "MIXED",
                name="discount_tax",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("origin_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column(
            "aftermath",
            sa.Enum("REBILL", "IGNORE", name="aftermath", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("source_type", sa.String(length=60), nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("past", sa.Boolean(), nullable=False),
        sa.Column("posted_at", types.UtcDateTime(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("net_amount", types.Amount(), nullable=False),
        sa.Column("net_currency", sa.String(length=3), nullable=False),
        sa.Column("tax_amount", types.Amount(), nullable=False),
        sa.Column("tax_currency", sa.String(length=3), nullable=False),
        sa.Column("total_amount", types.Amount(), nullable=False),
        sa.Column("total_currency", sa.String(length=3), nullable=False),
        sa.Column("base_total_amount", types.Amount(), nullable=True),
        sa.Column("base_total_currency", sa.String(length=3), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(base_total_amount IS NULL) = (base_total_currency IS NULL)",
            name=op.f("ck_invoicing_invoice_base_total_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "bill_to_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_invoicing_invoice_tenant_id_bill_to_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_invoicing_invoice_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "origin_id"],
            ["invoicing_invoice.tenant_id", "invoicing_invoice.id"],
            name=op.f("fk_invoicing_invoice_tenant_id_origin_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_invoicing_invoice_tenant_id_payer_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_invoicing_invoice")),
        sa.UniqueConstraint("tenant_id", "billing_key", name=op.f("uq_invoicing_invoice_tenant_id_billing_key")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_invoicing_invoice_tenant_id_number")),
        sa.UniqueConstraint("tenant_id", "reference", name=op.f("uq_invoicing_invoice_tenant_id_reference")),
        sa.UniqueConstraint(
            "tenant_id", "series", "sequence", name=op.f("uq_invoicing_invoice_tenant_id_series_sequence")
        ),
        draft_when="status = 'DRAFT'",
    )
    with op.batch_alter_table("invoicing_invoice", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_invoicing_invoice_tenant_id_bill_to_id"), ["tenant_id", "bill_to_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_invoicing_invoice_tenant_id_customer_id"), ["tenant_id", "customer_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_invoicing_invoice_tenant_id_due_on_id"), ["tenant_id", "due_on", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_invoicing_invoice_tenant_id_issued_on_id"), ["tenant_id", "issued_on", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_invoicing_invoice_tenant_id_origin_id"), ["tenant_id", "origin_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_invoicing_invoice_tenant_id_payer_id"), ["tenant_id", "payer_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_invoicing_invoice_tenant_id_series_issued_on"),
            ["tenant_id", "series", "issued_on"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_invoicing_invoice_tenant_id_source_type_source_id"),
            ["tenant_id", "source_type", "source_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_invoicing_invoice_tenant_id_status_id"), ["tenant_id", "status", "id"], unique=False
        )

    op.create_tenant_table(
        "invoicing_billing_milestone",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("scheduled", sa.Boolean(), nullable=False),
        sa.Column("reached_on", sa.Date(), nullable=True),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column("amount_amount", types.Amount(), nullable=False),
        sa.Column("amount_currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "invoice_id"],
            ["invoicing_invoice.tenant_id", "invoicing_invoice.id"],
            name=op.f("fk_invoicing_billing_milestone_tenant_id_invoice_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "plan_id"],
            ["invoicing_billing_plan.tenant_id", "invoicing_billing_plan.id"],
            name=op.f("fk_invoicing_billing_milestone_tenant_id_plan_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_invoicing_billing_milestone")),
        sa.UniqueConstraint(
            "tenant_id", "plan_id", "sequence", name=op.f("uq_invoicing_billing_milestone_tenant_id_plan_id_sequence")
        ),
    )
    with op.batch_alter_table("invoicing_billing_milestone", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_invoicing_billing_milestone_tenant_id_invoice_id"), ["tenant_id", "invoice_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_invoicing_billing_milestone_tenant_id_scheduled_planned_on"),
            ["tenant_id", "scheduled", "planned_on"],
            unique=False,
        )

    op.create_tenant_table(
        "invoicing_invoice_instalment",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", types.Amount(), nullable=False),
        sa.Column("discount_percent", types.Quantity(), nullable=True),
        sa.Column("discount_until", sa.Date(), nullable=True),
        sa.Column("discount_amount", types.Amount(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "invoice_id"],
            ["invoicing_invoice.tenant_id", "invoicing_invoice.id"],
            name=op.f("fk_invoicing_invoice_instalment_tenant_id_invoice_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_invoicing_invoice_instalment")),
        sa.UniqueConstraint(
            "tenant_id",
            "invoice_id",
            "sequence",
            name=op.f("uq_invoicing_invoice_instalment_tenant_id_invoice_id_sequence"),
        ),
        draft_when="false",
    )
    with op.batch_alter_table("invoicing_invoice_instalment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_invoicing_invoice_instalment_tenant_id_due_on_id"),
            ["tenant_id", "due_on", "id"],
            unique=False,
        )

    op.create_tenant_table(
        "invoicing_invoice_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("source_type", sa.String(length=60), nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("origin_line_id", sa.Uuid(), nullable=True),
        sa.Column("sku", sa.String(length=100), nullable=True),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("quantity", types.Quantity(), nullable=False),
        sa.Column("unit_price", types.Quantity(), nullable=False),
        sa.Column("discount_percent", types.Quantity(), nullable=False),
        sa.Column("tax_code", sa.String(length=40), nullable=True),
        sa.Column("tax_percent", types.Quantity(), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("net", types.Amount(), nullable=False),
        sa.Column("tax", types.Amount(), nullable=False),
        sa.Column("gross", types.Amount(), nullable=False),
        sa.Column("posted", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "invoice_id"],
            ["invoicing_invoice.tenant_id", "invoicing_invoice.id"],
            name=op.f("fk_invoicing_invoice_line_tenant_id_invoice_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "origin_line_id"],
            ["invoicing_invoice_line.tenant_id", "invoicing_invoice_line.id"],
            name=op.f("fk_invoicing_invoice_line_tenant_id_origin_line_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_invoicing_invoice_line")),
        sa.UniqueConstraint(
            "tenant_id", "invoice_id", "position", name=op.f("uq_invoicing_invoice_line_tenant_id_invoice_id_position")
        ),
        draft_when="NOT posted",
    )
    with op.batch_alter_table("invoicing_invoice_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_invoicing_invoice_line_tenant_id_document_id"), ["tenant_id", "document_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_invoicing_invoice_line_tenant_id_origin_line_id"),
            ["tenant_id", "origin_line_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_invoicing_invoice_line_tenant_id_source_type_source_id"),
            ["tenant_id", "source_type", "source_id"],
            unique=False,
        )

    op.create_tenant_table(
        "invoicing_invoice_tax",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("percent", types.Quantity(), nullable=False),
        sa.Column("included", sa.Boolean(), nullable=False),
        sa.Column("base", types.Amount(), nullable=False),
        sa.Column("tax", types.Amount(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "invoice_id"],
            ["invoicing_invoice.tenant_id", "invoicing_invoice.id"],
            name=op.f("fk_invoicing_invoice_tax_tenant_id_invoice_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_invoicing_invoice_tax")),
        sa.UniqueConstraint(
            "tenant_id", "invoice_id", "position", name=op.f("uq_invoicing_invoice_tax_tenant_id_invoice_id_position")
        ),
        draft_when="false",
    )
