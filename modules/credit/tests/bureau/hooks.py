"""What stands in the book is what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from huikuan import hookimpl
from huikuan_credit.snapshots import ExposurePart, Grade, PaymentFacts


@dataclass
class Book:
    """What the bureau knows by customer."""

    facts: dict[UUID, PaymentFacts] = field(default_factory=dict)
    parts: list[ExposurePart] = field(default_factory=list)
    grades: dict[UUID, Grade] = field(default_factory=dict)


book = Book()


@hookimpl
def credit_payment_facts(customer_ids: Sequence[UUID]) -> list[PaymentFacts]:
    return [book.facts[id] for id in customer_ids if id in book.facts]


@hookimpl
def credit_exposure_parts(customer_ids: Sequence[UUID], currency: str) -> list[ExposurePart]:
    return list(book.parts) if currency == "EUR" and customer_ids else []


@hookimpl
def credit_external_rating(customer_id: UUID) -> Grade | None:
    return book.grades.get(customer_id)
