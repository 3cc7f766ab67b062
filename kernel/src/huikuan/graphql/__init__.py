"""GraphQL: the declarations that modules write, the schema of a composition, and its execution."""

from __future__ import annotations

from huikuan.graphql.declare import (
    batch,
    collect_declarations,
    column,
    connection,
    extend,
    node,
    output,
    query,
    to_any,
    to_many,
    to_one,
)
from huikuan.graphql.decls import Declarations, ExtensionDecl, NodeDecl, OutputDecl, QueryDecl
from huikuan.graphql.typespec import EventType, RefusalCodeName

__all__ = [
    "Declarations",
    "EventType",
    "ExtensionDecl",
    "NodeDecl",
    "OutputDecl",
    "QueryDecl",
    "RefusalCodeName",
    "batch",
    "collect_declarations",
    "column",
    "connection",
    "extend",
    "node",
    "output",
    "query",
    "to_any",
    "to_many",
    "to_one",
]
