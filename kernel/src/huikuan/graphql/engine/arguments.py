"""Arguments of fields: coerced once per plan where no variable is in them, else once per operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphql import FieldNode, GraphQLField, ListValueNode, ObjectValueNode, VariableNode
from graphql.execution.values import get_argument_values

if TYPE_CHECKING:
    from huikuan.graphql.engine.run import Run

__all__ = ["FieldArguments"]


class FieldArguments:
    """The arguments of one field node; all nodes of one key have the same, validation saw to that."""

    def __init__(self, field: GraphQLField, node: FieldNode, hide_suggestions: bool) -> None:
        self._field = field
        self._node = node
        self._hide = hide_suggestions
        self._fixed: dict[str, Any] | None = None
        self._open = any(_has_variable(argument.value) for argument in node.arguments or ())

    def given(self, run: Run) -> Mapping[str, Any]:
        """The coerced values by name; what was left out and has no default stays out."""
        if self._open:
            return get_argument_values(self._field, self._node, run.variables, hide_suggestions=self._hide)
        if self._fixed is None:
            self._fixed = get_argument_values(self._field, self._node, hide_suggestions=self._hide)
        return self._fixed


def _has_variable(node: Any) -> bool:
    if isinstance(node, VariableNode):
        return True
    if isinstance(node, ListValueNode):
        return any(_has_variable(value) for value in node.values)
    return isinstance(node, ObjectValueNode) and any(_has_variable(field.value) for field in node.fields)
