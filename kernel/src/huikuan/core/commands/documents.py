"""Persisted documents: what clients of the tenant may ask by its hash."""

from __future__ import annotations

import hashlib

from sqlalchemy import func, select

from huikuan.commands import command
from huikuan.context import Context, session_of
from huikuan.core.errors import TOO_MANY_DOCUMENTS
from huikuan.core.models import PersistedDocument
from huikuan.core.modules import raise_module_epoch
from huikuan.errors import BadInput, NotFound, Refusal
from huikuan.graphql.documents import RequestErrors

__all__ = ["MOST_DOCUMENTS", "persisted_document_add", "persisted_document_remove"]

MOST_DOCUMENTS = 2_000
NAME_LENGTH = 200


@command(permission="kernel.modules", idempotency="natural")
def persisted_document_add(ctx: Context, document: str) -> PersistedDocument:
    """Register a document, so that clients may ask for it by its SHA-256; the text counts, to the last space.

    It must fit the tenant's schema and the limits. Adding one that is there changes nothing.
    """
    name = _operations(ctx, document)
    sha256 = hashlib.sha256(document.encode()).hexdigest()
    session = session_of(ctx)
    raise_module_epoch(session, ctx.tenant.id)  # first, for it locks the tenant's documents
    found = ctx.find(PersistedDocument, sha256=sha256)
    if found is not None:
        return found
    if (ctx.scalar(select(func.count(PersistedDocument.id))) or 0) >= MOST_DOCUMENTS:
        ctx.refuse(
            Refusal(
                TOO_MANY_DOCUMENTS,
                f"A tenant has at most {MOST_DOCUMENTS:,} documents.",
                field="document",
                advice="Remove those that no client asks for any more.",
                limit=MOST_DOCUMENTS,
            )
        )
    return ctx.add(PersistedDocument(sha256=sha256, name=name, document=document))


@command(permission="kernel.modules", idempotency="natural", payload="sha256")
def persisted_document_remove(ctx: Context, sha256: str) -> str:
    """Remove a registered document; the next request for it is refused."""
    raise_module_epoch(session_of(ctx), ctx.tenant.id)
    found = ctx.find(PersistedDocument, sha256=sha256.removeprefix("sha256:"))
    if found is None:
        raise NotFound("No document of this tenant has this hash; see the query persistedDocuments.", field="sha256")
    ctx.remove(found)
    return found.sha256


def _operations(ctx: Context, document: str) -> str:
    """The names of the document's operations, if it can be executed."""
    schema = ctx.composition.schema
    try:
        prepared = schema.documents.prepare(schema.core, document, ctx.services.limits)
    except RequestErrors as error:
        first = error.errors[0].message[:300]
        raise BadInput(f"The document cannot be executed: {first}", field="document", reason=error.code) from error
    return ", ".join(name for name in prepared.operations if name is not None)[:NAME_LENGTH]
