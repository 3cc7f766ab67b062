"""What it says, the test sets; what it is told, it writes down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from huikuan import Money, Refusal, hookimpl
from huikuan_receivables.snapshots import OpenItem, SettledItem, UnappliedChange, WriteOffCause
from modules.receivables.tests.office.errors import OFFICE_NO


@dataclass
class Book:
    """What the office says and was told."""

    objects: bool = False
    settled: list[tuple[Decimal, Decimal]] = field(default_factory=list)
    unapplied: list[tuple[Decimal, Decimal]] = field(default_factory=list)
    asked: list[tuple[str | None, Money, WriteOffCause]] = field(default_factory=list)


book = Book()


@hookimpl
def receivables_after_settle(items: Sequence[SettledItem]) -> None:
    book.settled += [(item.before, item.after) for item in items]


@hookimpl
def receivables_after_unapplied(payments: Sequence[UnappliedChange]) -> None:
    book.unapplied += [(payment.before, payment.after) for payment in payments]


@hookimpl
def receivables_before_write_off(item: OpenItem, amount: Money, cause: WriteOffCause) -> Refusal | None:
    book.asked.append((item.number, amount, cause))
    return Refusal(OFFICE_NO, "Not this one.") if book.objects else None
