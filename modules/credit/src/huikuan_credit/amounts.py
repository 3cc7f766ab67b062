"""What of an order is still owed for: pure functions over its lines, exact to the digits of the currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Any
from uuid import UUID

from huikuan.money import quantize
from huikuan_credit.snapshots import PositionState

__all__ = ["Line", "Lines", "Open", "decoded", "encoded", "open_of", "share"]

ZERO = Decimal(0)
PRECISION = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: what it comes to, tax included, and how far it has come; quantities have the line's sign."""

    gross: Decimal
    quantity: Decimal
    shipped: Decimal = ZERO
    returned: Decimal = ZERO
    invoiced: Decimal = ZERO
    given_up: Decimal = ZERO

    @property
    def begun(self) -> bool:
        """Whether anything has happened to it since it was agreed."""
        return any((self.shipped, self.returned, self.invoiced, self.given_up))

    def moved(self, **more: Decimal) -> Line:
        """With these quantities added."""
        return replace(self, **{name: getattr(self, name) + quantity for name, quantity in more.items()})


Lines = Mapping[UUID, Line]


@dataclass(frozen=True, slots=True)
class Open:
    """What is owed for an order without being invoiced, in two disjoint parts."""

    ordered: Decimal = ZERO
    shipped: Decimal = ZERO


def open_of(lines: Iterable[Line], currency: str, state: PositionState, deposits: Decimal = ZERO) -> Open:
    """What is still to be shipped, and what was shipped and is still to be invoiced.

    Deposits were invoiced beforehand: they lower the first part, then the second one.
    """
    if state is PositionState.WAITING:
        return Open()
    ordered = shipped = ZERO
    for line in lines:
        first, second = _quantities(line, state)
        ordered += share(line, first, currency)
        shipped += share(line, second, currency)
    ordered, rest = _less(ordered, deposits)
    shipped, _ = _less(shipped, rest)
    return Open(ordered, shipped)


def _quantities(line: Line, state: PositionState) -> tuple[Decimal, Decimal]:
    """How much of a line is neither shipped nor invoiced, and how much is shipped and not invoiced."""
    sign = -1 if line.quantity < 0 else 1
    whole, taken = line.quantity * sign, (line.invoiced + line.given_up) * sign
    left = line.shipped * sign
    delivered = whole if state is PositionState.DONE and not left else left
    ordered = whole - max(delivered, taken) if state is PositionState.OPEN else ZERO
    shipped = delivered - line.returned * sign - taken
    return max(ordered, ZERO) * sign, max(shipped, ZERO) * sign


def share(line: Line, quantity: Decimal, currency: str) -> Decimal:
    """What a quantity of a line comes to."""
    if not line.quantity or not quantity:
        return ZERO
    if quantity == line.quantity:
        return line.gross
    with localcontext(prec=PRECISION):
        return quantize(line.gross * quantity / line.quantity, currency)


def _less(amount: Decimal, taken: Decimal) -> tuple[Decimal, Decimal]:
    """An amount lowered by at most itself, and what of ``taken`` is left."""
    used = min(max(taken, ZERO), max(amount, ZERO))
    return max(amount - used, ZERO), taken - used


def encoded(lines: Lines) -> dict[str, list[str]]:
    """Lines as a position stores them."""
    return {str(id): [format(value, "f") for value in _figures(line)] for id, line in lines.items()}


def decoded(stored: Any) -> dict[UUID, Line]:
    """The inverse of ``encoded``; nothing for none."""
    return {UUID(id): _line([Decimal(value) for value in values]) for id, values in (stored or {}).items()}


def _figures(line: Line) -> tuple[Decimal, ...]:
    return line.gross, line.quantity, line.shipped, line.returned, line.invoiced, line.given_up


def _line(values: Sequence[Decimal]) -> Line:
    gross, quantity, shipped, returned, invoiced, given_up = values
    return Line(
        gross=gross,
        quantity=quantity,
        shipped=shipped,
        returned=returned,
        invoiced=invoiced,
        given_up=given_up,
    )
