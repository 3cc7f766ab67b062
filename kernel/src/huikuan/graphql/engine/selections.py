"""Selections: which fields a document asks of one object type, fragments and directives resolved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    SelectionSetNode,
    VariableNode,
)

__all__ = ["Selections", "switches"]


class Selections:
    """One document with the values of the variables that switch parts of it on and off."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], switched: Mapping[str, Any]) -> None:
        self._fragments = fragments
        self._switched = switched

    def fields(self, type_: GraphQLObjectType, sets: Iterable[SelectionSetNode | None]) -> dict[str, list[FieldNode]]:
        """The fields by response key, in the order in which they are met (the specification's CollectFields)."""
        found: dict[str, list[FieldNode]] = {}
        entered: set[str] = set()
        for selections in sets:
            if selections is not None:
                self._collect(type_, selections, found, entered)
        return found

    def below(self, type_: GraphQLObjectType, nodes: Iterable[FieldNode]) -> dict[str, list[FieldNode]]:
        """As `fields`, of what all nodes of one response key select."""
        return self.fields(type_, (node.selection_set for node in nodes))

    def _collect(
        self,
        type_: GraphQLObjectType,
        selections: SelectionSetNode,
        found: dict[str, list[FieldNode]],
        entered: set[str],
    ) -> None:
        item: Any
        for item in selections.selections:
            if item.directives and not self._included(item):
                continue
            if isinstance(item, FieldNode):
                found.setdefault(item.alias.value if item.alias else item.name.value, []).append(item)
                continue
            fragment = item
            if isinstance(item, FragmentSpreadNode):
                name = item.name.value
                if name in entered:
                    continue
                entered.add(name)
                fragment = self._fragments[name]
            if self._matches(fragment, type_):
                self._collect(type_, fragment.selection_set, found, entered)

    def _matches(self, fragment: Any, type_: GraphQLObjectType) -> bool:
        condition = fragment.type_condition
        if condition is None or condition.name.value == type_.name:
            return True
        return any(interface.name == condition.name.value for interface in type_.interfaces)

    def _included(self, item: Any) -> bool:
        for directive in item.directives:
            if directive.name.value in ("skip", "include"):
                value = directive.arguments[0].value
                given = self._switched[value.name.value] if isinstance(value, VariableNode) else value.value
                if bool(given) == (directive.name.value == "skip"):
                    return False
        return True


def switches(definitions: Iterable[Any]) -> frozenset[str]:
    """The variables that stand in @skip and @include."""
    found: set[str] = set()
    stack: list[Any] = [item for item in definitions if getattr(item, "selection_set", None) is not None]
    while stack:
        node = stack.pop()
        for directive in node.directives or ():
            if directive.name.value in ("skip", "include"):
                found.update(
                    argument.value.name.value
                    for argument in directive.arguments
                    if isinstance(argument.value, VariableNode)
                )
        if getattr(node, "selection_set", None) is not None:
            stack += node.selection_set.selections
    return frozenset(found)
