"""contracts, plans and call-offs"""

# mypy: disable-error-code="attr-defined"

import sqlalchemy as sa
from alembic import op

from huikuan.db import types

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_tenant_table(
        "contracts_contract",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("input_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("PROJECT", "FRAMEWORK", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "billed_by",
            sa.Enum("PLAN", "ORDERS", name="billed_by", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("consumed", types.Amount(), nullable=False),
        sa.Column("tax_code", sa.String(length=40), nullable=True),
        sa.Column("tax_percent", types.Quantity(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("fulfil_by", sa.Date(), nullable=True),
        sa.Column(
            "fulfilment",
            sa.Enum(
                "NOT_APPLICABLE",
                "UNFULFILLED",
                "PARTIALLY",
                "FULFILLED",
                "LAPSED",
                name="fulfilment",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("cancel_reason", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("amount_amount", types.Amount(), nullable=True),
        sa.Column("amount_currency", sa.String(length=3), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(amount_amount IS NULL) = (amount_currency IS NULL)", name=op.f("ck_contracts_contract_amount_whole")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_contracts_contract_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "owner_id"],
            ["kernel_user.tenant_id", "kernel_user.id"],
            name=op.f("fk_contracts_contract_tenant_id_owner_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_contracts_contract")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_contracts_contract_tenant_id_number")),
        sa.UniqueConstraint("tenant_id", "reference", name=op.f("uq_contracts_contract_tenant_id_reference")),
    )
    with op.batch_alter_table("contracts_contract", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contracts_contract_tenant_id_customer_id"), ["tenant_id", "customer_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_contracts_contract_tenant_id_fulfilment_fulfil_by"),
            ["tenant_id", "fulfilment", "fulfil_by"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_contracts_contract_tenant_id_owner_id"), ["tenant_id", "owner_id"], unique=False
        )

    op.create_tenant_table(
        "contracts_call_off",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("input_hash", sa.String(length=64), nullable=True),
        sa.Column("source_type", sa.String(length=60), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("OPEN", "ENDED", name="status", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("amount_amount", types.Amount(), nullable=False),
        sa.Column("amount_currency", sa.String(length=3), nullable=False),
        sa.Column("called_on", sa.Date(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["contracts_contract.tenant_id", "contracts_contract.id"],
            name=op.f("fk_contracts_call_off_tenant_id_contract_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_contracts_call_off")),
        sa.UniqueConstraint(
            "tenant_id", "contract_id", "reference", name=op.f("uq_contracts_call_off_tenant_id_contract_id_reference")
        ),
        sa.UniqueConstraint(
            "tenant_id", "source_type", "source_id", name=op.f("uq_contracts_call_off_tenant_id_source_type_source_id")
        ),
    )
    with op.batch_alter_table("contracts_call_off", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contracts_call_off_tenant_id_contract_id"), ["tenant_id", "contract_id"], unique=False
        )

    op.create_tenant_table(
        "contracts_contract_amendment",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("signed_by", sa.String(length=200), nullable=False),
        sa.Column("before", types.Json(), nullable=False),
        sa.Column("after", types.Json(), nullable=False),
        sa.Column("terms_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["contracts_contract.tenant_id", "contracts_contract.id"],
            name=op.f("fk_contracts_contract_amendment_tenant_id_contract_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_contracts_contract_amendment")),
        sa.UniqueConstraint(
            "tenant_id",
            "contract_id",
            "version",
            name=op.f("uq_contracts_contract_amendment_tenant_id_contract_id_version"),
        ),
        draft_when="false",
    )
    op.create_tenant_table(
        "contracts_contract_document",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("uri", sa.String(length=2000), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["contracts_contract.tenant_id", "contracts_contract.id"],
            name=op.f("fk_contracts_contract_document_tenant_id_contract_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_contracts_contract_document")),
        sa.UniqueConstraint(
            "tenant_id",
            "contract_id",
            "sha256",
            name=op.f("uq_contracts_contract_document_tenant_id_contract_id_sha256"),
        ),
    )
    op.create_tenant_table(
        "contracts_contract_instalment",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "DEPOSIT", "PAYMENT", "RETENTION", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "trigger",
            sa.Enum(
                "DATE", "MILESTONE", "ACCEPTANCE", name="trigger", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("original_on", sa.Date(), nullable=True),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("reached_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("blocks_shipping", sa.Boolean(), nullable=False),
        sa.Column("dropped_in", sa.Integer(), nullable=True),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column("invoices", sa.Integer(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("told_soon_on", sa.Date(), nullable=True),
        sa.Column("told_late_on", sa.Date(), nullable=True),
        sa.Column("amount_amount", types.Amount(), nullable=False),
        sa.Column("amount_currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["contracts_contract.tenant_id", "contracts_contract.id"],
            name=op.f("fk_contracts_contract_instalment_tenant_id_contract_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "owner_id"],
            ["kernel_user.tenant_id", "kernel_user.id"],
            name=op.f("fk_contracts_contract_instalment_tenant_id_owner_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_contracts_contract_instalment")),
        sa.UniqueConstraint(
            "tenant_id",
            "contract_id",
            "sequence",
            name=op.f("uq_contracts_contract_instalment_tenant_id_contract_id_sequence"),
        ),
    )
    with op.batch_alter_table("contracts_contract_instalment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contracts_contract_instalment_tenant_id_due_on_id"),
            ["tenant_id", "due_on", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_contracts_contract_instalment_tenant_id_invoice_id"),
            ["tenant_id", "invoice_id"],
            unique=True,
            sqlite_where=sa.text("invoice_id IS NOT NULL"),
            postgresql_where=sa.text("invoice_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_contracts_contract_instalment_tenant_id_owner_id"), ["tenant_id", "owner_id"], unique=False
        )

    op.create_tenant_table(
        "contracts_contract_item",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(length=100), nullable=False),
        sa.Column("unit_price", types.Quantity(), nullable=True),
        sa.Column("cap", types.Quantity(), nullable=True),
        sa.Column("consumed", types.Quantity(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["contracts_contract.tenant_id", "contracts_contract.id"],
            name=op.f("fk_contracts_contract_item_tenant_id_contract_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_contracts_contract_item")),
        sa.UniqueConstraint(
            "tenant_id",
            "contract_id",
            "position",
            name=op.f("uq_contracts_contract_item_tenant_id_contract_id_position"),
        ),
        sa.UniqueConstraint(
            "tenant_id", "contract_id", "sku", name=op.f("uq_contracts_contract_item_tenant_id_contract_id_sku")
        ),
    )
    op.create_tenant_table(
        "contracts_contract_party",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "BUYER",
                "SELLER",
                "GUARANTOR",
                "OTHER",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["contracts_contract.tenant_id", "contracts_contract.id"],
            name=op.f("fk_contracts_contract_party_tenant_id_contract_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_contracts_contract_party_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_contracts_contract_party")),
        sa.UniqueConstraint(
            "tenant_id",
            "contract_id",
            "position",
            name=op.f("uq_contracts_contract_party_tenant_id_contract_id_position"),
        ),
    )
    with op.batch_alter_table("contracts_contract_party", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contracts_contract_party_tenant_id_customer_id"), ["tenant_id", "customer_id"], unique=False
        )

    op.create_tenant_table(
        "contracts_contract_signature",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("signed_by", sa.String(length=200), nullable=False),
        sa.Column("signed_for_us", sa.String(length=200), nullable=False),
        sa.Column("terms_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["contracts_contract.tenant_id", "contracts_contract.id"],
            name=op.f("fk_contracts_contract_signature_tenant_id_contract_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_contracts_contract_signature")),
        sa.UniqueConstraint(
            "tenant_id", "contract_id", name=op.f("uq_contracts_contract_signature_tenant_id_contract_id")
        ),
        draft_when="false",
    )
    op.create_tenant_table(
        "contracts_contract_task",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["contracts_contract.tenant_id", "contracts_contract.id"],
            name=op.f("fk_contracts_contract_task_tenant_id_contract_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_contracts_contract_task")),
        sa.UniqueConstraint(
            "tenant_id",
            "contract_id",
            "position",
            name=op.f("uq_contracts_contract_task_tenant_id_contract_id_position"),
        ),
    )
    op.create_tenant_table(
        "contracts_call_off_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_off_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", types.Quantity(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "call_off_id"],
            ["contracts_call_off.tenant_id", "contracts_call_off.id"],
            name=op.f("fk_contracts_call_off_line_tenant_id_call_off_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["contracts_contract_item.tenant_id", "contracts_contract_item.id"],
            name=op.f("fk_contracts_call_off_line_tenant_id_item_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_contracts_call_off_line")),
        sa.UniqueConstraint(
            "tenant_id", "call_off_id", "item_id", name=op.f("uq_contracts_call_off_line_tenant_id_call_off_id_item_id")
        ),
    )
    with op.batch_alter_table("contracts_call_off_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contracts_call_off_line_tenant_id_item_id"), ["tenant_id", "item_id"], unique=False
        )

    op.create_tenant_table(
        "contracts_contract_content",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["contracts_contract_document.tenant_id", "contracts_contract_document.id"],
            name=op.f("fk_contracts_contract_content_tenant_id_document_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_contracts_contract_content")),
        sa.UniqueConstraint(
            "tenant_id", "document_id", name=op.f("uq_contracts_contract_content_tenant_id_document_id")
        ),
    )
