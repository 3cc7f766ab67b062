"""pytest fixtures that come with the kernel, for its own tests and for those of every module."""

from huikuan.testing.databases import database_templates
from huikuan.testing.postgres import postgres_database, postgres_server

__all__ = ["database_templates", "postgres_database", "postgres_server"]
