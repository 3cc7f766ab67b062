"""dunning, disputes, promises and the worklist"""

# mypy: disable-error-code="attr-defined"

import sqlalchemy as sa
from alembic import op

from huikuan.db import types

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_tenant_table(
        "receivables_collection_rule",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "measure",
            sa.Enum(
                "OVERDUE_AMOUNT",
                "DAYS_OVERDUE",
                "OVERDUE_ITEMS",
                "LEVEL",
                "BROKEN_PROMISES",
                "LATE_DISPUTES",
                "RESUBMISSION_DUE",
                name="measure",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at_least", types.Quantity(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_collection_rule")),
        sa.UniqueConstraint("tenant_id", "position", name=op.f("uq_receivables_collection_rule_tenant_id_position")),
    )
    op.create_tenant_table(
        "receivables_dunning_policy",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("input_hash", sa.String(length=64), nullable=False),
        sa.Column("follows", sa.Boolean(), nullable=False),
        sa.Column("gap_days", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("gap_days >= 1", name=op.f("ck_receivables_dunning_policy_gap_days")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_dunning_policy")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_receivables_dunning_policy_tenant_id_code")),
    )
    op.create_tenant_table(
        "receivables_dunning_run",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "PREVIEW",
                "APPROVED",
                "DONE",
                "CANCELLED",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("approved_at", types.UtcDateTime(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("finished_at", types.UtcDateTime(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_dunning_run")),
    )
    with op.batch_alter_table("receivables_dunning_run", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_dunning_run_tenant_id_on_id"), ["tenant_id", "on", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_dunning_run_tenant_id_open"),
            ["tenant_id", "open"],
            unique=True,
            sqlite_where=sa.text("open"),
            postgresql_where=sa.text("open"),
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_dunning_run_tenant_id_state_id"), ["tenant_id", "state", "id"], unique=False
        )

    op.create_tenant_table(
        "receivables_dunning_assignment",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column(
            "scope",
            sa.Enum(
                "INVOICE",
                "CUSTOMER",
                "GROUP",
                "COMPANY",
                name="scope",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("rating", sa.String(length=20), nullable=True),
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "policy_id"],
            ["receivables_dunning_policy.tenant_id", "receivables_dunning_policy.id"],
            name=op.f("fk_receivables_dunning_assignment_tenant_id_policy_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_dunning_assignment")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_receivables_dunning_assignment_tenant_id_key")),
    )
    with op.batch_alter_table("receivables_dunning_assignment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_dunning_assignment_tenant_id_policy_id"),
            ["tenant_id", "policy_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_dunning_assignment_tenant_id_scope_subject_id"),
            ["tenant_id", "scope", "subject_id"],
            unique=False,
        )

    op.create_tenant_table(
        "receivables_dunning_level",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "test",
            sa.Enum(
                "NET_DAYS",
                "END_OF_MONTH",
                "SINCE_PREVIOUS",
                name="test",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("blocks_orders", sa.Boolean(), nullable=False),
        sa.Column("blocks_shipping", sa.Boolean(), nullable=False),
        sa.Column("fee_percent", types.Quantity(), nullable=True),
        sa.Column("fee_amount", types.Amount(), nullable=True),
        sa.Column("fee_currency", sa.String(length=3), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(fee_amount IS NULL) = (fee_currency IS NULL)", name=op.f("ck_receivables_dunning_level_fee_whole")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "policy_id"],
            ["receivables_dunning_policy.tenant_id", "receivables_dunning_policy.id"],
            name=op.f("fk_receivables_dunning_level_tenant_id_policy_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_dunning_level")),
        sa.UniqueConstraint(
            "tenant_id", "policy_id", "position", name=op.f("uq_receivables_dunning_level_tenant_id_policy_id_position")
        ),
    )
    op.create_tenant_table(
        "receivables_dunning_tolerance",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", types.Amount(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_receivables_dunning_tolerance_amount")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "policy_id"],
            ["receivables_dunning_policy.tenant_id", "receivables_dunning_policy.id"],
            name=op.f("fk_receivables_dunning_tolerance_tenant_id_policy_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_dunning_tolerance")),
        sa.UniqueConstraint(
            "tenant_id",
            "policy_id",
            "currency",
            name=op.f("uq_receivables_dunning_tolerance_tenant_id_policy_id_currency"),
        ),
    )
    op.create_tenant_table(
        "receivables_collection_account",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("look_again_on", sa.Date(), nullable=True),
        sa.Column("frozen_reason", sa.String(length=500), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_receivables_collection_account_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "owner_id"],
            ["kernel_user.tenant_id", "kernel_user.id"],
            name=op.f("fk_receivables_collection_account_tenant_id_owner_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_collection_account")),
        sa.UniqueConstraint(
            "tenant_id", "customer_id", name=op.f("uq_receivables_collection_account_tenant_id_customer_id")
        ),
    )
    with op.batch_alter_table("receivables_collection_account", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_collection_account_tenant_id_owner_id"), ["tenant_id", "owner_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_collection_account_tenant_id_owner_id_look_again_on"),
            ["tenant_id", "owner_id", "look_again_on"],
            unique=False,
        )

    op.create_tenant_table(
        "receivables_dunning_letter",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "PROPOSED", "ISSUED", "SKIPPED", name="state", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("level_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("open", types.Amount(), nullable=False),
        sa.Column("credit", types.Amount(), nullable=False),
        sa.Column("issued_at", types.UtcDateTime(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_receivables_dunning_letter_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "level_id"],
            ["receivables_dunning_level.tenant_id", "receivables_dunning_level.id"],
            name=op.f("fk_receivables_dunning_letter_tenant_id_level_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "run_id"],
            ["receivables_dunning_run.tenant_id", "receivables_dunning_run.id"],
            name=op.f("fk_receivables_dunning_letter_tenant_id_run_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_dunning_letter")),
        sa.UniqueConstraint(
            "tenant_id",
            "run_id",
            "customer_id",
            "currency",
            name=op.f("uq_receivables_dunning_letter_tenant_id_run_id_customer_id_currency"),
        ),
    )
    with op.batch_alter_table("receivables_dunning_letter", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_dunning_letter_tenant_id_customer_id"),
            ["tenant_id", "customer_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_dunning_letter_tenant_id_run_id_state_id"),
            ["tenant_id", "run_id", "state", "id"],
            unique=False,
        )

    op.create_tenant_table(
        "receivables_contact_note",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column(
            "channel",
            sa.Enum(
                "PHONE",
                "EMAIL",
                "LETTER",
                "CHAT",
                "VISIT",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "NOT_REACHED",
                "REACHED",
                "PROMISED",
                "DISPUTED",
                "REFUSED",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_receivables_contact_note_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["receivables_item.tenant_id", "receivables_item.id"],
            name=op.f("fk_receivables_contact_note_tenant_id_item_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_contact_note")),
        append_only=True,
    )
    with op.batch_alter_table("receivables_contact_note", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_contact_note_tenant_id_customer_id_id"),
            ["tenant_id", "customer_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_contact_note_tenant_id_item_id"), ["tenant_id", "item_id"], unique=False
        )

    op.create_tenant_table(
        "receivables_deferral",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("before", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["receivables_item.tenant_id", "receivables_item.id"],
            name=op.f("fk_receivables_deferral_tenant_id_item_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_deferral")),
        sa.UniqueConstraint(
            "tenant_id", "item_id", "sequence", name=op.f("uq_receivables_deferral_tenant_id_item_id_sequence")
        ),
        append_only=True,
    )
    op.create_tenant_table(
        "receivables_dispute",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "OPEN",
                "JUSTIFIED",
                "REJECTED",
                "WITHDRAWN",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "PRICE",
                "QUANTITY",
                "QUALITY",
                "DELIVERY",
                "NOT_RECEIVED",
                "WRONG_DETAILS",
                "DUPLICATE",
                "SHORT_PAYMENT",
                "OTHER",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", types.Amount(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("root_cause", sa.String(length=500), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=500), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_receivables_dispute_amount")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_receivables_dispute_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["receivables_item.tenant_id", "receivables_item.id"],
            name=op.f("fk_receivables_dispute_tenant_id_item_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "owner_id"],
            ["kernel_user.tenant_id", "kernel_user.id"],
            name=op.f("fk_receivables_dispute_tenant_id_owner_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_dispute")),
    )
    with op.batch_alter_table("receivables_dispute", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_dispute_tenant_id_customer_id"), ["tenant_id", "customer_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_dispute_tenant_id_item_id"),
            ["tenant_id", "item_id"],
            unique=True,
            sqlite_where=sa.text("state = 'OPEN'"),
            postgresql_where=sa.text("state = 'OPEN'"),
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_dispute_tenant_id_item_id_id"), ["tenant_id", "item_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_dispute_tenant_id_owner_id"), ["tenant_id", "owner_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_dispute_tenant_id_state_due_on"), ["tenant_id", "state", "due_on"], unique=False
        )

    op.create_tenant_table(
        "receivables_dunning_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=True),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "PROPOSED",
                "ISSUED",
                "LISTED",
                "SKIPPED",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "NO_POLICY",
                "NOT_FOLLOWED",
                "POLICY_CHANGED",
                "FROZEN",
                "DISPUTED",
                "PROMISED",
                "COVERED",
                "BELOW_TOLERANCE",
                "WAITING",
                "LAST_LEVEL",
                "SETTLED",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("level_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("open", types.Amount(), nullable=False),
        sa.Column("fee_invoice_id", sa.Uuid(), nullable=True),
        sa.Column("fee_refused", sa.String(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_receivables_dunning_line_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "fee_invoice_id"],
            ["invoicing_invoice.tenant_id", "invoicing_invoice.id"],
            name=op.f("fk_receivables_dunning_line_tenant_id_fee_invoice_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["receivables_item.tenant_id", "receivables_item.id"],
            name=op.f("fk_receivables_dunning_line_tenant_id_item_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "letter_id"],
            ["receivables_dunning_letter.tenant_id", "receivables_dunning_letter.id"],
            name=op.f("fk_receivables_dunning_line_tenant_id_letter_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "level_id"],
            ["receivables_dunning_level.tenant_id", "receivables_dunning_level.id"],
            name=op.f("fk_receivables_dunning_line_tenant_id_level_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "run_id"],
            ["receivables_dunning_run.tenant_id", "receivables_dunning_run.id"],
            name=op.f("fk_receivables_dunning_line_tenant_id_run_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_dunning_line")),
        sa.UniqueConstraint(
            "tenant_id", "run_id", "item_id", name=op.f("uq_receivables_dunning_line_tenant_id_run_id_item_id")
        ),
    )
    with op.batch_alter_table("receivables_dunning_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_dunning_line_tenant_id_fee_invoice_id"),
            ["tenant_id", "fee_invoice_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_dunning_line_tenant_id_item_id"), ["tenant_id", "item_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_dunning_line_tenant_id_letter_id"), ["tenant_id", "letter_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_dunning_line_tenant_id_run_id_state_id"),
            ["tenant_id", "run_id", "state", "id"],
            unique=False,
        )

    op.create_tenant_table(
        "receivables_payment_promise",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "OPEN",
                "KEPT",
                "PARTLY_KEPT",
                "BROKEN",
                "WITHDRAWN",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", types.Amount(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=False),
        sa.Column("tolerance_days", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("paid", types.Amount(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("amount > 0 AND tolerance_days >= 0", name=op.f("ck_receivables_payment_promise_promise")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_receivables_payment_promise_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["receivables_item.tenant_id", "receivables_item.id"],
            name=op.f("fk_receivables_payment_promise_tenant_id_item_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_payment_promise")),
        sa.UniqueConstraint(
            "tenant_id", "item_id", "sequence", name=op.f("uq_receivables_payment_promise_tenant_id_item_id_sequence")
        ),
    )
    with op.batch_alter_table("receivables_payment_promise", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_payment_promise_tenant_id_customer_id"),
            ["tenant_id", "customer_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_payment_promise_tenant_id_item_id"),
            ["tenant_id", "item_id"],
            unique=True,
            sqlite_where=sa.text("standing"),
            postgresql_where=sa.text("standing"),
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_payment_promise_tenant_id_standing_state_until"),
            ["tenant_id", "standing", "state", "until"],
            unique=False,
        )

    op.create_tenant_table(
        "receivables_dunning_step",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("REMINDED", "PLACED", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("level_id", sa.Uuid(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers_customer.tenant_id", "customers_customer.id"],
            name=op.f("fk_receivables_dunning_step_tenant_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["receivables_item.tenant_id", "receivables_item.id"],
            name=op.f("fk_receivables_dunning_step_tenant_id_item_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "level_id"],
            ["receivables_dunning_level.tenant_id", "receivables_dunning_level.id"],
            name=op.f("fk_receivables_dunning_step_tenant_id_level_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "line_id"],
            ["receivables_dunning_line.tenant_id", "receivables_dunning_line.id"],
            name=op.f("fk_receivables_dunning_step_tenant_id_line_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "policy_id"],
            ["receivables_dunning_policy.tenant_id", "receivables_dunning_policy.id"],
            name=op.f("fk_receivables_dunning_step_tenant_id_policy_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receivables_dunning_step")),
        sa.UniqueConstraint(
            "tenant_id", "item_id", "sequence", name=op.f("uq_receivables_dunning_step_tenant_id_item_id_sequence")
        ),
        append_only=True,
    )
    with op.batch_alter_table("receivables_dunning_step", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_dunning_step_tenant_id_customer_id"), ["tenant_id", "customer_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_dunning_step_tenant_id_line_id"), ["tenant_id", "line_id"], unique=False
        )
