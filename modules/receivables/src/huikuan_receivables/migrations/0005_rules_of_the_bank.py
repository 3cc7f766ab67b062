"""rules of the bank"""

# mypy: disable-error-code="attr-defined"

import sqlalchemy as sa
from alembic import op

from huikuan.db import types

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_tenant_table(
        "receivables_bank_rule",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("off_at", types.UtcDateTime(), nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("text_pattern", sa.String(length=200), nullable=True),
        sa.Column("payer_pattern", sa.String(length=200), nullable=True),
        sa.Column("payer_account", sa.String(length=50), nullable=True),
        sa.Column("amount_from", types.Amount(), nullable=True),
        sa.Column("amount_to", types.Amount(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column(
            "settles",
            sa.Enum(
                "FITTING", "OLDEST", "NOTHING", name="settles", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "deducts",
            sa.Enum(
                "FIXED",
                "PERCENT_OF_LINE",
                "PERCENT_OF_BALANCE",
                "TEXT",
                name="deducts",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("deduction", types.Quantity(), nullable=True),
        sa.Column("deduction_pattern", sa.String(length=200), nullable=True),
        sa.Column("at_most", types.Amount(), nullable=True),
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
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(deduction IS NOT NULL) = (deducts IS NOT NULL AND deducts <> 'TEXT')",
            name=op.f("ck_receivables_bank_rule_deduction"),
        ),
        sa.CheckConstraint(
            "(deduction_pattern IS NOT NULL) = (deducts IS NOT NULL AND deducts = 'TEXT')",
            name=op.f("ck_receivables_bank_rule_text"),
        ),
        sa.CheckConstraint("(deducts IS NULL) = (at_most IS NULL)", name=op.f("ck_receivables_bank_rule_at_most")),
        sa.CheckConstraint("(deducts IS NULL) = (cause IS NULL)", name=op.f("ck_receivables_bank_rule_with_cause")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_receivables_bank_rule_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "source_id"],
            ["receivables_bank_source.tenant_id", "receivables_bank_source.id"],
            name=op.f("fk_receivables_bank_rule_tenant_id_source_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_bank_rule")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_receivables_bank_rule_tenant_id_code")),
    )
    with op.batch_alter_table("receivables_bank_rule", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_bank_rule_tenant_id_customer_id"), ["tenant_id", "customer_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_bank_rule_tenant_id_sequence_id"), ["tenant_id", "sequence", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_bank_rule_tenant_id_source_id"), ["tenant_id", "source_id"], unique=False
        )

    with op.batch_alter_table("receivables_bank_match", schema=None) as batch_op:
        batch_op.add_column(sa.Column("bank_rule_id", sa.Uuid(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_receivables_bank_match_tenant_id_bank_rule_id"), ["tenant_id", "bank_rule_id"], unique=False
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_receivables_bank_match_tenant_id_bank_rule_id"),
            "receivables_bank_rule",
            ["tenant_id", "bank_rule_id"],
            ["tenant_id", "id"],
            ondelete="RESTRICT",
        )
        batch_op.drop_constraint(batch_op.f("ck_receivables_bank_match_rule"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_receivables_bank_match_rule"),
            "rule IN ('REFERENCE', 'NUMBER', 'PAYER', 'AMOUNT', 'SUBSET', 'HAND', 'RULE')",
        )

    with op.batch_alter_table("receivables_bank_match_part", schema=None) as batch_op:
        batch_op.add_column(sa.Column("given_up", types.Amount(), nullable=False, server_default="0"))
        batch_op.create_check_constraint(batch_op.f("ck_receivables_bank_match_part_given_up"), "given_up >= 0")

    with op.batch_alter_table("receivables_bank_match_part", schema=None) as batch_op:
        batch_op.alter_column("given_up", server_default=None)
