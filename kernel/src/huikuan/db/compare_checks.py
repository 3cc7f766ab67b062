"""Finds CHECK constraints whose text has changed: a new state of an enum, a tighter rule.

Alembic compares them by name at most, so a state that was added to a model would be refused by every database
that was not made afresh.
"""

from __future__ import annotations

import re
from typing import Any

from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from alembic.runtime.plugins import Plugin
from alembic.util import PriorityDispatchResult
from sqlalchemy import CheckConstraint, Table
from sqlalchemy.sql.elements import conv

__all__ = ["PLUGIN"]

PLUGIN = "huikuan.check_constraints"


def _compare(
    context: AutogenContext,
    changes: ops.ModifyTableOps,
    schema: str | None,
    name: str,
    stored: Table | None,
    declared: Table | None,
) -> PriorityDispatchResult:
    if stored is None or declared is None or context.inspector is None:
        return PriorityDispatchResult.CONTINUE
    found = context.inspector.get_check_constraints(name, schema=schema)
    before = {str(check["name"]): check["sqltext"] for check in found if check["name"]}
    after = dict(_text(check, context) for check in declared.constraints if isinstance(check, CheckConstraint))
    for key in sorted(before.keys() | after.keys()):
        if _plain(before.get(key)) == _plain(after.get(key)):
            continue
        if key in before:
            old = CheckConstraint(before[key], name=conv(key), table=stored)
            changes.ops.append(ops.DropConstraintOp.from_constraint(old))
        if key in after:
            changes.ops.append(ops.CreateCheckConstraintOp(conv(key), name, after[key], schema=schema))
    return PriorityDispatchResult.CONTINUE


def _text(check: CheckConstraint, context: AutogenContext) -> tuple[str, str]:
    dialect: Any = context.dialect
    compiler = dialect.ddl_compiler(dialect, None).sql_compiler
    rendered = compiler.process(check.sqltext, include_table=False, literal_binds=True)
    return str(dialect.identifier_preparer.format_constraint(check)), str(rendered)


def _plain(text: str | None) -> str | None:
    return None if text is None else re.sub(r'\s+|"', "", text)


Plugin(PLUGIN).add_autogenerate_comparator(_compare, "table", "check_constraints")
