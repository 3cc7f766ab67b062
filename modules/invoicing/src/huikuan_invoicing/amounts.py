"""The arithmetic of an invoice: pure functions, exact decimals, the kernel's tax rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Protocol

from huikuan.errors import BadInput
from huikuan.money import LARGEST, Money, quantize
from huikuan.tax import PRECISION, Tax, TaxableLine, TaxRounding, tax_document
from huikuan_customers.snapshots import Terms, TermsKind, TermsLine
from huikuan_invoicing.snapshots import DiscountTax
from huikuan_invoicing.values import LineValues

__all__ = [
    "IMMEDIATE",
    "TaxSum",
    "Taxed",
    "Totals",
    "assess",
    "check_numbers",
    "common_discount",
    "discount_of",
    "in_base",
    "tax_percent",
    "tax_sums",
    "total_of",
]

HUNDRED = Decimal(100)
ZERO = Decimal(0)
LIMIT = Decimal(10) ** 12
PLACES = -6
IMMEDIATE = Terms((TermsLine(kind=TermsKind.BALANCE),))
"""Where nothing was agreed, all of it is due at once."""


class Taxed(Protocol):
    """What a stored line and a line about to be stored have in common."""

    @property
    def tax_code(self) -> str | None: ...
    @property
    def tax_percent(self) -> Decimal: ...
    @property
    def tax_included(self) -> bool: ...
    @property
    def net(self) -> Decimal: ...
    @property
    def tax(self) -> Decimal: ...
    @property
    def gross(self) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of an invoice's lines; ``total`` is net plus tax."""

    net: Money
    tax: Money
    total: Money


@dataclass(frozen=True, slots=True)
class TaxSum:
    """All of one tax on an invoice: what it is on, and what it comes to."""

    code: str
    percent: Decimal
    included: bool
    base: Decimal
    tax: Decimal


def assess(lines: Sequence[LineValues], currency: str, rounding: TaxRounding, early: Decimal = ZERO) -> Totals:
    """Fill in net, tax and gross of every line; they add up to the totals exactly.

    ``early``: percent of early-payment discount by which the tax is reduced beforehand. BadInput where the lines
    come to more than ``LARGEST``.
    """
    with localcontext(prec=PRECISION):
        amounts = [
            line.quantity * line.unit_price * (HUNDRED - line.discount_percent) / HUNDRED
            if line.discount_percent
            else line.quantity * line.unit_price
            for line in lines
        ]
        reduced = [amount * (HUNDRED - early) / HUNDRED for amount in amounts] if early else amounts
    taxes = [_taxes(line) for line in lines]
    taxed = tax_document(list(map(TaxableLine, amounts, taxes)), currency, rounding)
    levied = tax_document(list(map(TaxableLine, reduced, taxes)), currency, rounding) if early else taxed
    for line, result, levy in zip(lines, taxed.lines, levied.lines, strict=True):
        line.net, line.tax, line.gross = result.net, levy.tax, result.net + levy.tax
    if sum(abs(line.gross) for line in lines) > LARGEST:
        raise BadInput(f"The lines of an invoice come to at most {LARGEST:,}.", field="lines")
    return total_of(lines, currency)


def total_of(lines: Iterable[Taxed], currency: str) -> Totals:
    """The sums of lines whose amounts are known."""
    net = tax = gross = quantize(ZERO, currency)
    for line in lines:
        net += line.net
        tax += line.tax
        gross += line.gross
    return Totals(Money(net, currency), Money(tax, currency), Money(gross, currency))


def tax_sums(lines: Iterable[Taxed]) -> list[TaxSum]:
    """The taxes of lines, each by itself, in the order in which they first appear."""
    found: dict[tuple[str, Decimal, bool], tuple[Decimal, Decimal]] = {}
    for line in lines:
        if line.tax_code is not None:
            key = line.tax_code, line.tax_percent, line.tax_included
            base, tax = found.get(key, (ZERO, ZERO))
            found[key] = base + line.net, tax + line.tax
    return [TaxSum(*key, base, tax) for key, (base, tax) in found.items()]


def _taxes(line: LineValues) -> tuple[Tax, ...]:
    return () if line.tax_code is None else (Tax(line.tax_code, line.tax_percent, line.tax_included),)


def common_discount(terms: Terms) -> Decimal | None:
    """The early-payment discount of all instalments, 0 if none has any; None if they differ."""
    percents = {line.discount_percent or ZERO for line in terms.lines}
    return percents.pop() if len(percents) == 1 else None


def discount_of(mode: DiscountTax, part: Money, percent: Decimal, totals: Totals) -> Money:
    """What may be kept back of an instalment: of the whole, or of its share of the net amount."""
    with localcontext(prec=PRECISION):
        share = part.amount * percent / HUNDRED
        if mode is not DiscountTax.INCLUDED and totals.total:
            share = share * totals.net.amount / totals.total.amount
        return Money(quantize(share, part.currency), part.currency)


def tax_percent(code: str | None, percent: Decimal | None, where: str) -> Decimal:
    """The percent of a tax that a caller named; neither goes without the other, but for 0 % of nothing."""
    if code is None and percent:
        raise BadInput("Say which tax it is.", field=f"{where}.taxCode")
    if code is not None and percent is None:
        raise BadInput(f"Say how many percent {code} is, 0 if that is meant.", field=f"{where}.taxPercent")
    return percent or ZERO


def in_base(total: Money, rate: Decimal, rate_units: int, currency: str) -> Money:
    """A total in the company's currency, rounded once; BadInput where that is more than ``LARGEST``."""
    with localcontext(prec=PRECISION):
        found = Money(quantize(total.amount * rate / rate_units, currency), currency)
    if abs(found.amount) > LARGEST:
        raise BadInput(f"An invoice comes to at most {LARGEST:,} {currency}; is the rate right?", field="rate")
    return found


def check_numbers(quantity: Decimal, unit_price: Decimal, discount: Decimal, percent: Decimal, where: str) -> None:
    """Numbers that a line can take: six digits, no negative price, a discount from 0 to 100."""
    for name, value in (
        ("quantity", quantity),
        ("unitPrice", unit_price),
        ("discountPercent", discount),
        ("taxPercent", percent),
    ):
        places = value.as_tuple().exponent
        if not isinstance(places, int):
            raise BadInput(f"{value} is no number.", field=f"{where}.{name}")
        if places < PLACES and value != round(value, -PLACES):
            raise BadInput(f"{value} has more than {-PLACES} digits after the point.", field=f"{where}.{name}")
        if abs(value) >= LIMIT:
            raise BadInput(f"{value} is too large.", field=f"{where}.{name}")
    if not quantity:
        raise BadInput("A line needs a quantity other than 0.", field=f"{where}.quantity")
    if unit_price < 0:
        raise BadInput("A unit price is not negative; give a negative quantity.", field=f"{where}.unitPrice")
    if not 0 <= discount <= HUNDRED:
        raise BadInput("A discount lies between 0 and 100 percent.", field=f"{where}.discountPercent")
    if not 0 <= percent <= 1000:
        raise BadInput("A tax lies between 0 and 1000 percent.", field=f"{where}.taxPercent")
