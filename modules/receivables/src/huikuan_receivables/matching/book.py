"""The open items of a run, by number, by who pays and by amount. Built once, kept in step as lines are matched."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeVar
from uuid import UUID

from huikuan_receivables.matching.texts import Key, number_key

__all__ = ["Book", "BookItem"]

MIN_TAIL = 3
K = TypeVar("K", bound=Hashable)
Index = dict[K, list["BookItem"]]


class BookItem(NamedTuple):
    """An open item as the matching sees it; ``discount`` may be kept back until ``discount_until``."""

    item_id: UUID
    invoice_id: UUID
    number: str
    sequence: int
    customer_id: UUID
    payer_id: UUID
    currency: str
    open: Decimal
    due_on: date
    discount: Decimal | None = None
    discount_until: date | None = None

    def asked(self, on: date) -> Decimal:
        """What settles it on a day: less the discount while there is time."""
        if self.discount is None or self.discount_until is None or on > self.discount_until:
            return self.open
        return self.open - self.discount


class Book:
    """Open items of positive amounts."""

    def __init__(self, items: Iterable[BookItem]) -> None:
        self._items: dict[UUID, BookItem] = {}
        self._numbers: Index[Key] = {}
        self._tails: Index[str] = {}
        self._payers: Index[tuple[UUID, str]] = {}
        self._amounts: Index[tuple[str, Decimal]] = {}
        for item in items:
            self._add(item)

    def __len__(self) -> int:
        return len(self._items)

    def knows(self, key: Key) -> bool:
        """Whether something of this number is open."""
        return key in self._numbers

    def numbered(self, key: Key) -> list[BookItem]:
        """What is open of this number, the instalment due first first."""
        return sorted(self._numbers.get(key, ()), key=_age)

    def ending_in(self, digits: str) -> list[BookItem]:
        """What is open of numbers that end in these digits, leading zeros aside."""
        return sorted(self._tails.get(digits, ()), key=_age)

    def owed_by(self, payers: Iterable[UUID], currency: str) -> list[BookItem]:
        """What is open on the accounts of these, or to be paid by them, the oldest due first."""
        found = {item.item_id: item for payer in payers for item in self._payers.get((payer, currency), ())}
        return sorted(found.values(), key=_age)

    def of_amount(self, currency: str, amount: Decimal) -> list[BookItem]:
        """Items of which exactly this is open."""
        return sorted(self._amounts.get((currency, amount), ()), key=_age)

    def take(self, item_id: UUID, amount: Decimal) -> None:
        """So much less of an item is open."""
        item = self._items.get(item_id)
        if item is None:
            return
        self._remove(item)
        if item.open > amount:
            self._add(item._replace(open=item.open - amount, discount=None, discount_until=None))

    def _add(self, item: BookItem) -> None:
        self._items[item.item_id] = item
        key = number_key(item.number)
        self._numbers.setdefault(key, []).append(item)
        if _has_tail(key):
            self._tails.setdefault(key[-1], []).append(item)
        for payer in _payers(item):
            self._payers.setdefault((payer, item.currency), []).append(item)
        self._amounts.setdefault((item.currency, item.open), []).append(item)

    def _remove(self, item: BookItem) -> None:
        del self._items[item.item_id]
        key = number_key(item.number)
        _drop(self._numbers, key, item)
        if _has_tail(key):
            _drop(self._tails, key[-1], item)
        for payer in _payers(item):
            _drop(self._payers, (payer, item.currency), item)
        _drop(self._amounts, (item.currency, item.open), item)


def _age(item: BookItem) -> tuple[date, str, int]:
    return item.due_on, item.number, item.sequence


def _payers(item: BookItem) -> tuple[UUID, ...]:
    if item.payer_id == item.customer_id:
        return (item.customer_id,)
    return item.customer_id, item.payer_id


def _has_tail(key: Key) -> bool:
    return bool(key) and key[-1][0] <= "9" and len(key[-1]) >= MIN_TAIL


def _drop(index: Index[K], key: K, item: BookItem) -> None:
    found = index[key]
    found.remove(item)
    if not found:
        del index[key]
