"""limits exposure and decisions"""

# mypy: disable-error-code="attr-defined"

import sqlalchemy as sa
from alembic import op

from huikuan.db import types

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_tenant_table(
        "credit_risk_class",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "grade",
            sa.Enum("A", "B", "C", "D", name="grade", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("limit_factor", types.Quantity(), nullable=False),
        sa.Column("limit_cap", types.Amount(), nullable=True),
        sa.Column("payment_terms", sa.String(length=64), nullable=True),
        sa.Column("prepayment_percent", types.Quantity(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_credit_risk_class")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_credit_risk_class_tenant_id_code")),
    )
    with op.batch_alter_table("credit_risk_class", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_credit_risk_class_tenant_id_grade"),
            ["tenant_id", "grade"],
            unique=True,
            sqlite_where=sa.text("grade IS NOT NULL AND active"),
            postgresql_where=sa.text("grade IS NOT NULL AND active"),
        )

    op.create_tenant_table(
        "credit_rule_set",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "checkpoint",
            sa.Enum(
                "QUOTE",
                "CONFIRM",
                "CHANGE",
                "SHIP",
                "INVOICE",
                name="checkpoint",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("class_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("items", types.Json(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("retired_at", types.UtcDateTime(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "class_id"],
            ["credit_risk_class.tenant_id", "credit_risk_class.id"],
            name=op.f("fk_credit_rule_set_tenant_id_class_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_credit_rule_set")),
        sa.UniqueConstraint("tenant_id", "version", name=op.f("uq_credit_rule_set_tenant_id_version")),
    )
    with op.batch_alter_table("credit_rule_set", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_credit_rule_set_tenant_id_checkpoint"),
            ["tenant_id", "checkpoint"],
            unique=False,
            sqlite_where=sa.text("retired_at IS NULL"),
            postgresql_where=sa.text("retired_at IS NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_credit_rule_set_tenant_id_class_id"), ["tenant_id", "class_id"], unique=False
        )

    op.create_tenant_table(
        "credit_account",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("in_use", sa.Boolean(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=True),
        sa.Column("class_by_hand", sa.Boolean(), nullable=False),
        sa.Column(
            "grade",
            sa.Enum("A", "B", "C", "D", name="grade", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("grade_by_hand", sa.Boolean(), nullable=False),
        sa.Column("grade_until", sa.Date(), nullable=True),
        sa.Column("overdue_told", sa.Boolean(), nullable=False),
        sa.Column("habit_told", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("(customer_id IS NULL) <> (group_id IS NULL)", name=op.f("ck_credit_account_owner")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "class_id"],
            ["credit_risk_class.tenant_id", "credit_risk_class.id"],
            name=op.f("fk_credit_account_tenant_id_class_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_credit_account_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "group_id"],
            ["customers_customer_group.tenant_id", "customers_customer_group.id"],
            name=op.f("fk_credit_account_tenant_id_group_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_credit_account")),
    )
    with op.batch_alter_table("credit_account", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_credit_account_tenant_id_class_id"), ["tenant_id", "class_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_credit_account_tenant_id_customer_id"),
            ["tenant_id", "customer_id"],
            unique=True,
            sqlite_where=sa.text("customer_id IS NOT NULL"),
            postgresql_where=sa.text("customer_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_credit_account_tenant_id_group_id"),
            ["tenant_id", "group_id"],
            unique=True,
            sqlite_where=sa.text("group_id IS NOT NULL"),
            postgresql_where=sa.text("group_id IS NOT NULL"),
        )

    op.create_tenant_table(
        "credit_limit",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "LIMIT",
                "INCREASE",
                "COLLATERAL",
                "INSURANCE",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", types.Amount(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("ended_at", types.UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_credit_limit_amount")),
        sa.CheckConstraint("customer_id IS NULL OR group_id IS NULL", name=op.f("ck_credit_limit_owner")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_credit_limit_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "group_id"],
            ["customers_customer_group.tenant_id", "customers_customer_group.id"],
            name=op.f("fk_credit_limit_tenant_id_group_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_credit_limit")),
    )
    with op.batch_alter_table("credit_limit", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_credit_limit_tenant_id_currency_id"),
            ["tenant_id", "currency", "id"],
            unique=False,
            sqlite_where=sa.text("customer_id IS NULL AND group_id IS NULL"),
            postgresql_where=sa.text("customer_id IS NULL AND group_id IS NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_credit_limit_tenant_id_customer_id"), ["tenant_id", "customer_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_credit_limit_tenant_id_group_id"), ["tenant_id", "group_id"], unique=False)

    op.create_tenant_table(
        "credit_balance",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("ordered", types.Amount(), nullable=False),
        sa.Column("shipped", types.Amount(), nullable=False),
        sa.Column("invoiced", types.Amount(), nullable=False),
        sa.Column("unapplied", types.Amount(), nullable=False),
        sa.Column("told_percent", sa.Integer(), nullable=False),
        sa.Column("concentration_told", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["credit_account.tenant_id", "credit_account.id"],
            name=op.f("fk_credit_balance_tenant_id_account_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_credit_balance")),
        sa.UniqueConstraint(
            "tenant_id", "account_id", "currency", name=op.f("uq_credit_balance_tenant_id_account_id_currency")
        ),
    )
    op.create_tenant_table(
        "credit_decision",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.Column(
            "checkpoint",
            sa.Enum(
                "QUOTE",
                "CONFIRM",
                "CHANGE",
                "SHIP",
                "INVOICE",
                name="checkpoint",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("document_type", sa.String(length=40), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "OFF", "WARN", "APPROVE", "BLOCK", name="level", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("before", types.Amount(), nullable=False),
        sa.Column("after", types.Amount(), nullable=False),
        sa.Column("bound", types.Amount(), nullable=True),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("inputs", types.Json(), nullable=False),
        sa.Column("findings", types.Json(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["credit_account.tenant_id", "credit_account.id"],
            name=op.f("fk_credit_decision_tenant_id_account_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_credit_decision")),
        append_only=True,
    )
    with op.batch_alter_table("credit_decision", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_credit_decision_tenant_id_account_id"), ["tenant_id", "account_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_credit_decision_tenant_id_at"), ["tenant_id", "at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_credit_decision_tenant_id_document_id"), ["tenant_id", "document_id"], unique=False
        )

    op.create_tenant_table(
        "credit_entry",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("source_type", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "ORDERED",
                "SHIPPED",
                "INVOICED",
                "UNAPPLIED",
                name="part",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", types.Amount(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["credit_account.tenant_id", "credit_account.id"],
            name=op.f("fk_credit_entry_tenant_id_account_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_credit_entry")),
        append_only=True,
    )
    with op.batch_alter_table("credit_entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_credit_entry_tenant_id_account_id_at"), ["tenant_id", "account_id", "at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_credit_entry_tenant_id_source_id"), ["tenant_id", "source_id"], unique=False
        )

    op.create_tenant_table(
        "credit_position",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("bill_to_id", sa.Uuid(), nullable=False),
        sa.Column("source_type", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "WAITING", "OPEN", "CLOSED", "DONE", name="state", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("ships_on", sa.Date(), nullable=True),
        sa.Column("lines", types.Json(), nullable=True),
        sa.Column("deposits", types.Amount(), nullable=False),
        sa.Column("ordered", types.Amount(), nullable=False),
        sa.Column("shipped", types.Amount(), nullable=False),
        sa.Column("invoiced", types.Amount(), nullable=False),
        sa.Column("unapplied", types.Amount(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["credit_account.tenant_id", "credit_account.id"],
            name=op.f("fk_credit_position_tenant_id_account_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "bill_to_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_credit_position_tenant_id_bill_to_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_credit_position")),
        sa.UniqueConstraint(
            "tenant_id", "source_type", "source_id", name=op.f("uq_credit_position_tenant_id_source_type_source_id")
        ),
    )
    with op.batch_alter_table("credit_position", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_credit_position_tenant_id_account_id_currency_ships_on"),
            ["tenant_id", "account_id", "currency", "ships_on"],
            unique=False,
            sqlite_where=sa.text("ordered <> 0"),
            postgresql_where=sa.text("ordered <> 0"),
        )
        batch_op.create_index(
            batch_op.f("ix_credit_position_tenant_id_bill_to_id"), ["tenant_id", "bill_to_id"], unique=False
        )

    op.create_tenant_table(
        "credit_rating",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.Column(
            "grade",
            sa.Enum("A", "B", "C", "D", name="grade", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("score", types.Quantity(), nullable=True),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reasons", types.Json(), nullable=False),
        sa.Column("missing", types.Json(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["credit_account.tenant_id", "credit_account.id"],
            name=op.f("fk_credit_rating_tenant_id_account_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_credit_rating")),
        append_only=True,
    )
    with op.batch_alter_table("credit_rating", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_credit_rating_tenant_id_account_id_at"), ["tenant_id", "account_id", "at"], unique=False
        )
