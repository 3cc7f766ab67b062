"""Persisted documents: a request names its document by the SHA-256 of the text.

*Registered* documents are rows of a tenant, added by whoever may change its settings; a tenant may allow no others.
*Automatic* ones are what clients sent lately together with the hash; a process remembers some, and its clients send
them again when it does not.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from typing import Any
from uuid import UUID

from sqlalchemy import select

from huikuan.actor import ActorKind
from huikuan.core.models import PersistedDocument
from huikuan.core.module import PERSISTED_ONLY
from huikuan.errors import BadInput, HuikuanError
from huikuan.graphql.scope import RequestScope
from huikuan.graphql.wire import GraphQLRequest

__all__ = ["PersistedDocumentRequired", "PersistedDocuments", "PersistedQueryNotFound", "Texts", "sha256_of"]


class PersistedDocumentRequired(HuikuanError):
    """The tenant executes registered documents only, and this is none."""

    code = "PERSISTED_DOCUMENT_REQUIRED"


class PersistedDocumentNotFound(HuikuanError):
    """No document is known by this hash."""

    code = "PERSISTED_DOCUMENT_NOT_FOUND"


class PersistedQueryNotFound(HuikuanError):
    """The same, in the words that clients of automatic persisted queries wait for: they send the text next."""

    code = "PERSISTED_QUERY_NOT_FOUND"


class Texts:
    """The last so many texts, bounded by number and by characters, safe between threads."""

    def __init__(self, count: int, size: int) -> None:
        self._count = count
        self._most = size
        self._held: OrderedDict[Any, str] = OrderedDict()
        self._lock = threading.Lock()
        self.size = 0

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: Any) -> str | None:
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def keep(self, key: Any, text: str) -> None:
        """Keep a text, unless it would take a large part of the room for itself."""
        if len(text) > self._most // 10:
            return
        with self._lock:
            if key not in self._held:
                self._held[key] = text
                self.size += len(text)
            while len(self._held) > self._count or self.size > self._most:
                self.size -= len(self._held.popitem(last=False)[1])


class PersistedDocuments:
    """What a process knows by hash. Its bounds are for all tenants together."""

    def __init__(self) -> None:
        # Keyed by the tenant's epoch too, which a command that adds or removes a document raises: what was read under
        # an older epoch is not found again. In characters: 16 MB and 4 MB.
        self.registered = Texts(5_000, 16_000_000)
        self.automatic = Texts(2_000, 4_000_000)
        self.strangers = Texts(200, 400_000)  # so that callers without a token push out each other's only

    def document(self, request: RequestScope, asked: GraphQLRequest) -> str:
        """The text to execute.

        Raises PersistedDocumentRequired, PersistedDocumentNotFound or PersistedQueryNotFound, and BadInput when the
        hash is another text's.
        """
        if asked.document is not None and asked.sha256 is not None and sha256_of(asked.document) != asked.sha256:
            raise BadInput("The hash is not the SHA-256 of the document that came with it.")
        if _registered_only(request):
            return self._registered_or_refused(request, asked)
        if asked.document is not None:
            return asked.document
        assert asked.sha256 is not None
        found = self._automatic(request).get((request.scope.tenant.id, asked.sha256))
        found = found or self._registered(request, asked.sha256)
        if found is not None:
            return found
        if asked.automatic:
            raise PersistedQueryNotFound("PersistedQueryNotFound")
        raise PersistedDocumentNotFound("No document of this tenant has this id; register it, or send its text.")

    def executed(self, request: RequestScope, asked: GraphQLRequest) -> None:
        """Remember a document that was executed and came with its hash."""
        if asked.automatic and asked.document is not None and not _registered_only(request):
            self._automatic(request).keep((request.scope.tenant.id, asked.sha256), asked.document)

    def _registered_or_refused(self, request: RequestScope, asked: GraphQLRequest) -> str:
        found = self._registered(request, asked.sha256 or sha256_of(asked.document or ""))
        if found is None:
            raise PersistedDocumentRequired(
                "This tenant executes registered documents only, and this is none: register it with "
                "persistedDocumentAdd, or `huikuan persisted add`."
            )
        return found

    def _registered(self, request: RequestScope, sha256: str) -> str | None:
        tenant = request.scope.tenant
        if request.scope.composition.surface != "tenant":
            return None
        key: tuple[UUID, int, str] = (tenant.id, tenant.epoch, sha256)
        found = self.registered.get(key)
        if found is None:
            statement = select(PersistedDocument.document).where(PersistedDocument.sha256 == sha256)
            found = request.context.scalar(statement)
            if found is not None:
                self.registered.keep(key, found)
        return found

    def _automatic(self, request: RequestScope) -> Texts:
        return self.strangers if request.scope.actor.kind is ActorKind.ANONYMOUS else self.automatic


def sha256_of(document: str) -> str:
    """The hash that names a document: of the text as it is, in UTF-8."""
    return hashlib.sha256(document.encode()).hexdigest()


def _registered_only(request: RequestScope) -> bool:
    scope = request.scope
    if scope.composition.surface != "tenant":
        return False
    return bool(scope.tenant.settings.get(PERSISTED_ONLY, scope.composition.setting_default(PERSISTED_ONLY)))
