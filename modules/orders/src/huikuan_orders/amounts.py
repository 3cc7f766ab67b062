"""The arithmetic of an order: pure functions, exact decimals, the kernel's tax rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import lru_cache

from huikuan.errors import BadInput
from huikuan.money import LARGEST, Money
from huikuan.tax import PRECISION, Tax, TaxableLine, TaxRounding, tax_document
from huikuan_orders.values import LineLike, LineValues

__all__ = ["Totals", "amount_of", "assess", "total_of"]

HUNDRED = Decimal(100)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of an order's lines; ``total`` is net plus tax."""

    net: Money
    tax: Money
    total: Money


def amount_of(quantity: Decimal, unit_price: Decimal, discount_percent: Decimal) -> Decimal:
    """Quantity times price less discount, exact: 18 digits after the point at most."""
    with localcontext(prec=PRECISION):
        whole = quantity * unit_price
        return whole * (HUNDRED - discount_percent) / HUNDRED if discount_percent else whole


def assess(lines: Sequence[LineValues], currency: str, rounding: TaxRounding) -> Totals:
    """Fill in net, tax and gross of every line; they add up to the totals exactly.

    BadInput where the lines come to more than ``LARGEST``.
    """
    taxed = tax_document(
        [TaxableLine(amount_of(line.quantity, line.unit_price, line.discount_percent), _taxes(line)) for line in lines],
        currency,
        rounding,
    )
    for line, result in zip(lines, taxed.lines, strict=True):
        line.net, line.tax, line.gross = result.net, result.tax, result.gross
    if sum(abs(line.gross) for line in lines) > LARGEST:
        raise BadInput(f"The lines of an order come to at most {LARGEST:,}.", field="lines")
    return Totals(Money(taxed.net, currency), Money(taxed.tax, currency), Money(taxed.gross, currency))


def total_of(lines: Iterable[LineLike], currency: str) -> Totals:
    """The sums of lines whose amounts are known."""
    net = tax = gross = ZERO
    for line in lines:
        net += line.net
        tax += line.tax
        gross += line.gross
    return Totals(Money(net, currency), Money(tax, currency), Money(gross, currency))


def _taxes(line: LineValues) -> tuple[Tax, ...]:
    return () if line.tax_code is None else (_tax(line.tax_code, line.tax_percent, line.tax_included),)


@lru_cache(maxsize=256)
def _tax(code: str, percent: Decimal, included: bool) -> Tax:
    return Tax(code, percent, included)
