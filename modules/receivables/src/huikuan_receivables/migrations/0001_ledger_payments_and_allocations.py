"""ledger, payments and allocations"""

# mypy: disable-error-code="attr-defined"

import sqlalchemy as sa
from alembic import op

from huikuan.db import types

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_tenant_table(
        "receivables_entry",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "INVOICE",
                "CREDIT_NOTE",
                "PAYMENT",
                "BOUNCE",
                "ALLOCATION",
                "UNALLOCATION",
                "WRITE_OFF",
                "RECOVERY",
                "DISCOUNT",
                "REFUND",
                "FX_DIFFERENCE",
                "PROVISION",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("source_type", sa.String(length=60), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reverses_id"],
            ["receivables_entry.tenant_id", "receivables_entry.id"],
            name=op.f("fk_receivables_entry_tenant_id_reverses_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_entry")),
        sa.UniqueConstraint("tenant_id", "reverses_id", name=op.f("uq_receivables_entry_tenant_id_reverses_id")),
        append_only=True,
    )
    with op.batch_alter_table("receivables_entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_entry_tenant_id_on_id"), ["tenant_id", "on", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_entry_tenant_id_source_type_source_id"),
            ["tenant_id", "source_type", "source_id"],
            unique=False,
        )

    op.create_tenant_table(
        "receivables_provision_run",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("rates", sa.String(length=200), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("change_amount", types.Amount(), nullable=False),
        sa.Column("change_currency", sa.String(length=3), nullable=False),
        sa.Column("total_amount", types.Amount(), nullable=False),
        sa.Column("total_currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "entry_id"],
            ["receivables_entry.tenant_id", "receivables_entry.id"],
            name=op.f("fk_receivables_provision_run_tenant_id_entry_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_provision_run")),
        sa.UniqueConstraint("tenant_id", "on", name=op.f("uq_receivables_provision_run_tenant_id_on")),
        sa.UniqueConstraint("tenant_id", "sequence", name=op.f("uq_receivables_provision_run_tenant_id_sequence")),
        append_only=True,
    )
    op.create_tenant_table(
        "receivables_payment",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "RECORDED",
                "UNKNOWN",
                "SUCCEEDED",
                "FAILED",
                "BOUNCED",
                "VOIDED",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "method",
            sa.Enum(
                "BANK_TRANSFER",
                "DIRECT_DEBIT",
                "CARD",
                "CASH",
                "CHEQUE",
                "OTHER",
                name="method",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rate", types.Quantity(), nullable=False),
        sa.Column("rate_units", sa.Integer(), nullable=False),
        sa.Column("rate_on", sa.Date(), nullable=False),
        sa.Column("base_amount", types.Amount(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("input_hash", sa.String(length=64), nullable=True),
        sa.Column("source_type", sa.String(length=60), nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("bank_line_id", sa.Uuid(), nullable=True),
        sa.Column("unapplied", types.Amount(), nullable=False),
        sa.Column("base_unapplied", types.Amount(), nullable=False),
        sa.Column("failure_reason", sa.String(length=500), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("amount_amount", types.Amount(), nullable=False),
        sa.Column("amount_currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("amount_amount > 0", name=op.f("ck_receivables_payment_amount")),
        sa.CheckConstraint(
            "unapplied >= 0 AND unapplied <= amount_amount", name=op.f("ck_receivables_payment_unapplied")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_receivables_payment_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_payment")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_receivables_payment_tenant_id_number")),
        sa.UniqueConstraint("tenant_id", "reference", name=op.f("uq_receivables_payment_tenant_id_reference")),
    )
    with op.batch_alter_table("receivables_payment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_payment_tenant_id_bank_line_id"), ["tenant_id", "bank_line_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_payment_tenant_id_customer_id_id"),
            ["tenant_id", "customer_id", "id"],
            unique=False,
            sqlite_where=sa.text("unapplied <> 0"),
            postgresql_where=sa.text("unapplied <> 0"),
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_payment_tenant_id_customer_id_received_on"),
            ["tenant_id", "customer_id", "received_on"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_payment_tenant_id_source_type_source_id"),
            ["tenant_id", "source_type", "source_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_payment_tenant_id_status_id"), ["tenant_id", "status", "id"], unique=False
        )

    op.create_tenant_table(
        "receivables_item",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instalment_id", sa.Uuid(), nullable=False),
        sa.Column("base_amount", types.Amount(), nullable=False),
        sa.Column("rated", sa.Boolean(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "INVOICE", "CREDIT_NOTE", "DEPOSIT", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", types.Amount(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("discount_until", sa.Date(), nullable=True),
        sa.Column("discount_amount", types.Amount(), nullable=True),
        sa.Column("origin_id", sa.Uuid(), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_receivables_item_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "instalment_id"],
            ["invoicing_invoice_instalment.tenant_id", "invoicing_invoice_instalment.id"],
            name=op.f("fk_receivables_item_tenant_id_instalment_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "invoice_id"],
            ["invoicing_invoice.tenant_id", "invoicing_invoice.id"],
            name=op.f("fk_receivables_item_tenant_id_invoice_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "origin_id"],
            ["invoicing_invoice.tenant_id", "invoicing_invoice.id"],
            name=op.f("fk_receivables_item_tenant_id_origin_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_receivables_item_tenant_id_payer_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_item")),
        sa.UniqueConstraint("tenant_id", "instalment_id", name=op.f("uq_receivables_item_tenant_id_instalment_id")),
        append_only=True,
    )
    with op.batch_alter_table("receivables_item", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_item_tenant_id_invoice_id"), ["tenant_id", "invoice_id"], unique=False
        )

    op.create_tenant_table(
        "receivables_allocation",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("credit_item_id", sa.Uuid(), nullable=True),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "PAYMENT",
                "CREDIT",
                "ORIGIN",
                "DISCOUNT",
                "WRITE_OFF",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", types.Amount(), nullable=False),
        sa.Column("source_currency", sa.String(length=3), nullable=False),
        sa.Column("source_amount", types.Amount(), nullable=False),
        sa.Column("base_amount", types.Amount(), nullable=False),
        sa.Column(
            "cause",
            sa.Enum(
                "TOLERANCE",
                "BAD_DEBT",
                "DISPUTE",
                "GOODWILL",
                "OTHER",
                name="cause",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("(amount > 0) = (reverses_id IS NULL)", name=op.f("ck_receivables_allocation_amount")),
        sa.CheckConstraint(
            "payment_id IS NULL OR credit_item_id IS NULL", name=op.f("ck_receivables_allocation_source")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "credit_item_id"],
            ["receivables_item.tenant_id", "receivables_item.id"],
            name=op.f("fk_receivables_allocation_tenant_id_credit_item_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_receivables_allocation_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "entry_id"],
            ["receivables_entry.tenant_id", "receivables_entry.id"],
            name=op.f("fk_receivables_allocation_tenant_id_entry_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "invoice_id"],
            ["invoicing_invoice.tenant_id", "invoicing_invoice.id"],
            name=op.f("fk_receivables_allocation_tenant_id_invoice_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["receivables_item.tenant_id", "receivables_item.id"],
            name=op.f("fk_receivables_allocation_tenant_id_item_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payment_id"],
            ["receivables_payment.tenant_id", "receivables_payment.id"],
            name=op.f("fk_receivables_allocation_tenant_id_payment_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reverses_id"],
            ["receivables_allocation.tenant_id", "receivables_allocation.id"],
            name=op.f("fk_receivables_allocation_tenant_id_reverses_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_allocation")),
        sa.UniqueConstraint("tenant_id", "reverses_id", name=op.f("uq_receivables_allocation_tenant_id_reverses_id")),
        append_only=True,
    )
    with op.batch_alter_table("receivables_allocation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_allocation_tenant_id_credit_item_id"),
            ["tenant_id", "credit_item_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_allocation_tenant_id_customer_id_on"),
            ["tenant_id", "customer_id", "on"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_allocation_tenant_id_entry_id"), ["tenant_id", "entry_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_allocation_tenant_id_invoice_id"), ["tenant_id", "invoice_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_allocation_tenant_id_item_id"), ["tenant_id", "item_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_allocation_tenant_id_payment_id"), ["tenant_id", "payment_id"], unique=False
        )

    op.create_tenant_table(
        "receivables_item_balance",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("open", types.Amount(), nullable=False),
        sa.Column("base_open", types.Amount(), nullable=False),
        sa.Column("fx", types.Amount(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("chase_on", sa.Date(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "INVOICE", "CREDIT_NOTE", "DEPOSIT", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", types.Amount(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("discount_until", sa.Date(), nullable=True),
        sa.Column("discount_amount", types.Amount(), nullable=True),
        sa.Column("origin_id", sa.Uuid(), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("(open = 0) = (closed_on IS NOT NULL)", name=op.f("ck_receivables_item_balance_closed")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_receivables_item_balance_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "invoice_id"],
            ["invoicing_invoice.tenant_id", "invoicing_invoice.id"],
            name=op.f("fk_receivables_item_balance_tenant_id_invoice_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["receivables_item.tenant_id", "receivables_item.id"],
            name=op.f("fk_receivables_item_balance_tenant_id_item_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "origin_id"],
            ["invoicing_invoice.tenant_id", "invoicing_invoice.id"],
            name=op.f("fk_receivables_item_balance_tenant_id_origin_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_receivables_item_balance_tenant_id_payer_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_item_balance")),
        sa.UniqueConstraint("tenant_id", "item_id", name=op.f("uq_receivables_item_balance_tenant_id_item_id")),
    )
    with op.batch_alter_table("receivables_item_balance", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_item_balance_tenant_id_customer_id_due_on"),
            ["tenant_id", "customer_id", "due_on"],
            unique=False,
            sqlite_where=sa.text("open <> 0"),
            postgresql_where=sa.text("open <> 0"),
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_item_balance_tenant_id_customer_id_id"),
            ["tenant_id", "customer_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_item_balance_tenant_id_document_id"), ["tenant_id", "document_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_item_balance_tenant_id_due_on_id"),
            ["tenant_id", "due_on", "id"],
            unique=False,
            sqlite_where=sa.text("open <> 0"),
            postgresql_where=sa.text("open <> 0"),
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_item_balance_tenant_id_invoice_id"), ["tenant_id", "invoice_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_item_balance_tenant_id_payer_id_due_on"),
            ["tenant_id", "payer_id", "due_on"],
            unique=False,
            sqlite_where=sa.text("open <> 0"),
            postgresql_where=sa.text("open <> 0"),
        )

    op.create_tenant_table(
        "receivables_posting",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column(
            "account",
            sa.Enum(
                "RECEIVABLE",
                "UNAPPLIED",
                "CASH",
                "SALES",
                "WRITE_OFF",
                "DISCOUNT",
                "FX",
                "BAD_DEBT",
                "PROVISION",
                name="account",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", types.Amount(), nullable=False),
        sa.Column("base_amount", types.Amount(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_receivables_posting_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "entry_id"],
            ["receivables_entry.tenant_id", "receivables_entry.id"],
            name=op.f("fk_receivables_posting_tenant_id_entry_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["receivables_item.tenant_id", "receivables_item.id"],
            name=op.f("fk_receivables_posting_tenant_id_item_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payment_id"],
            ["receivables_payment.tenant_id", "receivables_payment.id"],
            name=op.f("fk_receivables_posting_tenant_id_payment_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_posting")),
        append_only=True,
    )
    with op.batch_alter_table("receivables_posting", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_posting_tenant_id_account_customer_id_on"),
            ["tenant_id", "account", "customer_id", "on"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_posting_tenant_id_entry_id"), ["tenant_id", "entry_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_posting_tenant_id_item_id"), ["tenant_id", "item_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_posting_tenant_id_payment_id"), ["tenant_id", "payment_id"], unique=False
        )

    op.create_tenant_table(
        "receivables_refund",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("REFUND", "KEPT", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("credit_item_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("amount_amount", types.Amount(), nullable=False),
        sa.Column("amount_currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("(amount_amount > 0) = (reverses_id IS NULL)", name=op.f("ck_receivables_refund_amount")),
        sa.CheckConstraint(
            "(payment_id IS NULL) <> (credit_item_id IS NULL)", name=op.f("ck_receivables_refund_source")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "credit_item_id"],
            ["receivables_item.tenant_id", "receivables_item.id"],
            name=op.f("fk_receivables_refund_tenant_id_credit_item_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_receivables_refund_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "entry_id"],
            ["receivables_entry.tenant_id", "receivables_entry.id"],
            name=op.f("fk_receivables_refund_tenant_id_entry_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payment_id"],
            ["receivables_payment.tenant_id", "receivables_payment.id"],
            name=op.f("fk_receivables_refund_tenant_id_payment_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reverses_id"],
            ["receivables_refund.tenant_id", "receivables_refund.id"],
            name=op.f("fk_receivables_refund_tenant_id_reverses_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_refund")),
        sa.UniqueConstraint("tenant_id", "reference", name=op.f("uq_receivables_refund_tenant_id_reference")),
        sa.UniqueConstraint("tenant_id", "reverses_id", name=op.f("uq_receivables_refund_tenant_id_reverses_id")),
        append_only=True,
    )
    with op.batch_alter_table("receivables_refund", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_refund_tenant_id_credit_item_id"), ["tenant_id", "credit_item_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_refund_tenant_id_customer_id"), ["tenant_id", "customer_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_refund_tenant_id_entry_id"), ["tenant_id", "entry_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_refund_tenant_id_payment_id"), ["tenant_id", "payment_id"], unique=False
        )
