"""GraphQL: the declarations that modules write, the schema of a composition, and its execution."""

from __future__ import annotations

from huikuan.graphql.build import SchemaParts
from huikuan.graphql.declare import (
    batch,
    collect_declarations,
    column,
    connection,
    extend,
    node,
    output,
    query,
    subscription,
    to_any,
    to_many,
    to_one,
)
from huikuan.graphql.decls import Declarations, ExtensionDecl, NodeDecl, OutputDecl, QueryDecl, SubscriptionDecl
from huikuan.graphql.documents import Documents
from huikuan.graphql.execute import execute, respond
from huikuan.graphql.limits import Limits
from huikuan.graphql.response import Response
from huikuan.graphql.schema import TenantSchema, build_schema
from huikuan.graphql.scope import RequestScope
from huikuan.graphql.streams import FeedEvent, Stream
from huikuan.graphql.typespec import EventType, RefusalCodeName

__all__ = [
    "Declarations",
    "Documents",
    "EventType",
    "ExtensionDecl",
    "FeedEvent",
    "Limits",
    "NodeDecl",
    "OutputDecl",
    "QueryDecl",
    "RefusalCodeName",
    "RequestScope",
    "Response",
    "SchemaParts",
    "Stream",
    "SubscriptionDecl",
    "TenantSchema",
    "batch",
    "build_schema",
    "collect_declarations",
    "column",
    "connection",
    "execute",
    "extend",
    "node",
    "output",
    "query",
    "respond",
    "subscription",
    "to_any",
    "to_many",
    "to_one",
]
