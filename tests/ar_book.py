"""The open book of the AR sample, told from its file alone: ``python tests/ar_book.py FILE DAY…`` prints JSON.

It knows nothing of the product: an invoice is open from its date until the day before it is settled.
"""

import csv
import json
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

BUCKETS = (("not due", None, 0), ("1-30", 1, 30), ("31-60", 31, 60), ("61-90", 61, 90), ("91+", 91, None))


def day(text: str) -> date:
    month, day_of_month, year = map(int, text.split("/"))
    return date(year, month, day_of_month)


def bucket(days: int) -> str:
    for label, least, most in BUCKETS:
        if (least is None or days >= least) and (most is None or days <= most):
            return label
    raise AssertionError(days)


def book(rows: list[dict[str, str]], as_of: date) -> dict[str, object]:
    """What is open: all of it, by customer and by days overdue."""
    customers: dict[str, Decimal] = {}
    buckets: dict[str, Decimal] = {}
    for row in rows:
        if not day(row["InvoiceDate"]) <= as_of < day(row["SettledDate"]):
            continue
        amount = Decimal(row["InvoiceAmount"])
        label = bucket((as_of - day(row["DueDate"])).days)
        customers[row["customerID"]] = customers.get(row["customerID"], Decimal(0)) + amount
        buckets[label] = buckets.get(label, Decimal(0)) + amount
    return {
        "open": f"{sum(customers.values()):.2f}",
        "customers": {code: f"{amount:.2f}" for code, amount in sorted(customers.items())},
        "buckets": {label: f"{amount:.2f}" for label, amount in sorted(buckets.items())},
    }


def main(file: str, days: list[str]) -> None:
    with Path(file).open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    print(json.dumps({text: book(rows, date.fromisoformat(text)) for text in days}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
