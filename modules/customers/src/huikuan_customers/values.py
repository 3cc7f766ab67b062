"""What texts of a customer must look like; each function returns the stored form or says what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from huikuan import BadInput
from huikuan.money import UnknownCurrency, exponent

__all__ = ["account_number", "code", "country", "currency", "email", "language", "optional", "tax_id", "text"]

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_NO_KEY = re.compile(r"[\s\-./·]+")


def text(value: str, field: str, limit: int = 200) -> str:
    """Trimmed, not empty, no longer than ``limit``."""
    found = value.strip()
    if not found:
        raise BadInput(f"Give a {field}; it is empty.", field=field)
    return _fitting(found, field, limit)


def optional(value: str | None, field: str, limit: int = 200) -> str | None:
    """Trimmed; empty means none."""
    found = (value or "").strip()
    return _fitting(found, field, limit) if found else None


def code(value: str, field: str = "code") -> str:
    """A key of the tenant's own."""
    return text(value, field, 64)


def tax_id(value: str | None) -> str | None:
    """Without spaces and punctuation, in capitals: so equal ids are found however they are typed."""
    return _key(value, "taxId", 64)


def account_number(value: str) -> str:
    """IBAN or account number, without spaces and punctuation, in capitals."""
    found = _key(value, "number", 50)
    if found is None:
        raise BadInput("Give the number of the bank account.", field="number")
    return found


def email(value: str | None) -> str | None:
    """An address that mail may be sent to."""
    found = optional(value, "email", 254)
    if found is not None and not _EMAIL.fullmatch(found):
        raise BadInput(f"{found!r} is no e-mail address.", field="email")
    return found


def language(value: str, field: str = "language") -> str:
    """A language tag such as en or zh-CN."""
    found = text(value, field, 35)
    if not _LANGUAGE.fullmatch(found):
        raise BadInput(f"{found!r} is no language; write e.g. 'en' or 'zh-CN'.", field=field)
    return found


def currency(value: str) -> str:
    """An ISO 4217 code."""
    found = value.strip().upper()
    try:
        exponent(found)
    except UnknownCurrency as error:
        raise BadInput(error.message, field="currency") from error
    return found


def country(value: str) -> str:
    """An ISO 3166 code of two letters."""
    found = value.strip().upper()
    if len(found) != 2 or not found.isascii() or not found.isalpha():
        raise BadInput(f"{value!r} is no country; write its ISO code of two letters, e.g. 'DE'.", field="country")
    return found


def percent(value: Decimal | None, field: str = "discountPercent") -> Decimal | None:
    """From 0 to 100, with at most six digits after the point; None stays None."""
    if value is None:
        return None
    if not value.is_finite() or not 0 <= value <= 100 or value != round(value, 6):
        raise BadInput(f"{value} is no percentage: 0 to 100, at most 6 digits after the point.", field=field)
    return value


def tags(values: Iterable[str]) -> list[str]:
    """Each word once, in alphabetical order."""
    return sorted({text(value, "tag", 64) for value in values})


def _key(value: str | None, field: str, limit: int) -> str | None:
    found = _NO_KEY.sub("", value or "").upper()
    return _fitting(found, field, limit) if found else None


def _fitting(value: str, field: str, limit: int) -> str:
    if len(value) > limit:
        raise BadInput(f"{field} has {len(value)} characters; {limit} are the limit.", field=field)
    return value
