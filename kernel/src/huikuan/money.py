"""Exact money: Decimal amounts with an ISO 4217 currency. Floats never enter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation, localcontext
from typing import Self

from huikuan.errors import HuikuanError

SCALE = 4
"""Digits after the point of a stored amount: BIGINT = amount * 10**SCALE."""
QUANTITY_SCALE = 6
"""Digits after the point of a stored quantity or unit price."""
LARGEST = Decimal(10) ** 13
"""What a document or a payment comes to at most: a stored amount holds ninety times as much, so sums fit too."""

_TWO_DIGITS = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
    "GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA "
    "MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR "
    "RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD "
    "TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG "
)
_EXPONENTS: dict[str, int] = {
    **dict.fromkeys(_TWO_DIGITS.split(), 2),
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
_UNITS = {code: Decimal(1).scaleb(-digits) for code, digits in _EXPONENTS.items()}
# Wide enough that arithmetic on stored amounts stays exact; what would not is an error, never a rounding.
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])


class MoneyError(HuikuanError, ValueError):
    """Base of the errors of exact money."""

    code = "MONEY_INVALID"


class UnknownCurrency(MoneyError):
    code = "CURRENCY_UNKNOWN"


class CurrencyMismatch(MoneyError):
    code = "CURRENCY_MISMATCH"


class ExcessDigits(MoneyError):
    code = "MONEY_EXCESS_DIGITS"


def currencies() -> frozenset[str]:
    """All currency codes known here."""
    return frozenset(_EXPONENTS)


def exponent(currency: str) -> int:
    """Digits after the point in this currency: JPY 0, CNY 2, KWD 3."""
    try:
        return _EXPONENTS[currency]
    except (KeyError, TypeError):
        raise UnknownCurrency(f"{currency!r} is no ISO 4217 currency code; write e.g. 'CNY'.") from None


def quantize(amount: Decimal, currency: str, rounding: str = ROUND_HALF_UP) -> Decimal:
    """The amount rounded to the digits of its currency."""
    exponent(currency)
    with localcontext(prec=60):
        return _finite(amount).quantize(_UNITS[currency], rounding=rounding)


def allocate(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Split `total` in proportion to `weights`; the shares add up exactly, the last takes the remainder."""
    Money(total, currency)
    whole = sum(weights, Decimal(0))
    if not weights or whole <= 0 or min(weights) < 0:
        raise MoneyError("Weights must be given, none negative, and at least one positive.")
    with localcontext(prec=60):
        shares = [quantize(total * weight / whole, currency) for weight in weights[:-1]]
        return [*shares, quantize(total - sum(shares, Decimal(0)), currency)]


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An exact amount of one currency.

    The constructor refuses more digits than the currency has. A product may carry more until `.rounded()` is
    called; such a value can be calculated with, but not stored.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        digits = exponent(self.currency)
        amount = _finite(self.amount)
        if not _fits(amount, digits):
            raise ExcessDigits(
                f"{amount} has more than the {digits} decimal places of {self.currency}; round it first."
            )

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(_UNITS[currency] * 0 if exponent(currency) else Decimal(0), currency)

    @classmethod
    def _exact(cls, amount: Decimal, currency: str) -> Self:
        """Without the check of digits: only for results of arithmetic."""
        money = object.__new__(cls)
        object.__setattr__(money, "amount", amount)
        object.__setattr__(money, "currency", currency)
        return money

    def rounded(self, rounding: str = ROUND_HALF_UP) -> Self:
        """Rounded to the digits of the currency."""
        return self._exact(quantize(self.amount, self.currency, rounding), self.currency)

    def __composite_values__(self) -> tuple[Decimal, str]:
        if not _fits(self.amount, exponent(self.currency)):
            raise ExcessDigits(f"{self} cannot be stored unrounded; call .rounded() first.")
        return self.amount, self.currency

    def _same(self, other: Money) -> Decimal:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self} and {other} differ in currency; convert one of them first.")
        return other.amount

    def __add__(self, other: Money) -> Self:
        if not isinstance(other, Money):
            return NotImplemented
        return self._exact(_EXACT.add(self.amount, self._same(other)), self.currency)

    def __sub__(self, other: Money) -> Self:
        if not isinstance(other, Money):
            return NotImplemented
        return self._exact(_EXACT.subtract(self.amount, self._same(other)), self.currency)

    def __mul__(self, factor: Decimal | int) -> Self:
        if isinstance(factor, bool) or not isinstance(factor, Decimal | int):
            return NotImplemented
        return self._exact(_EXACT.multiply(self.amount, factor), self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> Self:
        return self._exact(_EXACT.subtract(0, self.amount), self.currency)

    def __abs__(self) -> Self:
        return self._exact(_EXACT.abs(self.amount), self.currency)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other) if isinstance(other, Money) else NotImplemented

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other) if isinstance(other, Money) else NotImplemented

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same(other) if isinstance(other, Money) else NotImplemented

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other) if isinstance(other, Money) else NotImplemented

    def __str__(self) -> str:
        digits = exponent(self.currency)
        amount = quantize(self.amount, self.currency) if _fits(self.amount, digits) else self.amount
        return f"{amount:f} {self.currency}"


def _finite(amount: Decimal) -> Decimal:
    if not isinstance(amount, Decimal):
        kind = type(amount).__name__
        raise MoneyError(f"{amount!r} is a {kind}; amounts are Decimal, e.g. Decimal('12.30').")
    if not amount.is_finite():
        raise MoneyError(f"{amount} is no amount; a finite Decimal is needed.")
    return amount


def _fits(amount: Decimal, digits: int) -> bool:
    try:
        return amount == round(amount, digits)
    except ArithmeticError:  # more digits than the context of the thread has
        return _fits_exactly(amount, digits)


def _fits_exactly(amount: Decimal, digits: int) -> bool:
    places = amount.as_tuple().exponent
    if isinstance(places, int) and places >= -digits:
        return True
    with localcontext(prec=60):
        return amount == round(amount, digits)
