"""The hash of a posted document: over all that may not change any more, the same from memory and from the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from huikuan.codec import digest
from huikuan_invoicing.models import Invoice, InvoiceInstalment, InvoiceLine, InvoiceTax

__all__ = ["content_hash"]

# Name, tax id and address are left out: they are personal data, which may have to be erased from books that stay.
INVOICE = (
    "kind",
    "series",
    "sequence",
    "number",
    "reference",
    "billing_key",
    "customer_id",
    "bill_to_id",
    "payer_id",
    "currency",
    "rate",
    "rate_units",
    "rate_on",
    "issued_on",
    "due_from",
    "due_on",
    "payment_terms",
    "terms",
    "tax_rounding",
    "discount_tax",
    "net",
    "tax",
    "total",
    "base_total",
    "origin_id",
    "reason",
    "aftermath",
    "source_type",
    "source_id",
    "notes",
    "past",
)
LINE = (
    "id",
    "position",
    "source_type",
    "source_id",
    "document_id",
    "origin_line_id",
    "sku",
    "description",
    "quantity",
    "unit_price",
    "discount_percent",
    "tax_code",
    "tax_percent",
    "tax_included",
    "net",
    "tax",
    "gross",
)
TAX = ("position", "code", "percent", "included", "base", "tax")
INSTALMENT = (
    "id",
    "sequence",
    "due_on",
    "amount",
    "discount_percent",
    "discount_until",
    "discount_amount",
)


def content_hash(
    invoice: Invoice,
    lines: Iterable[InvoiceLine],
    taxes: Iterable[InvoiceTax],
    instalments: Iterable[InvoiceInstalment],
    **given: Any,
) -> str:
    """SHA-256 of the document. ``given``: attributes that it is about to get."""
    head = {name: _plain(given[name] if name in given else getattr(invoice, name)) for name in INVOICE}
    return digest(
        {
            "invoice": head,
            "lines": _rows(lines, LINE, "position"),
            "taxes": _rows(taxes, TAX, "position"),
            "instalments": _rows(instalments, INSTALMENT, "sequence"),
        }
    )


def _rows(rows: Iterable[Any], names: tuple[str, ...], order: str) -> list[dict[str, Any]]:
    found = sorted(rows, key=lambda row: int(getattr(row, order)))
    return [{name: _plain(getattr(row, name)) for name in names} for row in found]


def _plain(value: Any) -> Any:
    """One text for one number: 1.5 and 1.500000 are the same amount."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    if isinstance(value, datetime):
        raise TypeError("times are not part of a document's content")
    if hasattr(value, "currency") and hasattr(value, "amount"):
        return [_plain(value.amount), value.currency]
    return value
