"""The arithmetic of collection plans: pure functions, exact decimals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from huikuan.errors import BadInput
from huikuan.money import Money, allocate

__all__ = ["Part", "Share", "check_amount", "check_formula", "shares"]

HUNDRED = Decimal(100)
ONE = Decimal(1)
ZERO = Decimal(0)
LIMIT = Decimal(10) ** 12


class Share(Protocol):
    """How much an instalment is: an amount, a percentage, or what it gets of the rest."""

    @property
    def amount(self) -> Decimal | None: ...
    @property
    def percent(self) -> Decimal | None: ...


@dataclass(frozen=True, slots=True)
class Part:
    """A formula on its own."""

    amount: Decimal | None
    percent: Decimal | None


def shares(
    whole: Money, parts: Sequence[Share], field: str = "instalments", *, taken: Money | None = None
) -> list[Money]:
    """The exact amounts of instalments; ``taken`` is what other instalments of the same whole come to.

    Percentages come to what their sum is of the whole, rounded once: the last of them takes the
    remainder, so that 33.34 + 33.33 + 33.33 % are all of it. Those that say nothing share what is left
    equally. Whether the amounts fit the whole, and none is nothing, the caller judges.
    """
    for index, part in enumerate(parts):
        check_formula(part, whole.currency, f"{field}.{index}")
    zero = Money.zero(whole.currency)
    percents = [part.percent for part in parts if part.percent is not None]
    of_percents = (whole * (sum(percents, ZERO) * Decimal("0.01"))).rounded()
    by_percent = iter(allocate(of_percents.amount, percents, whole.currency) if percents else [])
    fixed = sum((Money(part.amount, whole.currency) for part in parts if part.amount is not None), zero)
    open_parts = sum(part.amount is None and part.percent is None for part in parts)
    rest = whole - fixed - of_percents - (taken or zero)
    equal = iter(allocate(rest.amount, [ONE] * open_parts, whole.currency) if open_parts else [])
    found: list[Money] = []
    for part in parts:
        if part.amount is not None:
            found.append(Money(part.amount, whole.currency))
        else:
            found.append(Money(next(by_percent if part.percent is not None else equal), whole.currency))
    return found


def check_formula(part: Share, currency: str, where: str) -> None:
    """An amount that can be agreed on, or a percentage that can be stored, not both."""
    if part.amount is not None and part.percent is not None:
        raise BadInput("Give an amount or a percentage, not both.", field=where)
    if part.percent is not None and not (part.percent.is_finite() and 0 < part.percent <= HUNDRED):
        raise BadInput("A percentage is more than 0 and at most 100.", field=f"{where}.percent")
    if part.percent is not None and part.percent != round(part.percent, 6):
        raise BadInput("A percentage has at most 6 digits after the point.", field=f"{where}.percent")
    if part.amount is not None:
        check_amount(part.amount, currency, f"{where}.amount")


def check_amount(amount: Decimal, currency: str, field: str) -> Money:
    """An amount that can be agreed on."""
    if not amount.is_finite() or not 0 < amount < LIMIT:
        raise BadInput(f"An amount is more than nothing and less than {LIMIT:,}.", field=field)
    return Money(amount, currency)
