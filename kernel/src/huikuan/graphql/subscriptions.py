"""Subscriptions: the root type, the beginning of a stream, and the response to each of its values.

A stream is data: which events are followed, and what is shown of each. Whoever owns the connection reads
the feed and calls `execute_event`; nothing here waits, and nothing is kept between two values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from graphql import OperationDefinitionNode, OperationType
from graphql.error import located_error

from huikuan.errors import SetupError
from huikuan.graphql.decls import SubscriptionDecl
from huikuan.graphql.documents import Prepared
from huikuan.graphql.engine import EventField, Run, coerce_variables, plan_of
from huikuan.graphql.errors import ErrorLog, request_errors
from huikuan.graphql.execute import checked_cost, execute, prepare, run_prepared
from huikuan.graphql.inputs import argument, plain_arguments
from huikuan.graphql.nodes import shown_type
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
        prepared, operation = prepare(request, document, operation_name)
        if operation.operation is not OperationType.SUBSCRIPTION:
            return execute(request, document, variables, operation_name)
        return _open(request, prepared, operation, variables or {}, errors)
    except Exception as error:
        return {"errors": request_errors(error, errors)}
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
        prepared, operation = prepare(request, document, operation_name)
        return run_prepared(request, prepared, operation, variables or {}, errors, event=value).plain()
    except Exception as error:
        return {"errors": request_errors(error, errors)}


def _open(
    request: RequestScope,
    prepared: Prepared,
    operation: OperationDefinitionNode,
    given: Mapping[str, Any],
    errors: ErrorLog,
) -> Opened | dict[str, Any]:
    """Call the declared function; a failure is an error of the field, as the specification has it."""
    checked_cost(request, prepared, operation, given)
    variables = coerce_variables(request, operation, given)
    hide = not request.introspection
    plan = plan_of(request.schema, prepared, operation, variables, request.dialect, hide=hide)
    (field,) = plan.fields
    assert isinstance(field, EventField)
    try:
        return _called(field, Run(request, variables, given))
    except Exception as error:
        return {"errors": [errors.format(located_error(error, field.nodes, [field.key]))]}


def _called(field: EventField, run: Run) -> Opened:
    decl = field.decl
    arguments = plain_arguments(run.build, decl.arguments, field.arguments.given(run))
    run.require(decl.permission)
    values = run.request.resolve(decl.arguments, arguments)
    with run.calling(decl.module, decl.name):
        stream = decl.function(run.ctx, **values)
    if not isinstance(stream, Stream):
        raise SetupError(f"subscription {decl.name} of {decl.module} answered no Stream")
    return Opened(decl, stream)


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
        decl=decl,
    )
