"""The tenant guard: no statement reaches the driver unless it provably stays within the session's tenant.

While SQLAlchemy compiles a statement, `GuardedCompiler` looks at each SELECT, UPDATE, DELETE and INSERT in it,
nested ones too, in the form that is emitted, after the ORM has added its criteria. Each tenant table or alias
must have a `tenant_id = :bind` of its own, ANDed. What it finds stays on the compiled object, which
SQLAlchemy caches, so an execution costs only the comparison of the bound values with the session's tenant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Connection, Engine, event
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter, Grouping, Label

from huikuan.db.errors import ReadOnlyError, TenantGuardError
from huikuan.db.predicates import (
    TENANT_ID,
    describe,
    is_tenant_table,
    needs_tenant,
    predicates,
    tenant_tables,
)
from huikuan.db.scope import Mode, Scope, scope_of

_PLAIN_LITERAL = re.compile(r"\*|\d+|\w+|'%'")  # the last is of startswith() and its like
_OPERATOR = re.compile(r"[^\w\s;'\"]{1,4}|\w+")
# They run SQL given as text, change the tenant setting or load code: no fence would hold behind them.
_FUNCTIONS = re.compile(r"set_config|load_extension|query_to_xml.*|cursor_to_xml.*|table_to_xml.*|dblink.*|pg_read.*")


@dataclass(slots=True)
class Findings:
    """What one compiled statement needs to be let through."""

    binds: list[BindParameter[Any]] = field(default_factory=list)
    """Each must carry the session's tenant at each execution."""
    refusals: list[str] = field(default_factory=list)
    writes: bool = False
    names: tuple[str, ...] | None = None
    """The binds' names in the parameters, known once compilation is over."""


class GuardedCompiler(SQLCompiler):
    """Records, statement by statement, how the tenant is pinned. Mixed into the dialect's own compiler."""

    @property
    def findings(self) -> Findings:
        return self.__dict__.setdefault("_findings", Findings())  # type: ignore[no-any-return]

    def _compose_select_body(
        self, text: Any, select: Any, compile_state: Any, columns: Any, froms: Any, *rest: Any
    ) -> str:
        self._require(froms, select._where_criteria, "SELECT")
        base: Any = super()
        return str(base._compose_select_body(text, select, compile_state, columns, froms, *rest))

    def update_post_criteria_clause(self, update_stmt: Any, **kw: Any) -> Any:
        self._require_write(update_stmt, "UPDATE")
        return super().update_post_criteria_clause(update_stmt, **kw)

    def delete_post_criteria_clause(self, delete_stmt: Any, **kw: Any) -> Any:
        self._require_write(delete_stmt, "DELETE")
        return super().delete_post_criteria_clause(delete_stmt, **kw)

    def visit_delete(self, delete_stmt: Any, visiting_cte: Any = None, **kw: Any) -> str:
        if visiting_cte is not None:
            self.findings.refusals.append(f"it deletes from {delete_stmt.table.name} within a CTE")
        text: str = super().visit_delete(delete_stmt, visiting_cte=visiting_cte, **kw)  # type: ignore[no-untyped-call]
        return text

    def visit_update(self, update_stmt: Any, visiting_cte: Any = None, **kw: Any) -> str:
        if visiting_cte is not None:  # the session would take it for a read: posted rows, audit and answers hang on it
            self.findings.refusals.append(f"it updates {update_stmt.table.name} within a CTE")
        text = super().visit_update(update_stmt, visiting_cte=visiting_cte, **kw)
        assigned = {getattr(key, "key", key) for key in (*(update_stmt._values or ()), *(self.column_keys or ()))}
        if TENANT_ID in assigned and needs_tenant(update_stmt.table):
            self.findings.refusals.append(f"an UPDATE sets {TENANT_ID} of {update_stmt.table.name}")
        return text

    def visit_insert(self, insert_stmt: Any, visited_bindparam: Any = None, visiting_cte: Any = None, **kw: Any) -> str:
        base: Any = super()
        text = base.visit_insert(insert_stmt, visited_bindparam=visited_bindparam, visiting_cte=visiting_cte, **kw)
        self.findings.writes = True
        if needs_tenant(insert_stmt.table):
            self._require_insert(insert_stmt, nested=visiting_cte is not None)
        return str(text)

    def visit_on_conflict_do_update(self, on_conflict: Any, **kw: Any) -> Any:
        assigned = {getattr(key, "key", key) for key in dict(on_conflict.update_values_to_set)}
        if TENANT_ID in assigned:
            self.findings.refusals.append(f"ON CONFLICT DO UPDATE sets {TENANT_ID}")
        base: Any = super()
        return base.visit_on_conflict_do_update(on_conflict, **kw)

    def visit_textclause(self, textclause: Any, *args: Any, **kw: Any) -> Any:
        self.findings.refusals.append(f"it contains text SQL: {textclause.text[:60]!r}")
        base: Any = super()
        return base.visit_textclause(textclause, *args, **kw)

    def visit_textual_select(self, taf: Any, *args: Any, **kw: Any) -> Any:
        self.findings.refusals.append("it selects from text SQL")
        base: Any = super()
        return base.visit_textual_select(taf, *args, **kw)

    def visit_column(self, column: Any, *args: Any, **kw: Any) -> Any:
        if column.is_literal and not _PLAIN_LITERAL.fullmatch(column.name):
            self.findings.refusals.append(f"it contains text SQL: {column.name[:60]!r}")
        return super().visit_column(column, *args, **kw)

    def visit_function(self, func: Any, *args: Any, **kw: Any) -> Any:
        if _FUNCTIONS.fullmatch(func.name.lower()):
            self.findings.refusals.append(f"it calls {func.name}()")
        base: Any = super()
        return base.visit_function(func, *args, **kw)

    def visit_custom_op_binary(self, element: Any, operator: Any, **kw: Any) -> Any:
        if not _OPERATOR.fullmatch(operator.opstring):
            self.findings.refusals.append(f"its operator {operator.opstring[:60]!r} is text SQL")
        base: Any = super()
        return base.visit_custom_op_binary(element, operator, **kw)

    def _require_write(self, statement: Any, verb: str) -> None:
        self.findings.writes = True
        self._require(self.stack[-1]["correlate_froms"], statement._where_criteria, verb)

    def _require(self, froms: Iterable[Any], criteria: Iterable[Any], verb: str) -> None:
        """Every tenant table among `froms` needs its own predicate, in WHERE or a JOIN that restricts it."""
        pinned = predicates(criteria)
        for source in froms:
            for table, binds in tenant_tables(source, pinned):
                if binds:
                    self.findings.binds.append(binds[0])
                else:
                    self.findings.refusals.append(
                        f"a {verb} reads {describe(table)} without its own {TENANT_ID} = :tenant"
                    )

    def _require_insert(self, statement: Any, nested: bool) -> None:
        name = statement.table.name
        if nested:
            self.findings.refusals.append(f"it inserts into {name} within a CTE")
        elif statement.select is not None and TENANT_ID in _names(statement):
            value = list(statement.select.selected_columns)[_names(statement).index(TENANT_ID)]
            self._require_selected(value, name)
        else:
            rows = getattr(self.dml_compile_state, "_multi_parameters", None)
            keys = [f"{TENANT_ID}_m{row}" for row in range(len(rows))] if rows else [TENANT_ID]
            found = [bind for key in keys if (bind := self.binds.get(key)) is not None and bind._is_crud]
            self.findings.binds.extend(found)
            if len(found) < len(keys):
                self.findings.refusals.append(f"an INSERT into {name} does not give {TENANT_ID} as a plain value")

    def _require_selected(self, value: Any, name: str) -> None:
        while isinstance(value, Label | Grouping):
            value = value.element
        if isinstance(value, BindParameter):
            self.findings.binds.append(value)
        elif not (isinstance(value, Column) and value.name == TENANT_ID and is_tenant_table(value.table)):
            # A tenant table's own column is safe: the SELECT that reads it is pinned to the tenant itself.
            self.findings.refusals.append(f"an INSERT into {name} computes {TENANT_ID}")


def install(engine: Engine) -> None:
    """Guards every transaction of the engine that carries a tenant's scope."""
    own = engine.dialect.statement_compiler
    engine.dialect.statement_compiler = type(f"Guarded{own.__name__}", (GuardedCompiler, own), {})
    event.listen(engine, "before_cursor_execute", _check)


def bound_tenants(compiled: GuardedCompiler) -> tuple[str, ...]:
    """The binds of a statement that only reads which must carry the tenant; a statement that leaks is refused."""
    findings = compiled.findings
    _finish(compiled, findings)
    if findings.refusals:
        raise _refused(findings)
    if findings.writes:
        raise ReadOnlyError("This session only reads: write in a command.")
    return findings.names or ()


def _check(conn: Connection, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool) -> None:
    scope = scope_of(conn)
    if scope is None or scope.mode is Mode.SYSTEM:
        return
    compiled = context.compiled if context is not None else None
    if not isinstance(compiled, GuardedCompiler):
        raise TenantGuardError(f"Only SQLAlchemy statements are let through, not text: {statement[:60]!r}.")
    findings = compiled.findings
    if findings.names is None:
        _finish(compiled, findings)
    if findings.refusals:
        raise _refused(findings)
    if findings.writes and scope.mode is Mode.READ:
        raise ReadOnlyError("This session only reads: write in a command.")
    if findings.names and not getattr(context, "_tenant_checked", False):
        _compare(findings.names, context.compiled_parameters, scope)
        context._tenant_checked = True  # once, though an INSERT of many rows arrives here batch by batch


def _refused(findings: Findings) -> TenantGuardError:
    return TenantGuardError(f"Statement refused: {findings.refusals[0]}. Select through the models, without text.")


def _finish(compiled: GuardedCompiler, findings: Findings) -> None:
    names = {compiled.bind_names.get(bind) for bind in findings.binds}
    if None in names:
        findings.refusals.append(f"a {TENANT_ID} predicate is not emitted with the statement")
    findings.names = tuple(name for name in names if name is not None)


def _compare(names: tuple[str, ...], rows: list[dict[str, Any]], scope: Scope) -> None:
    tenant_id = scope.tenant_id
    if tenant_id is None:
        raise TenantGuardError("This session has no tenant: it may not touch tenants' tables.")
    for row in rows:
        for name in names:
            if row[name] != tenant_id:
                raise TenantGuardError(f"{name} carries another tenant than the session's.")


def _names(statement: Any) -> list[str]:
    return [getattr(name, "key", name) for name in statement._select_names or ()]
