"""execute(): one operation on one request scope, from its text to the response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError, OperationDefinitionNode, OperationType
from graphql.execution import execute_sync

from huikuan.errors import HuikuanError, LimitExceeded
from huikuan.graphql.documents import Prepared, RequestErrors, cost
from huikuan.graphql.errors import ErrorLog, request_error
from huikuan.graphql.execution import Execution
from huikuan.graphql.limits import root_keys
from huikuan.graphql.scope import RequestScope

__all__ = ["MutationByGet", "execute"]


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
    """The response to one operation. A response without ``data`` was not executed at all."""
    errors = ErrorLog(request.scope.request_id, operation_name)
    try:
        prepared, operation, cells = _prepare(request, document, variables or {}, operation_name, allow_mutation)
    except Exception as error:
        return request_error(error, errors)
    try:
        return _run(request, prepared, operation, variables or {}, cells, errors)
    except Exception as error:
        return request_error(error, errors)
    finally:
        request.close()


def _prepare(
    request: RequestScope, document: str, variables: Mapping[str, Any], name: str | None, allow_mutation: bool
) -> tuple[Prepared, OperationDefinitionNode, int]:
    schema, limits = request.schema, request.limits
    prepared = schema.documents.prepare(schema.core, document, limits, introspection=request.introspection)
    operation = prepared.operation(name)
    if operation.operation is not OperationType.QUERY and not allow_mutation:
        raise MutationByGet("A GET request reads only; send this by POST.")
    if operation.operation is OperationType.SUBSCRIPTION:
        raise RequestErrors("BAD_USER_INPUT", [GraphQLError("Subscriptions need a WebSocket.")])
    cells = cost(schema.core, prepared, operation, variables)
    if cells > limits.cost:
        raise LimitExceeded(
            f"This may return {cells:,} cells; the limit is {limits.cost:,}. Ask for smaller pages or fewer fields.",
            limit=limits.cost,
            cost=cells,
        )
    return prepared, operation, cells


def _run(
    request: RequestScope,
    prepared: Prepared,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    cells: int,
    errors: ErrorLog,
) -> dict[str, Any]:
    if operation.operation is OperationType.MUTATION and len(root_keys(prepared.document, operation)) > 1:
        request.idempotency_key = None  # one key cannot stand for several commands
    execution = Execution(request.schema.build, request)
    result = execute_sync(
        request.schema.core,
        prepared.document,
        context_value=execution,
        variable_values=dict(variables),
        operation_name=operation.name.value if operation.name else None,
        hide_suggestions=not request.introspection,
        max_coercion_errors=request.limits.errors,
    )
    response: dict[str, Any] = {}
    if result.errors:
        response["errors"] = [errors.format(error) for error in result.errors]
    if result.data is not None or any(error.path is not None for error in result.errors or ()):
        response["data"] = result.data
    response["extensions"] = {"cost": cells}
    if execution.replayed:
        response["extensions"]["idempotency"] = {"replayed": execution.replayed}
    return response
