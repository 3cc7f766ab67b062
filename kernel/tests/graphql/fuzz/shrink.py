"""Smaller documents that still fail: selections, arguments, directives and list members are taken away one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import (
    REMOVE,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

REMOVABLE = (
    "field",
    "fragment_spread",
    "inline_fragment",
    "fragment_definition",
    "operation_definition",
    "argument",
    "directive",
    "object_field",
)
ROUNDS = 6


def shrunk(text: str, fails: Callable[[str], bool]) -> str:
    """The smallest document found that fails too; ``fails`` must say no to a document that is not valid."""
    for _ in range(ROUNDS):
        before = text
        for change in (_without, _inlined):
            text = _pass(text, fails, change)
        if text == before:
            break
    return text


def _pass(text: str, fails: Callable[[str], bool], change: Callable[[DocumentNode, int], DocumentNode | None]) -> str:
    place = 0
    while (changed := change(parse(text), place)) is not None:
        smaller = print_ast(_tidied(changed))
        if smaller != text and _parses(smaller) and fails(smaller):
            text = smaller
        else:
            place += 1
    return text


def _parses(text: str) -> bool:
    try:
        parse(text)
    except GraphQLSyntaxError:
        return False
    return True


class _Nth(Visitor):
    """Does something to the node of this number, counted from the outside in."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.left = place
        self.done = False

    def hit(self) -> bool:
        if self.done or self.left > 0:
            self.left -= 1
            return False
        self.done = True
        return True


class _Remover(_Nth):
    def enter(self, node: Any, _key: Any, parent: Any, *_: Any) -> Any:
        member = isinstance(node, ValueNode) and isinstance(parent, list | tuple)
        return REMOVE if (member or node.kind in REMOVABLE) and self.hit() else None


class _Inliner(_Nth):
    """Puts what a fragment holds in its place."""

    def __init__(self, place: int, document: DocumentNode) -> None:
        super().__init__(place)
        self.named = {
            item.name.value: item for item in document.definitions if isinstance(item, FragmentDefinitionNode)
        }

    def enter_selection_set(self, node: Any, *_: Any) -> Any:
        selections: list[Any] = []
        for item in node.selections:
            fragment = self.named.get(item.name.value) if isinstance(item, FragmentSpreadNode) else item
            if isinstance(item, FieldNode) or fragment is None or not self.hit():
                selections.append(item)
            else:
                selections += fragment.selection_set.selections
        if len(selections) == len(node.selections) and not self.done:
            return None
        copy = type(node)(selections=tuple(selections))
        return copy if selections != list(node.selections) else None


def _without(document: DocumentNode, place: int) -> DocumentNode | None:
    remover = _Remover(place)
    changed: DocumentNode = visit(document, remover)
    return changed if remover.done else None


def _inlined(document: DocumentNode, place: int) -> DocumentNode | None:
    inliner = _Inliner(place, document)
    changed: DocumentNode = visit(document, inliner)
    return changed if inliner.done else None


class _Names(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter(self, node: Any, _key: Any, parent: Any, *_: Any) -> None:
        if isinstance(node, FragmentSpreadNode):
            self.found.add(node.name.value)
        if isinstance(node, VariableNode) and getattr(parent, "kind", "") != "variable_definition":
            self.found.add(f"${node.name.value}")


def _tidied(document: DocumentNode) -> DocumentNode:
    """Without fragments and variables that nobody uses any more."""
    while True:
        names = _Names()
        visit(document, names)
        kept = [
            item
            for item in document.definitions
            if not isinstance(item, FragmentDefinitionNode) or item.name.value in names.found
        ]
        if len(kept) == len(document.definitions):
            break
        document = DocumentNode(definitions=tuple(kept))
    definitions = [
        _with_variables(item, names.found) if isinstance(item, OperationDefinitionNode) else item
        for item in document.definitions
    ]
    return DocumentNode(definitions=tuple(definitions))


def _with_variables(operation: OperationDefinitionNode, used: set[str]) -> OperationDefinitionNode:
    kept = [item for item in operation.variable_definitions or () if f"${item.variable.name.value}" in used]
    return OperationDefinitionNode(
        operation=operation.operation,
        name=operation.name,
        directives=operation.directives,
        variable_definitions=tuple(kept),
        selection_set=operation.selection_set,
    )
