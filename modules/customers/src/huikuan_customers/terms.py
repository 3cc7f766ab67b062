"""The payment terms engine: pure, exact, in every currency.

A total falls into instalments line by line. Each line is rounded to the currency; the last line
takes what is left, so the sum is always the total. A line larger than what is left is refused.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal, localcontext
from fractions import Fraction

from huikuan import BadInput, Money, Refusal
from huikuan.errors import Refused
from huikuan.money import quantize
from huikuan_customers.errors import TERMS_CURRENCY, TERMS_INVALID, TERMS_TOO_LARGE
from huikuan_customers.snapshots import EarlyDiscount, Instalment, Terms, TermsKind, TermsLine

__all__ = ["MAX_LINES", "MAX_PARTS", "check_terms", "due_date", "instalments"]

HUNDRED = Decimal(100)
MAX_LINES = 36
MAX_PARTS = 360
MAX_MONTHS = 1200
MAX_DAYS = 36_600
MAX_YEAR = 9000


def instalments(terms: Terms, total: Money, on: date) -> tuple[Instalment, ...]:
    """The parts of ``total``, in order of the lines, for a document dated ``on``.

    A negative total (a credit note) gives negative parts, and a total of zero one part of zero.
    Otherwise no part is zero. Raises ``Refused`` when the terms do not fit the total.
    """
    check_terms(terms)
    if on.year > MAX_YEAR:
        raise BadInput(f"A document cannot be dated {on.isoformat()}.", field="date")
    with localcontext(prec=60):
        parts = [
            Instalment(due, share, _discount(line, share, on, due))
            for line, share, due in _shares(terms, abs(total), on)
            if share
        ]
    if not parts:
        return (Instalment(due_date(terms.lines[-1], on), Money.zero(total.currency)),)
    return tuple(parts if total.amount > 0 else map(_negative, parts))


def _shares(terms: Terms, total: Money, on: date) -> Iterator[tuple[TermsLine, Money, date]]:
    """Each line's share of a total that is not negative."""
    left = total
    unrounded = Fraction(total.amount)
    for number, line in enumerate(terms.lines, 1):
        if line.kind.closes:
            for index, share in enumerate(_equal(left, line.parts or 1)):
                yield line, share, due_date(line, on, index)
            return
        share, exact = _share(line, number, total, left, unrounded)
        unrounded -= exact
        left -= share
        yield line, share, due_date(line, on)


def _share(line: TermsLine, number: int, total: Money, left: Money, unrounded: Fraction) -> tuple[Money, Fraction]:
    """A line's share, rounded and exact; ``left`` and ``unrounded`` are what the lines before left."""
    if line.amount is not None:
        if line.amount.currency != total.currency:
            message = f"Line {number} is {line.amount}, the document is in {total.currency}."
            raise _refused(TERMS_CURRENCY, message, "Use percent, or other terms for this currency.")
        if line.amount > left:
            raise _too_large(number, line.amount, left)
        return line.amount, Fraction(line.amount.amount)
    assert line.percent is not None
    part = line.percent / HUNDRED
    if line.kind is TermsKind.PERCENT_OF_REST:
        return (left * part).rounded(), unrounded * Fraction(part)
    share, exact = (total * part).rounded(), Fraction(total.amount) * Fraction(part)
    if exact > unrounded:
        raise _too_large(number, share, left)
    # Shares may each be rounded up; together they never take more than there is.
    return min(share, left), exact


def _equal(left: Money, parts: int) -> Iterator[Money]:
    """Equal parts, none off by more than the smallest unit, the larger ones last."""
    taken = Money.zero(left.currency)
    for number in range(1, parts + 1):
        upto = Money(quantize(left.amount * number / parts, left.currency, ROUND_DOWN), left.currency)
        yield upto - taken
        taken = upto


def due_date(line: TermsLine, on: date, part: int = 0) -> date:
    """When a line's share is due; ``part`` counts equal parts from 0."""
    due = _add_months(on, line.months + part * line.every_months)
    due += timedelta(days=line.days + part * line.every_days)
    if line.end_of_month:
        due = due.replace(day=_length(due)) + timedelta(days=line.days_after)
    if line.day_of_month is not None:
        due = _next_day_of_month(due, line.day_of_month)
    if line.weekday is not None:
        due += timedelta(days=(line.weekday.value - due.weekday()) % 7)
    return due


def _add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    year, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + year, month + 1, 1)
    return first.replace(day=min(day.day, _length(first)))


def _next_day_of_month(day: date, wanted: int) -> date:
    """The first day on or after ``day`` that is the ``wanted`` of its month, or the month's last one."""
    found = day.replace(day=min(wanted, _length(day)))
    if found >= day:
        return found
    following = _add_months(day.replace(day=1), 1)
    return following.replace(day=min(wanted, _length(following)))


def _length(day: date) -> int:
    return monthrange(day.year, day.month)[1]


def _discount(line: TermsLine, share: Money, on: date, due: date) -> EarlyDiscount | None:
    if line.discount_percent is None or line.discount_days is None:
        return None
    until = min(on + timedelta(days=line.discount_days), due)
    return EarlyDiscount(line.discount_percent, until, (share * (line.discount_percent / HUNDRED)).rounded())


def _negative(part: Instalment) -> Instalment:
    discount = part.discount
    if discount is not None:
        discount = EarlyDiscount(discount.percent, discount.until, -discount.amount)
    return Instalment(part.due_date, -part.amount, discount)


def check_terms(terms: Terms) -> None:
    """Refuse lines that are no payment terms, naming the line and what it lacks."""
    if not 1 <= len(terms.lines) <= MAX_LINES:
        raise _refused(TERMS_INVALID, f"Payment terms have 1 to {MAX_LINES} lines.")
    for number, line in enumerate(terms.lines, 1):
        last = number == len(terms.lines)
        if line.kind.closes != last:
            raise _refused(
                TERMS_INVALID,
                f"Line {number} is {line.kind.name}, but exactly the last line takes what is left.",
                "Make the last line BALANCE or EQUAL_PARTS, and no other.",
            )
        for fault in _faults(line):
            raise _refused(TERMS_INVALID, f"Line {number}: {fault}.")
    percents = sum((line.percent or 0 for line in terms.lines if line.kind is TermsKind.PERCENT), Decimal(0))
    if percents > HUNDRED:
        raise _refused(TERMS_INVALID, f"The lines take {percents:f} % of the total, which is more than all of it.")


def _faults(line: TermsLine) -> Iterator[str]:
    yield from _share_faults(line)
    whole = (line.months, line.days, line.every_months, line.every_days, line.days_after)
    if min(whole) < 0:
        yield "no due date lies before the document's: months and days are not negative"
    more = (line.parts or 1) - 1
    if line.months + more * line.every_months > MAX_MONTHS:
        yield f"the last part is due at most {MAX_MONTHS} months later"
    if line.days + line.days_after + more * line.every_days > MAX_DAYS:
        yield f"the last part is due at most {MAX_DAYS} days later"
    if line.days_after and not line.end_of_month:
        yield "days after the end of the month need end of month"
    if line.day_of_month is not None and not 1 <= line.day_of_month <= 31:
        yield "the day of the month lies between 1 and 31"
    if (line.discount_percent is None) != (line.discount_days is None):
        yield "a discount has both percent and days"
    if line.discount_percent is not None and not 0 < line.discount_percent < HUNDRED:
        yield "the discount lies between 0 and 100 %"
    if line.discount_days is not None and not 0 <= line.discount_days <= MAX_DAYS:
        yield f"the discount is for 0 to {MAX_DAYS} days"


def _share_faults(line: TermsLine) -> Iterator[str]:
    kind = line.kind
    if (line.amount is not None) != (kind is TermsKind.FIXED):
        yield "an amount belongs to FIXED, and only there"
    elif line.amount is not None and line.amount.amount <= 0:
        yield "the amount is greater than 0"
    if (line.percent is not None) != (kind in (TermsKind.PERCENT, TermsKind.PERCENT_OF_REST)):
        yield "a percentage belongs to PERCENT and PERCENT_OF_REST, and only there"
    elif line.percent is not None and not 0 < line.percent <= HUNDRED:
        yield "the percentage is greater than 0 and at most 100"
    if (line.parts is not None) != (kind is TermsKind.EQUAL_PARTS):
        yield "a number of parts belongs to EQUAL_PARTS, and only there"
    elif line.parts is not None and not 2 <= line.parts <= MAX_PARTS:
        yield f"2 to {MAX_PARTS} parts"
    if bool(line.every_months or line.every_days) != (kind is TermsKind.EQUAL_PARTS):
        yield "EQUAL_PARTS need the months or days between them, other lines have none"


def _too_large(number: int, share: Money, left: Money) -> Refused:
    return _refused(
        TERMS_TOO_LARGE,
        f"Line {number} of the payment terms is {share}, but only {left} are left.",
        "Use other terms for an amount as small as this.",
    )


def _refused(code: object, message: str, advice: str | None = None) -> Refused:
    refusal = Refusal(str(code), message, field="terms", advice=advice)
    return Refused(refusal.stamped(module="customers"))
