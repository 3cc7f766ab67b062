"""refused invoices of instalments"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("contracts_contract_instalment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("refused_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("refused_code", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("refused_because", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("refused_pin", sa.String(length=200), nullable=True))
