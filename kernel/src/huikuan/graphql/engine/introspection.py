"""Introspection: asked of graphql-core's own executor, which knows the schema; nothing here is worth being fast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
)
from graphql.execution import execute_sync

if TYPE_CHECKING:
    from huikuan.graphql.engine.run import Run

__all__ = ["Introspection"]


class Introspection:
    """One field ``__schema`` or ``__type`` of an operation."""

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        nodes: list[FieldNode],
        fragments: list[FragmentDefinitionNode],
        hide: bool,
    ) -> None:
        self._schema = schema
        self._key = nodes[0].alias.value if nodes[0].alias else nodes[0].name.value
        alone = OperationDefinitionNode(
            operation=operation.operation,
            variable_definitions=operation.variable_definitions,
            directives=(),
            selection_set=SelectionSetNode(selections=tuple(nodes)),
        )
        self._document = DocumentNode(definitions=(alone, *fragments))
        self._hide = hide

    def value(self, run: Run) -> Any:
        """What the field answers."""
        result = execute_sync(
            self._schema, self._document, variable_values=dict(run.given_variables), hide_suggestions=self._hide
        )
        if result.errors:
            raise result.errors[0].original_error or result.errors[0]
        found = (result.data or {}).get(self._key)
        if found is None:
            return None
        return msgspec.Raw(msgspec.json.encode(found))
