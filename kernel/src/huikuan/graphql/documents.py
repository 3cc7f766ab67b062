"""Documents: parsed, limited and validated once per schema, then kept with their plans, within bounds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import DocumentNode, GraphQLError, GraphQLSchema, GraphQLSyntaxError, OperationDefinitionNode, parse
from graphql.validation import validate

from huikuan.errors import LimitExceeded
from huikuan.graphql.limits import Limits, check_document, check_roots, cost_of, size_variables
from huikuan.graphql.validation import rules_for

__all__ = ["Documents", "Prepared", "RequestErrors"]

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
MOST_COSTS = 16
BYTES_PER_CHARACTER = 200
"""What a document takes with its tokens, nodes and plans; measured with `bench graphql`."""
INTROSPECTION = ("__schema", "__type")


class RequestErrors(Exception):
    """The request cannot be executed: syntax, validation, or no such operation."""

    def __init__(self, code: str, errors: list[GraphQLError]) -> None:
        super().__init__(code)
        self.code = code
        self.errors = errors


@dataclass
class Prepared:
    """A document that may be executed, with what was worked out of it so far."""

    schema: GraphQLSchema  # kept alive, so that no other schema gets its id while this is cached
    document: DocumentNode
    operations: Mapping[str | None, OperationDefinitionNode]
    size: int
    costs: dict[Any, int] = field(default_factory=dict)
    plans: dict[Any, Any] = field(default_factory=dict)
    switches: frozenset[str] | None = None
    sizes: frozenset[str] | None = None

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run; its name is needed if there are several."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        found = self.operations.get(name) if name is not None else None
        if found is None:
            names = ", ".join(str(item) for item in self.operations if item is not None)
            message = f"Unknown operation {name!r}." if name is not None else "Send operationName."
            raise RequestErrors("BAD_USER_INPUT", [GraphQLError(f"{message} This document has: {names[:200]}.")])
        return found


class Documents:
    """The documents seen lately, of all schemas that share this cache; bounded by number and by bytes.

    A parsed and planned document takes many times the memory of its text, so bytes are estimated.
    """

    def __init__(self, count: int = 2_000, size: int = 100_000_000) -> None:
        self._count = count
        self._size = size
        self._held: OrderedDict[tuple[int, str, bool], Prepared] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def prepare(self, schema: GraphQLSchema, text: str, limits: Limits, *, introspection: bool = True) -> Prepared:
        """A document, limited and validated."""
        key = (id(schema), text, introspection)
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
                return found
        found = _prepare(schema, text, limits, introspection)
        self._keep(key, found)
        return found

    def __len__(self) -> int:
        return len(self._held)

    @property
    def size(self) -> int:
        """Estimated bytes of all documents that are kept."""
        return self._bytes

    def _keep(self, key: tuple[int, str, bool], found: Prepared) -> None:
        if found.size > self._size // 20:
            return
        with self._lock:
            if key not in self._held:
                self._held[key] = found
                self._bytes += found.size
            while len(self._held) > self._count or self._bytes > self._size:
                _, dropped = self._held.popitem(last=False)
                self._bytes -= dropped.size


def _prepare(schema: GraphQLSchema, text: str, limits: Limits, introspection: bool) -> Prepared:
    document = _parse(text, limits)
    check_document(document, limits)
    operations = {
        item.name.value if item.name else None: item
        for item in document.definitions
        if isinstance(item, OperationDefinitionNode)
    }
    for operation in operations.values():
        check_roots(document, operation, limits)
    rules = rules_for(document)
    errors = validate(schema, document, rules, max_errors=limits.errors, hide_suggestions=not introspection)
    if not introspection:
        errors = errors or _introspection(document)
    if errors:
        raise RequestErrors(VALIDATION_FAILED, errors[: limits.errors + 1])
    return Prepared(schema, document, operations, len(text) * BYTES_PER_CHARACTER)


def _parse(text: str, limits: Limits) -> DocumentNode:
    if len(text) > limits.source:
        raise LimitExceeded(f"The document has more than {limits.source:,} characters.", limit=limits.source)
    try:
        return parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
    except GraphQLSyntaxError as error:
        if "limit" in error.message or "more than" in error.message:
            raise LimitExceeded(f"The document has more than {limits.tokens:,} tokens.", limit=limits.tokens) from error
        raise RequestErrors(PARSE_FAILED, [error]) from error
    except GraphQLError as error:
        # All that it says besides syntax errors: its own recursion would become too deep.
        raise LimitExceeded("The document is nested too deeply.", limit=limits.nesting) from error


def _introspection(document: DocumentNode) -> list[GraphQLError]:
    """Callers without a token do not read the schema."""
    stack: list[Any] = list(document.definitions)
    while stack:
        node = stack.pop()
        selections = getattr(node, "selection_set", None)
        if getattr(node, "kind", "") == "field" and node.name.value in INTROSPECTION:
            return [GraphQLError("Sign in to read the schema.", node)]
        stack += selections.selections if selections is not None else ()
    return []


def cost(schema: GraphQLSchema, prepared: Prepared, operation: OperationDefinitionNode, variables: Any) -> int:
    """What an operation may cost with these variables; kept, because only page sizes matter."""
    if prepared.sizes is None:
        prepared.sizes = size_variables(prepared.document)
    sizes = tuple(_size(variables.get(name)) for name in prepared.sizes)
    key = (operation.name.value if operation.name else None, sizes)
    found = prepared.costs.get(key)
    if found is None:
        if len(prepared.costs) >= MOST_COSTS:
            prepared.costs.clear()
        found = prepared.costs[key] = cost_of(schema, prepared.document, operation, variables)
    return found


def _size(value: Any) -> Any:
    """What a page size or a list of ids counts for."""
    return len(value) if isinstance(value, list) else value if isinstance(value, int | float) else None
