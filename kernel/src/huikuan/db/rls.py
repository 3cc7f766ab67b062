"""Row-level security: the fence in PostgreSQL that holds when code forgets the tenant.

Most functions return the statements that a migration runs for a table; SQLite has no such fence.
What a table needs is said in its model, in ``__table_args__ = (…, {"info": {…}})``:

- ``system``: the kernel works on it across tenants (outbox, jobs)
- ``append_only``: rows are only ever added; ``sealed`` names columns that the kernel fills in later
- ``draft_when``: SQL condition on a row that may still change, such as ``"state = 'DRAFT'"``
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Table, text

from huikuan.db.admin import quote
from huikuan.db.roles import Roles

__all__ = ["Fence", "posted_documents_frozen", "tenant_fence", "unfenced_tables"]

# Unset or empty means no tenant: no row matches, nothing can be written.
TENANT = "nullif(current_setting('app.tenant', true), '')::uuid"

_UNFENCED = """
SELECT c.relname FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND NOT (c.relname = ANY(:without))
AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
    SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant' AND p.polcmd = '*'
    AND p.polqual IS NOT NULL AND p.polwithcheck IS NOT NULL))
ORDER BY c.relname
"""


@dataclass(frozen=True, slots=True)
class Fence:
    """What a tenant's table allows beside the tenant's own reading and writing."""

    system: bool = False
    append_only: bool = False
    sealed: tuple[str, ...] = ()
    draft_when: str | None = None

    @classmethod
    def of(cls, table: Table) -> Fence:
        """The fence that a model declares."""
        info = table.info
        return cls(
            system=bool(info.get("system")),
            append_only=bool(info.get("append_only")),
            sealed=tuple(info.get("sealed", ())),
            draft_when=info.get("draft_when"),
        )


def tenant_fence(table: str, fence: Fence, roles: Roles) -> list[str]:
    """Statements that close `table` for everybody but the tenant of the transaction."""
    name, match = quote(table), f"tenant_id = {TENANT}"
    statements = [
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant ON {name} USING ({match}) WITH CHECK ({match})",
    ]
    if fence.system:
        statements.append(f"CREATE POLICY system ON {name} TO {quote(roles.system)} USING (true) WITH CHECK (true)")
    if fence.append_only:
        statements += append_only(table, fence.sealed, roles)
    if fence.draft_when:
        statements += posted_documents_frozen(table, fence.draft_when)
    return statements


def posted_documents_frozen(table: str, draft_when: str) -> list[str]:
    """Statements that keep every row for which `draft_when` is false from being changed or deleted.

    Such an UPDATE or DELETE touches no row, and FOR UPDATE does not see the row: lock something else.
    """
    table = quote(table)
    # Without its own WITH CHECK the condition would hold for the new row too, and nothing could be posted.
    return [
        f"CREATE POLICY posted_update ON {table} AS RESTRICTIVE FOR UPDATE USING ({draft_when}) WITH CHECK (true)",
        f"CREATE POLICY posted_delete ON {table} AS RESTRICTIVE FOR DELETE USING ({draft_when})",
    ]


def append_only(table: str, sealed: Sequence[str], roles: Roles) -> list[str]:
    """Statements that leave INSERT and SELECT; the system role may also fill in the `sealed` columns."""
    name, system = quote(table), quote(roles.system)
    statements = [f"REVOKE UPDATE, DELETE, TRUNCATE ON {name} FROM {quote(roles.app)}, {system}"]
    if sealed:
        statements.append(f"GRANT UPDATE ({', '.join(map(quote, sealed))}) ON {name} TO {system}")
    return statements


def across_tenants(table: str, *, allowed: bool) -> str:
    """Statement that lets the owner of `table`, and nobody else, see all tenants' rows, or no longer."""
    return f"ALTER TABLE {quote(table)} {'NO FORCE' if allowed else 'FORCE'} ROW LEVEL SECURITY"


def unfenced_tables(connection: Connection, without_tenant: Collection[str] = ()) -> list[str]:
    """Tables with a tenant_id that lack the fence, read from PostgreSQL's catalogue, whoever made them."""
    rows = connection.execute(text(_UNFENCED), {"without": list(without_tenant)})
    return [row.relname for row in rows]
