"""Asks badly, and looks at every answer for what is nobody's business."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import httpx

from huikuan.db import Base
from tests.reliability.served import Site

INSIDE = re.compile(
    r'Traceback|File "|\.py\b|site-packages|/(?:usr|root|tmp|work|home)/|SELECT |INSERT INTO|UPDATE \w+ SET|DELETE FROM'
    r"|psycopg|sqlalchemy|sqlite3|constraint failed|duplicate key|object at 0x"
)


def shows_inside(text: str) -> str | None:
    """The first thing in an answer that is nobody's business."""
    tables = "|".join(sorted(Base.metadata.tables))
    found = INSIDE.search(text) or re.search(rf"\b(?:{tables})\b", text)
    return found[0] if found else None


class Prober:
    """Asks badly as a user of acme, and looks at every answer."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.caller = site.caller()
        site.slug("rival")
        self.before = self.state()
        self.asked = 0

    def state(self) -> list[tuple[str, str]]:
        """Everything of both tenants; a refusal may be audited, and its key kept."""
        found = [*self.site.state().items(), *self.site.state("rival").items()]
        return [item for item in found if item[0] not in ("kernel_audit_entry", "kernel_idempotency_record")]

    def unchanged(self) -> None:
        assert self.state() == self.before

    def checked(self, answer: httpx.Response) -> list[dict[str, Any]]:
        """The errors of an answer: each is one short line that shows nothing inside."""
        self.asked += 1
        assert answer.status_code in {200, *range(400, 500)}, answer.text
        assert (found := shows_inside(answer.text)) is None, f"{found!r} in {answer.text[:2000]}"
        errors: list[dict[str, Any]] = answer.json().get("errors", [])
        assert len(errors) <= 50
        for error in errors:
            assert 0 < len(error["message"]) < 600
            assert "\n" not in error["message"]
            assert error["extensions"]["code"] != "INTERNAL", error
        return errors

    def body(self, content: bytes) -> httpx.Response:
        return self.caller.http.post("/graphql", content=content, headers={"content-type": "application/json"})

    def ask(self, document: str, **variables: Any) -> list[dict[str, Any]]:
        return self.checked(self.caller.post(document, variables))

    def refused(self, document: str, **variables: Any) -> str:
        """What is said of a request that must not succeed, without the ids in it."""
        answer = self.caller.post(document, variables)
        errors = self.checked(answer)
        refusals = [item for payload in (answer.json().get("data") or {}).values() for item in _refusals(payload)]
        assert errors or refusals, f"{document} {str(variables)[:500]} was taken: {answer.text}"
        return json.dumps([errors, refusals])


def _refusals(payload: Any) -> list[Any]:
    return list(payload.get("refusals") or ()) if isinstance(payload, Mapping) else []
