"""The town: one kernel, several tenants with the same codes and references in them, and small caches.

Every text of a tenant names it, so that whoever reads another tenant's text has seen a foreign row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any
from uuid import UUID

from huikuan.actor import Actor, ActorKind
from huikuan.auth.keys import KeyRing
from huikuan.auth.tokens import issue_access
from huikuan.bus import Deadlines
from huikuan.catalog import ModuleCatalog
from huikuan.db import Database
from huikuan.graphql import Documents, respond
from huikuan.ids import new_id
from huikuan.kernel import Kernel
from huikuan.runner import Scope
from tests.reliability.served import claims_of

__all__ = ["DOCUMENTS", "MODULES", "Answer", "Tenant", "Town"]

MODULES = frozenset({"customers", "products", "orders"})
DOCUMENTS = 60
"""Documents that the small cache keeps."""

_SETUP = Actor(ActorKind.USER, UUID(int=7), "setup", all_permissions=True)
_PASSWORD = "correct horse battery staple"
_CANARY = re.compile(r"of (t\d+);")


@dataclass(frozen=True)
class Answer:
    """A response, and which modules the tenant had when its request was admitted."""

    names: frozenset[str]
    body: Mapping[str, Any]

    @property
    def codes(self) -> list[str]:
        """The codes of its errors."""
        return [error["extensions"]["code"] for error in self.body.get("errors", ())]


class Tenant:
    """One tenant and the token of its administrator."""

    def __init__(self, kernel: Kernel, slug: str) -> None:
        self.kernel = kernel
        self.slug = slug
        email = f"boss@{slug}.example"
        arguments = {"slug": slug, "name": self.text("Company"), "modules": sorted(MODULES)}
        arguments |= {"admin_email": email, "admin_password": _PASSWORD}
        assert kernel.run(kernel.control_scope(), "tenant_create", arguments).done
        self._token = issue_access(kernel.services.keys, claims_of(kernel, email), kernel.clock)
        self.run("product_create", sku="A1", name=self.text("Goods"))
        self.run("price_set", product={"sku": "A1"}, currency="EUR", unit_price=Decimal(100))

    def text(self, text: str) -> str:
        """A text that names its tenant."""
        return f"{text} of {self.slug};"

    def run(self, command: str, **arguments: Any) -> Mapping[str, Any]:
        """Run a command that must be done; for what is there before the threads begin."""
        scope = self.kernel.scope(self.slug, actor=_SETUP)
        result = self.kernel.run(scope, command, arguments, key=str(new_id()))
        assert result.done, result.refusals
        return result.values

    def admit(self) -> Scope:
        """The scope of a request that carries the token."""
        return self.kernel.admit(f"Bearer {self._token}", request_id="threads")

    def ask(self, document: str, variables: Mapping[str, Any] | None = None, key: str | None = None) -> Answer:
        """One request, as the server takes it; no text of another tenant is in the answer."""
        scope = self.admit()
        with self.kernel.request(scope, idempotency_key=key) as request:
            body = respond(request, document, variables).body()
        foreign = set(_CANARY.findall(body.decode())) - {self.slug}
        assert not foreign, f"{self.slug} read a text of {foreign}: {document}"
        return Answer(scope.composition.names, json.loads(body))


class Town:
    """The kernel and its tenants."""

    def __init__(self, database: Database, catalog: ModuleCatalog, keys: KeyRing, tenants: int, *, small: bool) -> None:
        # A catalog of its own, so that no other test shares its compositions and documents.
        self.kernel = Kernel(database, ModuleCatalog(catalog.ordered(MODULES)), keys)
        if small:
            self.kernel.compositions.documents = Documents(count=DOCUMENTS, size=10_000_000)
        self._take_time(catalog)
        self.tenants = [Tenant(self.kernel, f"t{number}") for number in range(tenants)]

    @property
    def documents(self) -> Documents:
        """The cache of documents that all compositions share."""
        return self.kernel.compositions.documents

    def _take_time(self, catalog: ModuleCatalog) -> None:
        """So many threads share few processors, and a hook's deadline counts the seconds in which others run."""
        for names in {frozenset(catalog.closure(some)) for some in (*combinations(MODULES, 2), *zip(MODULES), ())}:
            self.kernel.compositions.get(names).bus._deadlines = Deadlines(soft=60, hard=60)
