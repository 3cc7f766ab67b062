"""The session that modules get: one tenant, no transaction control, no text SQL."""

from __future__ import annotations

from typing import Any, Never
from uuid import UUID

from sqlalchemy import Connection, event, inspect
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, with_loader_criteria
from sqlalchemy.sql.elements import TextClause

from huikuan.db.base import TenantModel
from huikuan.db.errors import PostedImmutableError, ReadOnlyError, SessionUseError, TenantGuardError
from huikuan.db.flush_order import order_by_foreign_keys
from huikuan.db.frozen import refuse_frozen
from huikuan.db.lengths import check_lengths
from huikuan.db.scope import Mode, Scope

LOCKING = "huikuan_locking"
"""Execution option of the only place that may say FOR UPDATE, `huikuan.db.locks`."""


class GuardedSession(Session):
    """A session bound to one tenant for its whole life, so its identity map never serves another's rows."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        super().__init__(bind=connection, expire_on_commit=False)
        self.scope = scope
        self.info.update(tenant_id=scope.tenant_id, now=scope.now, read_only=scope.mode is Mode.READ)
        self.criteria = _criteria(scope.tenant_id) if scope.tenant_id is not None else None
        Session.begin(self)  # so that get_transaction() names the same one from now to the end

    def get(self, entity: Any, ident: Any, **kwargs: Any) -> Any:
        """As `Session.get`; of a tenant's model the bare id is enough."""
        if isinstance(ident, UUID) and isinstance(entity, type) and issubclass(entity, TenantModel):
            ident = (self.scope.tenant_id, ident)
        return super().get(entity, ident, **kwargs)

    def _refused(self, *_args: Any, **_kwargs: Any) -> Never:
        raise SessionUseError(
            "The kernel owns transaction and connection: a module may not begin, commit, roll back, close "
            "nor reach around the session. Use begin_nested() for a savepoint."
        )

    def begin(self, nested: bool = False) -> SessionTransaction:
        """Only nested: the transaction itself has begun."""
        return super().begin(nested=True) if nested else self._refused()

    commit = rollback = prepare = close = reset = invalidate = _refused
    connection = bulk_save_objects = bulk_insert_mappings = bulk_update_mappings = _refused


def end(session: GuardedSession) -> None:
    """Closes the session for the kernel; the transaction is ended by its owner."""
    Session.close(session)


def _criteria(tenant_id: UUID) -> Any:
    return with_loader_criteria(TenantModel, lambda cls: cls.tenant_id == tenant_id, include_aliases=True)


@event.listens_for(GuardedSession, "do_orm_execute")
def _filter_by_tenant(state: ORMExecuteState) -> None:
    session = state.session
    assert isinstance(session, GuardedSession)
    statement: Any = state.statement
    if isinstance(statement, TextClause):
        raise SessionUseError("Text SQL is refused: write select(Model.column) instead.")
    if getattr(statement, "_for_update_arg", None) is not None and not state.execution_options.get(LOCKING):
        raise SessionUseError("FOR UPDATE is refused: contribute the rows through the command's locks.")
    if statement.is_dml:
        _check_write(session, statement)
    # Loads of relationships and columns inherit the criteria of the statement they belong to.
    if session.criteria is not None and not (state.is_column_load or state.is_relationship_load or state.is_insert):
        state.statement = statement.options(session.criteria)


def _check_write(session: GuardedSession, statement: Any) -> None:
    if session.scope.mode is Mode.READ:
        raise ReadOnlyError("This session only reads: write in a command.")
    if not statement.is_insert and statement.table.info.get("frozen"):
        raise PostedImmutableError(f"{statement.table.name} holds posted documents: change its rows one by one.")


def _is_changed(instance: Any) -> bool:
    """Whether a column has another value than when it was read; setting the same value is no change."""
    state = inspect(instance)
    columns, values = state.mapper.columns, state.dict
    return any(
        key not in values or values[key] != before for key, before in state.committed_state.items() if key in columns
    )


@event.listens_for(GuardedSession, "before_flush")
def _check_flush(session: GuardedSession, flush: Any, _instances: Any) -> None:
    changed = [instance for instance in session.dirty if _is_changed(instance)]
    touched = [*session.new, *changed, *session.deleted]
    if not touched:
        return
    if session.scope.mode is Mode.READ:
        raise ReadOnlyError("This session only reads: write in a command.")
    for instance in (*session.new, *changed):
        check_lengths(instance)
    for instance in touched:
        if isinstance(instance, TenantModel) and instance.tenant_id not in (session.scope.tenant_id, None):
            raise TenantGuardError(f"{type(instance).__name__} belongs to another tenant than the session.")
    refuse_frozen(session, [*changed, *session.deleted])
    order_by_foreign_keys(session, flush)
