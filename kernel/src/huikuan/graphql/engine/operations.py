"""Operations: their plans, kept with the document, and their execution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphql import FragmentDefinitionNode, OperationDefinitionNode
from graphql.execution.values import VariableValues, get_variable_values
from sqlalchemy import Dialect

from huikuan.graphql.documents import Prepared, RequestErrors
from huikuan.graphql.engine.fields import ObjectPlan
from huikuan.graphql.engine.groups import Group
from huikuan.graphql.engine.planner import Planner
from huikuan.graphql.engine.roots import RootPlanner
from huikuan.graphql.engine.run import Run
from huikuan.graphql.engine.selections import Selections, switches

if TYPE_CHECKING:
    from huikuan.graphql.schema import TenantSchema
    from huikuan.graphql.scope import RequestScope

__all__ = ["coerce_variables", "plan_of", "run_operation"]

MOST_PLANS = 8


def coerce_variables(
    request: RequestScope, operation: OperationDefinitionNode, given: Mapping[str, Any]
) -> VariableValues:
    """The values of an operation's variables, or RequestErrors."""
    found = get_variable_values(
        request.schema.core,
        operation.variable_definitions or (),
        dict(given),
        max_errors=request.limits.errors,
        hide_suggestions=not request.introspection,
    )
    if isinstance(found, list):
        raise RequestErrors("BAD_USER_INPUT", found)
    return found


def plan_of(
    schema: TenantSchema,
    prepared: Prepared,
    operation: OperationDefinitionNode,
    variables: VariableValues,
    dialect: Dialect,
    *,
    hide: bool,
) -> ObjectPlan:
    """The plan of an operation. Variables that switch parts of the document on and off make plans of their own."""
    if prepared.switches is None:
        prepared.switches = switches(prepared.document.definitions)
    switched = {name: variables.coerced.get(name) for name in prepared.switches}
    key = (operation.name.value if operation.name else None, dialect, hide, tuple(switched.values()))
    found: ObjectPlan | None = prepared.plans.get(key)
    if found is None:
        fragments = [item for item in prepared.document.definitions if isinstance(item, FragmentDefinitionNode)]
        selections = Selections({item.name.value: item for item in fragments}, switched)
        planner = Planner(schema, selections, dialect, hide=hide)
        found = RootPlanner(planner, fragments).plan(operation)
        if len(prepared.plans) >= MOST_PLANS:
            prepared.plans.clear()
        prepared.plans[key] = found
    return found


def run_operation(plan: ObjectPlan, run: Run) -> Any:
    """The data of the response; None where an error removed all of it."""
    objects, _ = plan.complete(run, Group(1, None))
    return objects[0]
