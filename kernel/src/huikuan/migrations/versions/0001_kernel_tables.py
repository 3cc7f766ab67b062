"""Kernel tables"""

# mypy: disable-error-code="attr-defined"

import sqlalchemy as sa
from alembic import op

from huikuan.db import types

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_tenant_table(
        "kernel_api_key",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("revoked_at", types.UtcDateTime(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_kernel_api_key")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_kernel_api_key_tenant_id_name")),
    )
    op.create_tenant_table(
        "kernel_audit_entry",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("module", sa.String(), nullable=False),
        sa.Column("command", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("subject_type", sa.String(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("input", types.Json(), nullable=True),
        sa.Column("changes", types.Json(), nullable=False),
        sa.Column("refusals", types.Json(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("previous_hash", sa.String(), nullable=True),
        sa.Column("hash", sa.String(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_kernel_audit_entry")),
        sa.UniqueConstraint("tenant_id", "position", name=op.f("uq_kernel_audit_entry_tenant_id_position")),
        append_only=True,
        sealed=("position", "previous_hash", "hash", "updated_at"),
    )
    with op.batch_alter_table("kernel_audit_entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_kernel_audit_entry_tenant_id_subject_id_id"),
            ["tenant_id", "subject_id", "id"],
            unique=False,
        )

    op.create_tenant_table(
        "kernel_counter",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series", sa.String(length=100), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_kernel_counter")),
        sa.UniqueConstraint("tenant_id", "series", name=op.f("uq_kernel_counter_tenant_id_series")),
    )
    op.create_tenant_table(
        "kernel_hold",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_type", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("command", sa.String(), nullable=False),
        sa.Column("arguments", types.Json(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("module", sa.String(), nullable=False),
        sa.Column("permission", sa.String(), nullable=False),
        sa.Column("evidence", types.Json(), nullable=False),
        sa.Column("pin", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "OPEN",
                "RELEASED",
                "REJECTED",
                "SUPERSEDED",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("expires_at", types.UtcDateTime(), nullable=True),
        sa.Column("placed_by", sa.Uuid(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", types.UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_kernel_hold")),
    )
    with op.batch_alter_table("kernel_hold", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_kernel_hold_tenant_id_status_id"), ["tenant_id", "status", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_kernel_hold_tenant_id_subject_id_code"),
            ["tenant_id", "subject_id", "code"],
            unique=False,
        )

    op.create_tenant_table(
        "kernel_idempotency_record",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("command", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column("outcome", types.Json(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_kernel_idempotency_record")),
        sa.UniqueConstraint(
            "tenant_id",
            "actor_id",
            "command",
            "key",
            name=op.f("uq_kernel_idempotency_record_tenant_id_actor_id_command_key"),
        ),
    )
    with op.batch_alter_table("kernel_idempotency_record", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_kernel_idempotency_record_tenant_id_created_at"),
            ["tenant_id", "created_at"],
            unique=False,
        )

    op.create_tenant_table(
        "kernel_job",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("arguments", types.Json(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "WAITING",
                "RUNNING",
                "DONE",
                "FAILED",
                "PARKED",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("due_at", types.UtcDateTime(), nullable=False),
        sa.Column("every_seconds", sa.Integer(), nullable=True),
        sa.Column("leased_until", types.UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("schedule", sa.String(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_kernel_job")),
        sa.UniqueConstraint("tenant_id", "schedule", name=op.f("uq_kernel_job_tenant_id_schedule")),
        system=True,
    )
    with op.batch_alter_table("kernel_job", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_kernel_job_tenant_id_state_due_at"), ["tenant_id", "state", "due_at"], unique=False
        )

    op.create_table(
        "kernel_login",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kernel_login")),
        sa.UniqueConstraint("email", name=op.f("uq_kernel_login_email")),
    )
    op.create_table(
        "kernel_operator",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kernel_operator")),
        sa.UniqueConstraint("email", name=op.f("uq_kernel_operator_email")),
    )
    op.create_tenant_table(
        "kernel_outbox_event",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("module", sa.String(), nullable=False),
        sa.Column("aggregate", sa.String(), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.Column("payload", types.Json(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_kernel_outbox_event")),
        sa.UniqueConstraint(
            "tenant_id",
            "aggregate_id",
            "sequence",
            name=op.f("uq_kernel_outbox_event_tenant_id_aggregate_id_sequence"),
        ),
        sa.UniqueConstraint("tenant_id", "position", name=op.f("uq_kernel_outbox_event_tenant_id_position")),
        system=True,
    )
    op.create_table(
        "kernel_refresh_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("family", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", types.UtcDateTime(), nullable=False),
        sa.Column("used_at", types.UtcDateTime(), nullable=True),
        sa.Column("revoked_at", types.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kernel_refresh_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_kernel_refresh_token_token_hash")),
    )
    with op.batch_alter_table("kernel_refresh_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kernel_refresh_token_family"), ["family"], unique=False)

    op.create_tenant_table(
        "kernel_relay",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("leased_until", types.UtcDateTime(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_kernel_relay")),
        system=True,
    )
    with op.batch_alter_table("kernel_relay", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_kernel_relay_tenant_id_leased_until"), ["tenant_id", "leased_until"], unique=False
        )

    op.create_tenant_table(
        "kernel_role",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("module", sa.String(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_kernel_role")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_kernel_role_tenant_id_name")),
    )
    op.create_table(
        "kernel_tenant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("ACTIVE", "SUSPENDED", name="status", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("module_epoch", sa.Integer(), nullable=False),
        sa.Column("rights_epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kernel_tenant")),
        sa.UniqueConstraint("slug", name=op.f("uq_kernel_tenant_slug")),
    )
    op.create_tenant_table(
        "kernel_tenant_module",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("module", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "ENABLING",
                "ENABLED",
                "DISABLED",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("changed_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_kernel_tenant_module")),
        sa.UniqueConstraint("tenant_id", "module", name=op.f("uq_kernel_tenant_module_tenant_id_module")),
    )
    op.create_tenant_table(
        "kernel_tenant_setting",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", types.Json(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_kernel_tenant_setting")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_kernel_tenant_setting_tenant_id_key")),
    )
    op.create_tenant_table(
        "kernel_user",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_kernel_user")),
        sa.UniqueConstraint("tenant_id", "email", name=op.f("uq_kernel_user_tenant_id_email")),
        sa.UniqueConstraint("tenant_id", "login_id", name=op.f("uq_kernel_user_tenant_id_login_id")),
    )
    op.create_table(
        "kernel_api_key_entry",
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("api_key_id", sa.Uuid(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["kernel_tenant.id"], name=op.f("fk_kernel_api_key_entry_tenant_id")),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_kernel_api_key_entry")),
    )
    op.create_tenant_table(
        "kernel_api_key_role",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("api_key_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "api_key_id"],
            ["kernel_api_key.tenant_id", "kernel_api_key.id"],
            name=op.f("fk_kernel_api_key_role_tenant_id_api_key_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "role_id"],
            ["kernel_role.tenant_id", "kernel_role.id"],
            name=op.f("fk_kernel_api_key_role_tenant_id_role_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_kernel_api_key_role")),
        sa.UniqueConstraint(
            "tenant_id",
            "api_key_id",
            "role_id",
            name=op.f("uq_kernel_api_key_role_tenant_id_api_key_id_role_id"),
        ),
    )
    with op.batch_alter_table("kernel_api_key_role", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_kernel_api_key_role_tenant_id_api_key_id"),
            ["tenant_id", "api_key_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_kernel_api_key_role_tenant_id_role_id"), ["tenant_id", "role_id"], unique=False
        )

    op.create_tenant_table(
        "kernel_delivery",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "PENDING",
                "DONE",
                "DEAD",
                "PARKED",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", types.UtcDateTime(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "event_id"],
            ["kernel_outbox_event.tenant_id", "kernel_outbox_event.id"],
            name=op.f("fk_kernel_delivery_tenant_id_event_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_kernel_delivery")),
        sa.UniqueConstraint(
            "tenant_id", "consumer", "event_id", name=op.f("uq_kernel_delivery_tenant_id_consumer_event_id")
        ),
        system=True,
    )
    with op.batch_alter_table("kernel_delivery", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_kernel_delivery_tenant_id_event_id"), ["tenant_id", "event_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_kernel_delivery_tenant_id_state_next_at"),
            ["tenant_id", "state", "next_at"],
            unique=False,
        )

    op.create_table(
        "kernel_membership",
        sa.Column("login_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["login_id"], ["kernel_login.id"], name=op.f("fk_kernel_membership_login_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["kernel_tenant.id"], name=op.f("fk_kernel_membership_tenant_id")),
        sa.PrimaryKeyConstraint("login_id", "tenant_id", name=op.f("pk_kernel_membership")),
    )
    op.create_tenant_table(
        "kernel_role_permission",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("permission", sa.String(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "role_id"],
            ["kernel_role.tenant_id", "kernel_role.id"],
            name=op.f("fk_kernel_role_permission_tenant_id_role_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_kernel_role_permission")),
        sa.UniqueConstraint(
            "tenant_id",
            "role_id",
            "permission",
            name=op.f("uq_kernel_role_permission_tenant_id_role_id_permission"),
        ),
    )
    with op.batch_alter_table("kernel_role_permission", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_kernel_role_permission_tenant_id_role_id"), ["tenant_id", "role_id"], unique=False
        )

    op.create_tenant_table(
        "kernel_user_role",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "role_id"],
            ["kernel_role.tenant_id", "kernel_role.id"],
            name=op.f("fk_kernel_user_role_tenant_id_role_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["kernel_user.tenant_id", "kernel_user.id"],
            name=op.f("fk_kernel_user_role_tenant_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_kernel_user_role")),
        sa.UniqueConstraint(
            "tenant_id", "user_id", "role_id", name=op.f("uq_kernel_user_role_tenant_id_user_id_role_id")
        ),
    )
    with op.batch_alter_table("kernel_user_role", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_kernel_user_role_tenant_id_role_id"), ["tenant_id", "role_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_kernel_user_role_tenant_id_user_id"), ["tenant_id", "user_id"], unique=False
        )
