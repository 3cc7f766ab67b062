"""The session that modules get: one tenant, no transaction control, no text SQL."""

from __future__ import annotations

from typing import Any, Never
from uuid import UUID

from sqlalchemy import Connection, event
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.sql.elements import TextClause

from huikuan.db.base import TenantModel
from huikuan.db.errors import ReadOnlyError, SessionUseError, TenantGuardError
from huikuan.db.scope import Mode, Scope


class GuardedSession(Session):
    """A session bound to one tenant for its whole life, so its identity map never serves another's rows."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        super().__init__(bind=connection, expire_on_commit=False)
        self.scope = scope
        self.info.update(tenant_id=scope.tenant_id, now=scope.now, read_only=scope.mode is Mode.READ)

    def get(self, entity: Any, ident: Any, **kwargs: Any) -> Any:
        """As `Session.get`; of a tenant's model the bare id is enough."""
        if isinstance(ident, UUID) and isinstance(entity, type) and issubclass(entity, TenantModel):
            ident = (self.scope.tenant_id, ident)
        return super().get(entity, ident, **kwargs)

    def execute(self, statement: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(statement, TextClause | str):
            raise SessionUseError("Text SQL is refused: write select(Model.column) instead.")
        return super().execute(statement, *args, **kwargs)

    def _refused(self, *_args: Any, **_kwargs: Any) -> Never:
        raise SessionUseError(
            "The kernel owns the transaction and the connection: a module may neither begin, commit, roll back, close "
            "nor reach around the session. Use begin_nested() for a savepoint."
        )

    begin = commit = rollback = prepare = close = reset = invalidate = _refused  # type: ignore[assignment]
    connection = bulk_save_objects = bulk_insert_mappings = bulk_update_mappings = _refused  # type: ignore[assignment]


def end(session: GuardedSession) -> None:
    """Closes the session for the kernel; the transaction is ended by its owner."""
    Session.close(session)


@event.listens_for(GuardedSession, "do_orm_execute")
def _filter_by_tenant(state: ORMExecuteState) -> None:
    session = state.session
    assert isinstance(session, GuardedSession)
    if session.scope.mode is Mode.READ and not (state.is_select or state.is_from_statement):
        raise ReadOnlyError("This session only reads: write in a command.")
    if session.scope.tenant_id is None or state.is_column_load or state.is_relationship_load:
        return
    tenant_id = session.scope.tenant_id
    if state.is_select or state.is_update or state.is_delete:
        state.statement = state.statement.options(
            with_loader_criteria(TenantModel, lambda cls: cls.tenant_id == tenant_id, include_aliases=True)
        )


@event.listens_for(GuardedSession, "before_flush")
def _check_tenant(session: GuardedSession, _context: Any, _instances: Any) -> None:
    if session.scope.mode is Mode.READ and (session.new or session.deleted or session.dirty):
        raise ReadOnlyError("This session only reads: write in a command.")
    tenant_id = session.scope.tenant_id
    for instance in (*session.new, *session.dirty, *session.deleted):
        if isinstance(instance, TenantModel) and instance.tenant_id not in (tenant_id, None):
            raise TenantGuardError(f"{type(instance).__name__} belongs to another tenant than the session.")
