"""indexes of aging"""

# mypy: disable-error-code="attr-defined"

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("receivables_item_balance", schema=None) as batch_op:
        batch_op.drop_index(
            batch_op.f("ix_receivables_item_balance_tenant_id_customer_id_due_on"), sqlite_where=sa.text("open <> 0")
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_item_balance_tenant_id_customer_id_due_on_currency_open"),
            ["tenant_id", "customer_id", "due_on", "currency", "open"],
            unique=False,
            sqlite_where=sa.text("open <> 0"),
            postgresql_where=sa.text("open <> 0"),
        )

    with op.batch_alter_table("receivables_posting", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receivables_posting_tenant_id_account_due_on_item_id"),
            ["tenant_id", "account", "due_on", "item_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_receivables_posting_tenant_id_account_on_customer_id_currency_due_on_amount"),
            ["tenant_id", "account", "on", "customer_id", "currency", "due_on", "amount"],
            unique=False,
        )
