"""What came in is what the test wrote into the book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from huikuan import Money, hookimpl
from huikuan_contracts.snapshots import InstalmentSnapshot, ReceivedPart


@dataclass
class Book:
    """Amounts by sequence of the instalment, in several parts, with the day where it is known."""

    parts: list[tuple[int, Decimal, date | None]] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)

    def receive(self, sequence: int, amount: str, on: date | None = None) -> None:
        self.parts.append((sequence, Decimal(amount), on))


book = Book()


@hookimpl
def contracts_received_parts(instalments: Sequence[InstalmentSnapshot]) -> list[ReceivedPart]:
    book.asked += [part.sequence for part in instalments]
    return [
        ReceivedPart(instalment_id=part.id, amount=Money(amount, part.amount.currency), on=on)
        for part in instalments
        for sequence, amount, on in book.parts
        if sequence == part.sequence
    ]
