"""bank statements and matches"""

# mypy: disable-error-code="attr-defined"

import sqlalchemy as sa
from alembic import op

from huikuan.db import types

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_tenant_table(
        "receivables_bank_source",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("account_number", sa.String(length=50), nullable=True),
        sa.Column("mapping", sa.String(length=20000), nullable=True),
        sa.Column("archived_at", types.UtcDateTime(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_bank_source")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_receivables_bank_source_tenant_id_code")),
    )
    op.create_tenant_table(
        "receivables_bank_file",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "source_id"],
            ["receivables_bank_source.tenant_id", "receivables_bank_source.id"],
            name=op.f("fk_receivables_bank_file_tenant_id_source_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_bank_file")),
        sa.UniqueConstraint(
            "tenant_id", "source_id", "sha256", name=op.f("uq_receivables_bank_file_tenant_id_source_id_sha256")
        ),
    )
    with op.batch_alter_table("receivables_bank_file", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_bank_file_tenant_id_source_id"), ["tenant_id", "source_id"], unique=False
        )

    op.create_tenant_table(
        "receivables_bank_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("row", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("rate", types.Quantity(), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("remittance", sa.String(length=200), nullable=True),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("payer_name", sa.String(length=200), nullable=True),
        sa.Column("payer_account", sa.String(length=50), nullable=True),
        sa.Column("raw", types.Json(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "OPEN",
                "PROPOSED",
                "POSTED",
                "IGNORED",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("tried_at", types.UtcDateTime(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("amount_amount", types.Amount(), nullable=False),
        sa.Column("amount_currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "file_id"],
            ["receivables_bank_file.tenant_id", "receivables_bank_file.id"],
            name=op.f("fk_receivables_bank_line_tenant_id_file_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "source_id"],
            ["receivables_bank_source.tenant_id", "receivables_bank_source.id"],
            name=op.f("fk_receivables_bank_line_tenant_id_source_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_bank_line")),
        sa.UniqueConstraint("tenant_id", "file_id", "row", name=op.f("uq_receivables_bank_line_tenant_id_file_id_row")),
        sa.UniqueConstraint(
            "tenant_id", "source_id", "key", name=op.f("uq_receivables_bank_line_tenant_id_source_id_key")
        ),
    )
    with op.batch_alter_table("receivables_bank_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_bank_line_tenant_id_source_id_on_id"),
            ["tenant_id", "source_id", "on", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_bank_line_tenant_id_status_on_id"),
            ["tenant_id", "status", "on", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_bank_line_tenant_id_status_tried_at_id"),
            ["tenant_id", "status", "tried_at", "id"],
            unique=False,
        )

    op.create_tenant_table(
        "receivables_bank_match",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "PROPOSED",
                "POSTED",
                "REJECTED",
                "DROPPED",
                "UNDONE",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "rule",
            sa.Enum(
                "REFERENCE",
                "NUMBER",
                "PAYER",
                "AMOUNT",
                "SUBSET",
                "HAND",
                name="rule",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("rest", types.Amount(), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", types.UtcDateTime(), nullable=True),
        sa.Column("undone_at", types.UtcDateTime(), nullable=True),
        sa.Column("undo_reason", sa.String(length=500), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(payment_id IS NULL) = (status NOT IN ('POSTED', 'UNDONE'))",
            name=op.f("ck_receivables_bank_match_payment"),
        ),
        sa.CheckConstraint("(undone_at IS NULL) = (status <> 'UNDONE')", name=op.f("ck_receivables_bank_match_undone")),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_receivables_bank_match_score")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_receivables_bank_match_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "dispute_id"],
            ["receivables_dispute.tenant_id", "receivables_dispute.id"],
            name=op.f("fk_receivables_bank_match_tenant_id_dispute_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "line_id"],
            ["receivables_bank_line.tenant_id", "receivables_bank_line.id"],
            name=op.f("fk_receivables_bank_match_tenant_id_line_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payment_id"],
            ["receivables_payment.tenant_id", "receivables_payment.id"],
            name=op.f("fk_receivables_bank_match_tenant_id_payment_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_bank_match")),
    )
    with op.batch_alter_table("receivables_bank_match", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_bank_match_tenant_id_customer_id"), ["tenant_id", "customer_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_bank_match_tenant_id_line_id"),
            ["tenant_id", "line_id"],
            unique=True,
            sqlite_where=sa.text("status = 'POSTED'"),
            postgresql_where=sa.text("status = 'POSTED'"),
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_bank_match_tenant_id_line_id_id"), ["tenant_id", "line_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_bank_match_tenant_id_payment_id"), ["tenant_id", "payment_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_bank_match_tenant_id_rule_decided_at"),
            ["tenant_id", "rule", "decided_at"],
            unique=False,
        )

    op.create_tenant_table(
        "receivables_bank_match_part",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("match_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", types.Amount(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_receivables_bank_match_part_amount")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["receivables_item.tenant_id", "receivables_item.id"],
            name=op.f("fk_receivables_bank_match_part_tenant_id_item_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "match_id"],
            ["receivables_bank_match.tenant_id", "receivables_bank_match.id"],
            name=op.f("fk_receivables_bank_match_part_tenant_id_match_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_bank_match_part")),
        sa.UniqueConstraint(
            "tenant_id", "match_id", "position", name=op.f("uq_receivables_bank_match_part_tenant_id_match_id_position")
        ),
    )
    with op.batch_alter_table("receivables_bank_match_part", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_bank_match_part_tenant_id_item_id"), ["tenant_id", "item_id"], unique=False
        )

    op.create_tenant_table(
        "receivables_payer_alias",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("ACCOUNT", "NAME", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("match_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_receivables_payer_alias_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "match_id"],
            ["receivables_bank_match.tenant_id", "receivables_bank_match.id"],
            name=op.f("fk_receivables_payer_alias_tenant_id_match_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_payer_alias")),
        sa.UniqueConstraint(
            "tenant_id",
            "kind",
            "value",
            "customer_id",
            name=op.f("uq_receivables_payer_alias_tenant_id_kind_value_customer_id"),
        ),
    )
    with op.batch_alter_table("receivables_payer_alias", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_payer_alias_tenant_id_customer_id"), ["tenant_id", "customer_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_payer_alias_tenant_id_match_id"), ["tenant_id", "match_id"], unique=False
        )
