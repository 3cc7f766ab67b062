"""execute(): one operation on one request scope, from its text to the response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError, OperationDefinitionNode, OperationType

from huikuan.errors import HuikuanError, LimitExceeded
from huikuan.graphql.documents import Prepared, RequestErrors, cost
from huikuan.graphql.engine import Run, coerce_variables, plan_of, run_operation
from huikuan.graphql.errors import ErrorLog, request_errors
from huikuan.graphql.response import Response
from huikuan.graphql.scope import RequestScope

__all__ = ["MutationByGet", "checked_cost", "execute", "prepare", "respond", "run_prepared"]


class MutationByGet(HuikuanError):
    """A GET request carries an operation that is no query."""

    code = "METHOD_NOT_ALLOWED"


def execute(
    request: RequestScope,
    document: str,
    variables: Mapping[str, Any] | None = None,
    operation_name: str | None = None,
    *,
    allow_mutation: bool = True,
) -> dict[str, Any]:
    """The response to one operation, as a client reads it. One without ``data`` was not executed at all."""
    return respond(request, document, variables, operation_name, allow_mutation=allow_mutation).plain()


def respond(
    request: RequestScope,
    document: str,
    variables: Mapping[str, Any] | None = None,
    operation_name: str | None = None,
    *,
    allow_mutation: bool = True,
) -> Response:
    """The response to one operation, to be written."""
    errors = ErrorLog(request.scope.request_id, operation_name)
    try:
        prepared, operation = prepare(request, document, operation_name)
        if operation.operation is not OperationType.QUERY and not allow_mutation:
            raise MutationByGet("A GET request reads only; send this by POST.")
        if operation.operation is OperationType.SUBSCRIPTION:
            raise RequestErrors("BAD_USER_INPUT", [GraphQLError("Subscriptions need a WebSocket.")])
        cells = checked_cost(request, prepared, operation, variables or {})
        return run_prepared(request, prepared, operation, variables or {}, errors, extensions={"cost": cells})
    except Exception as error:
        return Response(request_errors(error, errors))
    finally:
        request.close()


def prepare(
    request: RequestScope, document: str, operation_name: str | None
) -> tuple[Prepared, OperationDefinitionNode]:
    """A document that may be executed, and which of its operations is meant."""
    schema = request.schema
    prepared = schema.documents.prepare(schema.core, document, request.limits, introspection=request.introspection)
    return prepared, prepared.operation(operation_name)


def checked_cost(
    request: RequestScope, prepared: Prepared, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> int:
    """What the operation may cost, if that is not too much."""
    cells, limit = cost(request.schema.core, prepared, operation, variables), request.limits.cost
    if cells > limit:
        text = f"This may return {cells:,} cells; the limit is {limit:,}. Ask for smaller pages or fewer fields."
        raise LimitExceeded(text, limit=limit, cost=cells)
    return cells


def run_prepared(
    request: RequestScope,
    prepared: Prepared,
    operation: OperationDefinitionNode,
    given: Mapping[str, Any],
    errors: ErrorLog,
    *,
    event: Any = None,
    extensions: Mapping[str, Any] | None = None,
) -> Response:
    """Execute an operation; ``event`` is what a subscription shows."""
    hide = not request.introspection
    variables = coerce_variables(request, operation, given)
    plan = plan_of(request.schema, prepared, operation, variables, request.dialect, hide=hide)
    if operation.operation is OperationType.MUTATION and len(plan.fields) > 1:
        request.idempotency_key = None  # one key cannot stand for several commands
    run = Run(request, variables, given, event)
    data = run_operation(plan, run)
    found = dict(extensions or {})
    if run.replayed:
        found["idempotency"] = {"replayed": run.replayed}
    failed = [errors.format(error) for error in run.failures.errors()]
    return Response(failed, executed=True, data=data, extensions=found)
