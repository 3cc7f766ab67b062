"""returns and refunds of the bank"""

# mypy: disable-error-code="attr-defined"

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    with op.batch_alter_table("receivables_bank_match", schema=None) as batch_op:
        # What was matched before was money that came.
        batch_op.add_column(sa.Column("kind", sa.String(length=40), nullable=False, server_default="PAYMENT"))
        batch_op.add_column(sa.Column("refund_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("bounce_id", sa.Uuid(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_receivables_bank_match_tenant_id_payment_id_kind"),
            ["tenant_id", "payment_id", "kind"],
            unique=True,
            sqlite_where=sa.text("status = 'POSTED'"),
            postgresql_where=sa.text("status = 'POSTED'"),
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_bank_match_tenant_id_refund_id"),
            ["tenant_id", "refund_id"],
            unique=True,
            sqlite_where=sa.text("status = 'POSTED'"),
            postgresql_where=sa.text("status = 'POSTED'"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_receivables_bank_match_tenant_id_refund_id"),
            "receivables_refund",
            ["tenant_id", "refund_id"],
            ["tenant_id", "id"],
            ondelete="RESTRICT",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_receivables_bank_match_tenant_id_bounce_id"),
            "receivables_entry",
            ["tenant_id", "bounce_id"],
            ["tenant_id", "id"],
            ondelete="RESTRICT",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_receivables_bank_match_bounce"),
            "bounce_id IS NULL OR (kind = 'RETURN' AND status IN ('POSTED', 'UNDONE'))",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_receivables_bank_match_kind"), "kind IN ('PAYMENT', 'RETURN', 'REFUND')"
        )
        batch_op.drop_constraint(batch_op.f("ck_receivables_bank_match_payment"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_receivables_bank_match_payment"),
            "(payment_id IS NULL) = (kind = 'REFUND' OR (kind = 'PAYMENT' AND status NOT IN ('POSTED', 'UNDONE')))",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_receivables_bank_match_refund"), "(refund_id IS NULL) = (kind <> 'REFUND')"
        )

    with op.batch_alter_table("receivables_bank_match", schema=None) as batch_op:
        batch_op.alter_column("kind", server_default=None)

    with op.batch_alter_table("receivables_bank_match_part", schema=None) as batch_op:
        batch_op.add_column(sa.Column("allocation_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_receivables_bank_match_part_tenant_id_allocation_id"),
            "receivables_allocation",
            ["tenant_id", "allocation_id"],
            ["tenant_id", "id"],
            ondelete="RESTRICT",
        )

    with op.batch_alter_table("receivables_payment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_payment_tenant_id_amount_amount_received_on"),
            ["tenant_id", "amount_amount", "received_on"],
            unique=False,
        )

    with op.batch_alter_table("receivables_refund", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_refund_tenant_id_amount_amount_on"),
            ["tenant_id", "amount_amount", "on"],
            unique=False,
        )
