"""How often a document repeats itself: validation compares every two fields that answer under one name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode

__all__ = ["comparisons"]

Names = Counter[str]


def comparisons(definitions: Iterable[Any], fragments: Iterable[FragmentDefinitionNode]) -> int:
    """Pairs of fields, and of spreads, that stand together somewhere. ``fragments``: those that others spread first."""
    known: dict[str, Names] = {}
    for fragment in fragments:
        known[fragment.name.value] = _names(fragment.selection_set, known)
    return sum(_pairs(selections, known) for item in definitions for selections in _selection_sets(item))


def _selection_sets(definition: Any) -> Iterable[SelectionSetNode]:
    """Every selection set; those of inline fragments belong to the one around them."""
    stack: list[Any] = [definition]
    while stack:
        node = stack.pop()
        selections = getattr(node, "selection_set", None)
        if selections is not None:
            if not isinstance(node, InlineFragmentNode):
                yield selections
            stack += selections.selections


def _pairs(selections: SelectionSetNode, known: Mapping[str, Names]) -> int:
    return sum(count * (count - 1) // 2 for count in _names(selections, known).values())


def _names(selections: SelectionSetNode, known: Mapping[str, Names]) -> Names:
    """Response names with their number; all spreads count under one name of their own."""
    found: Names = Counter()
    stack = [selections]
    while stack:
        for item in stack.pop().selections:
            if isinstance(item, FieldNode):
                found[item.alias.value if item.alias else item.name.value] += 1
            elif isinstance(item, FragmentSpreadNode):
                found["..."] += 1
                found.update(known.get(item.name.value, {}))
            elif isinstance(item, InlineFragmentNode):
                stack.append(item.selection_set)
    return found
