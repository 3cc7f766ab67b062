"""Documents of which no two are alike, as many as one wants; each reads one order."""

from __future__ import annotations

import random
from collections.abc import Iterator

__all__ = ["documents"]

_ORDER = (
    "id", "number", "kind", "status", "reference", "currency", "orderedOn", "promisedOn", "validUntil", "paymentTerms",
    "notes", "net { amount currency }", "tax { amount }", "total { amount currency }", "version", "createdAt",
    "updatedAt", "confirmedAt", "heldAt", "closedAt",
)  # fmt: skip
_CUSTOMER = ("id", "code", "name", "taxId", "currency", "language", "note", "discountPercent", "archivedAt")
_LINE = (
    "id", "position", "sku", "description", "quantity", "unitPrice", "listPrice", "discountPercent", "taxCode",
    "taxPercent", "taxIncluded", "net { amount }", "gross { amount currency }", "promisedOn",
)  # fmt: skip


def documents(seed: int = 1) -> Iterator[str]:
    """As large as the other documents here, about 20 fields, and different in shape, not only in a name."""
    chance = random.Random(seed)
    number = 0
    while True:
        number += 1
        yield f"""query Read{number}($id: ID!) {{
  order(id: $id) {{
    {_some(chance, _ORDER, 7)}
    buyer{number}: customer {{ {_some(chance, _CUSTOMER, 2)} }}
    lines {{ {_some(chance, _LINE, 7)} }}
  }}
}}"""


def _some(chance: random.Random, fields: tuple[str, ...], count: int) -> str:
    return " ".join(chance.sample(fields, count))
