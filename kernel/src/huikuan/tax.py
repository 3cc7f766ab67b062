"""Tax arithmetic: pure functions over lines. Rates live in products, the result in the documents.

Two ways to round, and a document keeps the one it was made with:

- ``LINE``: each line is rounded, each tax on it is taken of the rounded line and rounded, totals are
  sums of lines;
- ``DOCUMENT``: unrounded lines are added per combination of taxes, then net and each tax are rounded
  once. The differences go to the lines by running totals, so a document's lines always add up to it.

Either way every tax is rounded by itself before taxes are added, and net + tax = gross everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import Enum

from huikuan.errors import HuikuanError
from huikuan.money import quantize

__all__ = ["Tax", "TaxError", "TaxRounding", "TaxTotal", "TaxableLine", "TaxedDocument", "TaxedLine", "tax_document"]

# Enough for quantity (6 digits) x price (6) x discount (6) x rate (6) without losing any.
PRECISION = 60
HUNDRED = Decimal(100)
ZERO = Decimal(0)


class TaxError(HuikuanError, ValueError):
    """A tax that cannot be calculated with."""

    code = "TAX_INVALID"


class TaxRounding(Enum):
    """Where a document's taxes are rounded."""

    LINE = "each line is rounded, totals are sums of lines"
    DOCUMENT = "lines are added unrounded, each tax is rounded once per document"


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax as it stands on a line: ``percent`` of the net; ``included`` if the price contains it."""

    code: str
    percent: Decimal
    included: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.percent, Decimal) or not self.percent.is_finite():
            raise TaxError(f"Tax {self.code}: {self.percent!r} is no rate; give a Decimal, e.g. Decimal('19').")
        if self.percent < 0 or self.percent > 1000:
            raise TaxError(f"Tax {self.code}: {self.percent} % is no rate; it lies between 0 and 1000.")


@dataclass(frozen=True, slots=True)
class TaxableLine:
    """A line to be taxed: its price times quantity less discount, unrounded, and the taxes on it."""

    amount: Decimal
    taxes: tuple[Tax, ...] = ()


@dataclass(frozen=True, slots=True)
class TaxedLine:
    """A line's rounded amounts; ``taxes`` in the order of the line's taxes."""

    net: Decimal
    taxes: tuple[Decimal, ...]
    tax: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """All of one tax on a document: what it is on, and what it comes to."""

    tax: Tax
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class TaxedDocument:
    """A taxed document; lines as given, totals by tax in the order in which the taxes first appear."""

    currency: str
    lines: tuple[TaxedLine, ...]
    totals: tuple[TaxTotal, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal


def tax_document(
    lines: Sequence[TaxableLine],
    currency: str,
    rounding: TaxRounding = TaxRounding.LINE,
    mode: str = ROUND_HALF_UP,
) -> TaxedDocument:
    """Tax the lines of one document.

    ``mode`` is a rounding of the decimal module. A price that includes some of its taxes is net plus
    these; the others come on top of the same net.
    """
    with localcontext(prec=PRECISION):
        if rounding is TaxRounding.LINE:
            taxed = [_rounded(quantize(line.amount, currency, mode), line.taxes, currency, mode) for line in lines]
        else:
            taxed = _by_document(lines, currency, mode)
        net = sum((line.net for line in taxed), quantize(ZERO, currency))
        tax = sum((line.tax for line in taxed), quantize(ZERO, currency))
        return TaxedDocument(currency, tuple(taxed), _totals(lines, taxed), net, tax, net + tax)


def _rounded(amount: Decimal, taxes: tuple[Tax, ...], currency: str, mode: str) -> TaxedLine:
    """Net and each tax of an amount, each rounded once; the price rules where taxes are included."""
    included = sum((tax.percent for tax in taxes if tax.included), ZERO)
    # One division at the end, so that the value to be rounded is exact at every tie.
    if included:
        whole = HUNDRED + included
        parts = tuple(quantize(amount * tax.percent / whole, currency, mode) for tax in taxes)
        price = quantize(amount, currency, mode)
        net = price - sum((part for part, tax in zip(parts, taxes, strict=True) if tax.included), ZERO)
    else:
        parts = tuple(quantize(amount * tax.percent / HUNDRED, currency, mode) for tax in taxes)
        net = quantize(amount, currency, mode)
    return _line(net, parts, currency)


def _line(net: Decimal, parts: tuple[Decimal, ...], currency: str) -> TaxedLine:
    tax = sum(parts, quantize(ZERO, currency))
    return TaxedLine(net, parts, tax, net + tax)


def _by_document(lines: Sequence[TaxableLine], currency: str, mode: str) -> list[TaxedLine]:
    """Lines as the differences of rounded running totals, kept for each combination of taxes.

    The last running total of a combination is its rounded total, so lines add up exactly, and none
    is off by more than one smallest unit.
    """
    running: dict[tuple[Tax, ...], tuple[Decimal, TaxedLine]] = {}
    taxed: list[TaxedLine] = []
    for line in lines:
        amount, before = running.get(line.taxes, (ZERO, _line(ZERO, (ZERO,) * len(line.taxes), currency)))
        amount += line.amount
        after = _rounded(amount, line.taxes, currency, mode)
        parts = tuple(new - old for new, old in zip(after.taxes, before.taxes, strict=True))
        taxed.append(_line(after.net - before.net, parts, currency))
        running[line.taxes] = amount, after
    return taxed


def _totals(lines: Sequence[TaxableLine], taxed: Sequence[TaxedLine]) -> tuple[TaxTotal, ...]:
    found: dict[Tax, tuple[Decimal, Decimal]] = {}
    for line, result in zip(lines, taxed, strict=True):
        for tax, part in zip(line.taxes, result.taxes, strict=True):
            base, amount = found.get(tax, (ZERO, ZERO))
            found[tax] = base + result.net, amount + part
    return tuple(TaxTotal(tax, base, amount) for tax, (base, amount) in found.items())
