"""Limits on documents: checked before validation, linear in the document, each fragment looked at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

from huikuan.errors import LimitExceeded
from huikuan.graphql.excess import excess, introspected_lists
from huikuan.graphql.paging import DEFAULT_SIZE, MAX_SIZE
from huikuan.graphql.repetition import comparisons

if TYPE_CHECKING:
    from graphql import GraphQLField, GraphQLSchema

__all__ = ["Limits", "check_document", "cost_of", "root_keys", "size_variables"]

LIST_ESTIMATE = 10  # members of a plain list, whose size nobody knows beforehand


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may ask for; all are settings."""

    tokens: int = 4_000
    depth: int = 15
    introspection_depth: int = 25
    aliases: int = 30
    directives: int = 50
    root_fields: int = 50
    mutations: int = 10
    cost: int = 1_000_000
    comparisons: int = 2_000
    digits: int = 100
    members: int = 200
    introspected_lists: int = 12
    source: int = 100_000
    errors: int = 20

    @property
    def nesting(self) -> int:
        """Selection sets in one another: fields, and the fragments between them."""
        return 2 * self.depth + 20


@dataclass(slots=True)
class _Shape:
    """Of one selection set, fragments included."""

    depth: int = 0
    introspection: int = 0
    nesting: int = 0


class _Fragments:
    """The fragments of a document, those that others spread first; cycles are left to validation."""

    def __init__(self, document: DocumentNode) -> None:
        self.named = {
            item.name.value: item for item in document.definitions if isinstance(item, FragmentDefinitionNode)
        }

    def ordered(self) -> Iterator[FragmentDefinitionNode]:
        spreads = {name: list(_spreads(item.selection_set)) for name, item in self.named.items()}
        done: set[str] = set()
        for root in self.named:
            stack: list[tuple[str, Iterator[str]]] = [(root, iter(spreads[root]))]
            entered = {root}
            while stack and root not in done:
                name, rest = stack[-1]
                following = next((item for item in rest if item in spreads and item not in done | entered), None)
                if following is None:
                    stack.pop()
                    done.add(name)
                    yield self.named[name]
                else:
                    entered.add(following)
                    stack.append((following, iter(spreads[following])))


def _spreads(selections: SelectionSetNode) -> Iterator[str]:
    stack: list[Any] = [selections]
    while stack:
        for item in stack.pop().selections:
            if isinstance(item, FragmentSpreadNode):
                yield item.name.value
            elif item.selection_set is not None:
                stack.append(item.selection_set)


def check_document(document: DocumentNode, limits: Limits) -> None:
    """Depth, aliases, directives and more of a document."""
    _check_counts(document, limits)
    number, members = excess(document)
    _refuse("length of a number", number, limits.digits)
    _refuse("number of arguments or input fields in one place", members, limits.members)
    _refuse("number of lists asked of the schema", introspected_lists(document), limits.introspected_lists)
    fragments = list(_Fragments(document).ordered())
    repeated = comparisons(document.definitions, fragments)
    if repeated > limits.comparisons:
        raise LimitExceeded("This document repeats its fields too often.", limit=limits.comparisons)
    shapes: dict[str, _Shape] = {}
    for fragment in fragments:
        shapes[fragment.name.value] = _shape(fragment.selection_set, shapes)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            shape = _shape(definition.selection_set, shapes)
            _refuse("depth", shape.depth, limits.depth)
            _refuse("introspection depth", shape.introspection, limits.introspection_depth)
            _refuse("nesting", shape.nesting, limits.nesting)


def _check_counts(document: DocumentNode, limits: Limits) -> None:
    aliases = directives = 0
    stack: list[Any] = [item for item in document.definitions if getattr(item, "selection_set", None) is not None]
    while stack:
        node = stack.pop()
        directives += len(node.directives or ())
        if isinstance(node, FieldNode) and node.alias is not None:
            aliases += 1
        if isinstance(node, OperationDefinitionNode):
            directives += sum(len(item.directives or ()) for item in node.variable_definitions or ())
        if getattr(node, "selection_set", None) is not None:
            stack += node.selection_set.selections
    _refuse("number of aliases", aliases, limits.aliases)
    _refuse("number of directives", directives, limits.directives)


def _refuse(what: str, found: int, limit: int) -> None:
    if found > limit:
        raise LimitExceeded(f"The {what} of this document is {found:,}; the limit is {limit:,}.", limit=limit)


def _shape(selections: SelectionSetNode, shapes: Mapping[str, _Shape]) -> _Shape:
    found = _Shape()
    item: Any
    for item in selections.selections:
        if isinstance(item, FragmentSpreadNode):
            inner = shapes.get(item.name.value, _Shape())
        elif item.selection_set is None:
            inner = _Shape()
        else:
            inner = _shape(item.selection_set, shapes)
        found.nesting = max(found.nesting, inner.nesting + 1)
        depth, introspection = inner.depth, inner.introspection
        if isinstance(item, FieldNode):
            if item.name.value in ("__schema", "__type"):
                depth, introspection = 1, depth + 1
            else:
                depth += 1
        found.depth = max(found.depth, depth)
        found.introspection = max(found.introspection, introspection)
    return found


def root_keys(document: DocumentNode, operation: OperationDefinitionNode) -> list[str]:
    """The response keys of an operation's root, fragments included, each looked at once."""
    named = _Fragments(document).named
    seen: set[str] = set()
    keys: dict[str, None] = {}
    stack: list[Any] = [operation.selection_set]
    while stack:
        for item in stack.pop().selections:
            if isinstance(item, FieldNode):
                keys[item.alias.value if item.alias else item.name.value] = None
            elif isinstance(item, InlineFragmentNode):
                stack.append(item.selection_set)
            elif item.name.value in named and item.name.value not in seen:
                seen.add(item.name.value)
                stack.append(named[item.name.value].selection_set)
    return list(keys)


def check_roots(document: DocumentNode, operation: OperationDefinitionNode, limits: Limits) -> list[str]:
    """The root keys, if there are not too many."""
    keys = root_keys(document, operation)
    _refuse("number of root fields", len(keys), limits.root_fields)
    if operation.operation is OperationType.MUTATION:
        _refuse("number of mutations", len(keys), limits.mutations)
    return keys


# --- cost ---------------------------------------------------------------------------------------


class _Cost:
    """Cells that an operation may return: fields times page sizes."""

    def __init__(self, schema: GraphQLSchema, variables: Mapping[str, Any]) -> None:
        self.schema = schema
        self.variables = variables
        self.fragments: dict[str, int] = {}

    def of(self, selections: SelectionSetNode, parent: GraphQLNamedType | None, pages: int = 1) -> int:
        """``pages`` is the page size that nodes and edges below this selection multiply by."""
        total = 0
        item: Any
        for item in selections.selections:
            if isinstance(item, FragmentSpreadNode):
                total += self.fragments.get(item.name.value, 0) * pages
            elif isinstance(item, InlineFragmentNode):
                condition = item.type_condition
                type_ = self.schema.get_type(condition.name.value) if condition else parent
                total += self.of(item.selection_set, type_, pages)
            elif not item.name.value.startswith("__"):
                total += self.field(item, parent, pages)
        return total

    def field(self, node: FieldNode, parent: GraphQLNamedType | None, pages: int) -> int:
        fields: Mapping[str, GraphQLField] = getattr(parent, "fields", {})
        declared = fields.get(node.name.value)
        if node.selection_set is None or declared is None:
            return 1
        type_ = get_named_type(declared.type)
        if _is_page(type_):
            return 1 + self.of(node.selection_set, type_, self.page_size(node))
        if _is_page(parent):
            times = pages if node.name.value in ("nodes", "edges") else 1
            return 1 + times * self.of(node.selection_set, type_)
        times = self.list_size(node) if "[" in str(declared.type) else 1
        return 1 + times * self.of(node.selection_set, type_)

    def page_size(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value in ("first", "last"):
                value = self.value(argument.value)
                if isinstance(value, int | float):  # Int takes 300.0 for 300
                    return int(min(MAX_SIZE, max(0, value)))
        return DEFAULT_SIZE

    def list_size(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value == "ids":
                value = self.value(argument.value)
                return len(value) if isinstance(value, Sequence) and not isinstance(value, str) else 1
        return LIST_ESTIMATE

    def value(self, node: Any) -> Any:
        return self.variables.get(node.name.value) if isinstance(node, VariableNode) else _literal(node)


def _literal(node: Any) -> Any:
    if isinstance(node, IntValueNode):
        return int(node.value) if len(node.value) < 10 else MAX_SIZE
    return node.values if isinstance(node, ListValueNode) else None


def size_variables(document: DocumentNode) -> frozenset[str]:
    """The variables that say how long a list is."""
    found: set[str] = set()
    stack: list[Any] = [item for item in document.definitions if getattr(item, "selection_set", None) is not None]
    while stack:
        node = stack.pop()
        for argument in getattr(node, "arguments", None) or ():
            if argument.name.value in ("first", "last", "ids") and isinstance(argument.value, VariableNode):
                found.add(argument.value.name.value)
        if getattr(node, "selection_set", None) is not None:
            stack += node.selection_set.selections
    return frozenset(found)


def _is_page(type_: GraphQLNamedType | None) -> bool:
    return isinstance(type_, GraphQLObjectType) and "pageInfo" in type_.fields


def cost_of(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> int:
    """The most cells that the operation may return. A fragment on pages counts as one page of one row."""
    cost = _Cost(schema, {**_defaults(operation), **variables})
    for fragment in _Fragments(document).ordered():
        type_ = schema.get_type(fragment.type_condition.name.value)
        cost.fragments[fragment.name.value] = cost.of(fragment.selection_set, type_)
    root = schema.get_root_type(operation.operation)
    return cost.of(operation.selection_set, root)


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    return {item.variable.name.value: _literal(item.default_value) for item in operation.variable_definitions or ()}
