"""Which of the specification's validation rules a document can break at all.

Most documents have no fragments, or no directives, or one operation. graphql-core runs every rule over every node
anyway, which is most of what a new document costs. A rule is left out only where nothing in the document is of the
kind that it looks at, so the errors are the same.
"""

from __future__ import annotations

from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
)
from graphql.validation import ASTValidationRule, specified_rules

__all__ = ["rules_for"]

Rules = tuple[type[ASTValidationRule], ...]

_NEEDS: dict[str, frozenset[str]] = {
    rule: frozenset(needs.split())
    for needs, rules in {
        "foreign": "ExecutableDefinitionsRule",
        "several": "UniqueOperationNamesRule LoneAnonymousOperationRule",
        "other": "KnownOperationTypesRule SingleFieldSubscriptionsRule",
        "fragments variables": "KnownTypeNamesRule",
        "fragments": "FragmentsOnCompositeTypesRule UniqueFragmentNamesRule KnownFragmentNamesRule "
        "NoUnusedFragmentsRule PossibleFragmentSpreadsRule NoFragmentCyclesRule",
        "variables": "VariablesAreInputTypesRule UniqueVariableNamesRule NoUndefinedVariablesRule "
        "NoUnusedVariablesRule VariablesInAllowedPositionRule",
        "directives": "KnownDirectivesRule UniqueDirectivesPerLocationRule DeferStreamDirectiveOnRootField "
        "DeferStreamDirectiveOnValidOperationsRule DeferStreamDirectiveLabel StreamDirectiveOnListField",
        "arguments": "KnownArgumentNamesRule UniqueArgumentNamesRule",
        "fragments repeated": "OverlappingFieldsCanBeMergedRule",
        "objects": "UniqueInputFieldNamesRule",
        "introspection": "MaxIntrospectionDepthRule",
    }.items()
    for rule in rules.split()
}


def rules_for(document: DocumentNode) -> Rules:
    """The rules that look at something in this document, in graphql-core's order."""
    found = _found(document)
    return tuple(
        rule for rule in specified_rules if (needs := _NEEDS.get(rule.__name__)) is None or not needs.isdisjoint(found)
    )


def _found(document: DocumentNode) -> set[str]:
    """What there is in the document, in the words of `_NEEDS`."""
    found: set[str] = set()
    operations = 0
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            operations += 1
            if definition.operation is not OperationType.QUERY:
                found.add("other")
            if definition.variable_definitions:
                found.add("variables")
                if any(item.directives for item in definition.variable_definitions):
                    found.add("directives")
                if any(item.default_value is not None for item in definition.variable_definitions):
                    found.add("objects")
        elif isinstance(definition, FragmentDefinitionNode):
            found.add("fragments")
        else:
            found.add("foreign")
            continue
        _look(definition, found)
    if operations != 1:
        found.add("several")
    return found


def _look(definition: Any, found: set[str]) -> None:
    stack: list[Any] = [definition]
    while stack:
        node = stack.pop()
        if node.directives:
            # Their arguments may hold anything.
            found.update(("directives", "arguments", "variables", "objects"))
        if isinstance(node, FieldNode):
            if node.arguments:
                found.add("arguments")
                for argument in node.arguments:
                    _look_at_value(argument.value, found)
            if node.name.value in ("__schema", "__type"):
                found.add("introspection")
        elif node is not definition:
            found.add("fragments")
        selections = getattr(node, "selection_set", None)
        if selections is not None:
            stack += selections.selections
            names = [
                item.alias.value if item.alias is not None else item.name.value
                for item in selections.selections
                if isinstance(item, FieldNode)
            ]
            if len(set(names)) < len(names):
                found.add("repeated")


def _look_at_value(value: Any, found: set[str]) -> None:
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, VariableNode):
            found.add("variables")
        elif isinstance(node, ListValueNode):
            stack += node.values
        elif isinstance(node, ObjectValueNode):
            found.add("objects")
            stack += [field.value for field in node.fields]
