"""What makes a small document expensive besides its size: long numbers, wide inputs, the schema many times over."""

from __future__ import annotations

from typing import Any, NamedTuple

from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, TokenKind

__all__ = ["Excess", "excess", "introspected_lists"]

_OPENING = (TokenKind.PAREN_L, TokenKind.BRACE_L)
_CLOSING = (TokenKind.PAREN_R, TokenKind.BRACE_R)
_NUMBERS = (TokenKind.INT, TokenKind.FLOAT)
_LISTS = frozenset(
    ("types", "directives", "fields", "args", "inputFields", "interfaces", "possibleTypes", "enumValues")
)


class Excess(NamedTuple):
    """``number``: characters of the longest one; Python refuses to read more than 4,300 digits.

    ``members``: of the widest list of arguments, variables or input fields. Validation prints the whole of an input
    for each thing that is wrong with it.
    """

    number: int
    members: int


def excess(document: DocumentNode) -> Excess:
    """Measured in the tokens: no value is looked at."""
    number = members = 0
    open_: list[int] = [0]
    token = document.loc.start_token if document.loc else None
    while token is not None:
        kind = token.kind
        if kind is TokenKind.COLON:
            open_[-1] += 1
        elif kind in _OPENING:
            open_.append(0)
        elif kind in _CLOSING:
            members = max(members, open_.pop())
        elif kind in _NUMBERS:
            number = max(number, token.end - token.start)
        token = token.next
    return Excess(number, members)


def introspected_lists(document: DocumentNode) -> int:
    """Lists of the schema that are asked for: each multiplies the answer, and aliases ask many times."""
    count = 0
    stack: list[tuple[Any, bool]] = [
        (item, isinstance(item, FragmentDefinitionNode) and item.type_condition.name.value.startswith("__"))
        for item in document.definitions
        if getattr(item, "selection_set", None) is not None
    ]
    while stack:
        node, inside = stack.pop()
        for item in node.selection_set.selections:
            field = item.name.value if isinstance(item, FieldNode) else ""
            count += inside and field in _LISTS
            if getattr(item, "selection_set", None) is not None:
                stack.append((item, inside or field == "__schema"))
    return count
