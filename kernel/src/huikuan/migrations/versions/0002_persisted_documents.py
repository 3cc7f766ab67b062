"""persisted documents"""

# mypy: disable-error-code="attr-defined"

import sqlalchemy as sa
from alembic import op

from huikuan.db import types

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_tenant_table(
        "kernel_persisted_document",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_kernel_persisted_document")),
        sa.UniqueConstraint("tenant_id", "sha256", name=op.f("uq_kernel_persisted_document_tenant_id_sha256")),
    )
