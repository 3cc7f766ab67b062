"""Alembic's environment for the kernel and every module; `huikuan.db.migrate` says what to run on what."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    **context.config.attributes["options"],
)
with context.begin_transaction():
    context.run_migrations()
