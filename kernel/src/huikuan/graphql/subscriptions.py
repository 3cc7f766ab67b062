"""Subscriptions: the root type, the beginning of a stream, and the response to each of its values.

A stream is data: which events are followed, and what is shown of each. Whoever owns the connection reads
the feed and calls `execute_event`; nothing here waits, and nothing is kept between two values.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Never, cast

from graphql import ExecutionResult, Executor, OperationDefinitionNode, OperationType, create_source_event_stream
from graphql.execution import execute_sync
from strawberry.schema.schema_converter import GraphQLCoreConverter

from huikuan.errors import LimitExceeded, SetupError
from huikuan.graphql.decls import SubscriptionDecl
from huikuan.graphql.documents import Prepared, cost
from huikuan.graphql.errors import ErrorLog, request_error
from huikuan.graphql.execute import execute
from huikuan.graphql.execution import Execution
from huikuan.graphql.inputs import argument
from huikuan.graphql.nodes import preparer, shown_type
from huikuan.graphql.scope import RequestScope
from huikuan.graphql.strawberry_types import Field, make_type
from huikuan.graphql.streams import Stream

if TYPE_CHECKING:
    from huikuan.graphql.build import Build

__all__ = ["Opened", "begin", "execute_event", "subscription_type"]


@dataclass(frozen=True, slots=True)
class Opened:
    """A subscription that was accepted: its declaration, and what it follows."""

    decl: SubscriptionDecl
    stream: Stream[Any]


def begin(
    request: RequestScope,
    document: str,
    variables: Mapping[str, Any] | None = None,
    operation_name: str | None = None,
) -> Opened | dict[str, Any]:
    """Begin one operation of any kind: a query or mutation is executed and answered, a subscription is opened.

    A response without ``data`` was not executed at all; a subscription that is refused gets one of these.
    """
    errors = ErrorLog(request.scope.request_id, operation_name)
    try:
        prepared, operation = _prepare(request, document, operation_name)
        if operation.operation is not OperationType.SUBSCRIPTION:
            return execute(request, document, variables, operation_name)
        return _open(request, prepared, operation, variables or {}, errors)
    except Exception as error:
        return request_error(error, errors)
    finally:
        request.close()


def execute_event(
    request: RequestScope, document: str, variables: Mapping[str, Any] | None, operation_name: str | None, value: Any
) -> dict[str, Any]:
    """The response to one value of a subscription's stream.

    The snapshot stays open, so that several values are read from one: whoever made the request closes it.
    """
    errors = ErrorLog(request.scope.request_id, operation_name)
    try:
        prepared, operation = _prepare(request, document, operation_name)
        result = execute_sync(
            request.schema.core,
            prepared.document,
            root_value=_Happened(value),
            context_value=Execution(request.schema.build, request),
            variable_values=dict(variables or {}),
            operation_name=operation.name.value if operation.name else None,
            hide_suggestions=not request.introspection,
            max_coercion_errors=request.limits.errors,
        )
    except Exception as error:
        return request_error(error, errors)
    response: dict[str, Any] = {}
    if result.errors:
        response["errors"] = [errors.format(error) for error in result.errors]
    return {**response, "data": result.data}


def _prepare(
    request: RequestScope, document: str, operation_name: str | None
) -> tuple[Prepared, OperationDefinitionNode]:
    schema = request.schema
    prepared = schema.documents.prepare(schema.core, document, request.limits, introspection=request.introspection)
    return prepared, prepared.operation(operation_name)


def _open(
    request: RequestScope,
    prepared: Prepared,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    errors: ErrorLog,
) -> Opened | dict[str, Any]:
    schema, limits = request.schema, request.limits
    cells = cost(schema.core, prepared, operation, variables)
    if cells > limits.cost:
        raise LimitExceeded(
            f"Each event may return {cells:,} cells; the limit is {limits.cost:,}. Ask for fewer fields.",
            limit=limits.cost,
            cost=cells,
        )
    executor = Executor.build(
        schema.core,
        prepared.document,
        context_value=Execution(schema.build, request),
        raw_variable_values=dict(variables),
        operation_name=operation.name.value if operation.name else None,
        subscribe_field_resolver=_subscribe,
        max_coercion_errors=limits.errors,
        hide_suggestions=not request.introspection,
    )
    if isinstance(executor, list):
        return {"errors": [errors.format(error) for error in executor]}
    found = cast("_Source | ExecutionResult", create_source_event_stream(executor))
    if isinstance(found, ExecutionResult):
        return {"errors": [errors.format(error) for error in found.errors or ()]}
    return found.opened


# --- schema --------------------------------------------------------------------------------------


@cache
def subscription_type() -> type[Any]:
    """``Subscription``."""

    def fields(build: Build) -> list[Field]:
        return sorted((_field(build, decl) for decl in build.subscriptions), key=lambda field: str(field.graphql_name))

    return make_type("Subscription", "Everything that can be followed as it happens, over a WebSocket.", fields)


def _field(build: Build, decl: SubscriptionDecl) -> Field:
    where = f"subscription {decl.name} ({decl.function.__module__})"
    return Field(
        decl.name,
        shown_type(build, decl.type, where),
        decl.description,
        arguments=[argument(build, item, where) for item in decl.arguments],
        resolve=_resolver(decl, where),
        decl=decl,
    )


class _Happened:
    """The root value while one value of a stream is shown."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def _resolver(decl: SubscriptionDecl, where: str) -> Callable[..., Any]:
    def resolve(source: _Happened, info: Any, **given: Any) -> Any:
        execution: Execution = info.context
        execution.require(decl.permission)
        return execution.wrap(decl.type, [source.value], where)[0]

    return resolve


class _Source:
    """Carries a stream through graphql-core, which wants to be given something that could be iterated."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened

    def __aiter__(self) -> AsyncIterator[Never]:
        raise TypeError("a stream is followed by whoever owns the connection")


def _subscribe(_source: Any, info: Any, **given: Any) -> _Source:
    """Call the declared function, as the field's event stream is resolved."""
    field = info.parent_type.fields[info.field_name]
    decl: SubscriptionDecl = field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF].decl
    execution: Execution = info.context
    execution.require(decl.permission)
    arguments = preparer(decl.arguments)(execution, given)
    with execution.calling(decl.module, decl.name):
        stream = decl.function(execution.ctx, **arguments)
    if not isinstance(stream, Stream):
        raise SetupError(f"subscription {decl.name} of {decl.module} answered no Stream")
    return _Source(Opened(decl, stream))
