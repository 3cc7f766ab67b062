"""Lines of bank statements are kept once, whatever file they come from and however often."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from huikuan.context import Context
from huikuan.ids import new_id
from huikuan.money import Money
from huikuan_receivables.events import BankLineRecorded
from huikuan_receivables.matching import account_key
from huikuan_receivables.models import BankFile, BankLine
from huikuan_receivables.snapshots import BankLineStatus

__all__ = ["NewLine", "Recorded", "file_of", "record_lines"]

BATCH = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """A line about to be kept. ``occurrence`` tells equal lines of one file apart; ``raw``: all that was said."""

    on: date
    amount: Money
    text: str = ""
    reference: str | None = None
    remittance: str | None = None
    payer_name: str | None = None
    payer_account: str | None = None
    rate: Decimal | None = None
    raw: Mapping[str, Any]
    row: int | None = None
    occurrence: int = 1

    @property
    def key(self) -> str:
        """What tells it apart: the bank's own reference on its day, else all that is said of it."""
        if self.reference:
            said: tuple[object, ...] = ("reference", self.on, self.reference)
        else:
            said = (
                "content",
                self.on,
                self.amount.amount.normalize(),
                self.amount.currency,
                " ".join(self.text.split()),
                self.remittance,
                self.payer_name,
                self.payer_account and account_key(self.payer_account),
                self.occurrence,
            )
        return hashlib.sha256(repr([str(part) for part in said]).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a line: its id, whether it is new, and whether another one stands under its reference."""

    id: UUID
    new: bool
    differs: bool = False


def file_of(ctx: Context, source_id: UUID, name: str, sha256: str) -> BankFile:
    """The file of this content, made where there is none."""
    found = ctx.find(BankFile, source_id=source_id, sha256=sha256)
    if found is None:
        found = ctx.add(BankFile(source_id=source_id, name=name[:255], sha256=sha256))
        ctx.flush()
    return found


def record_lines(ctx: Context, source_id: UUID, file_id: UUID | None, lines: Sequence[NewLine]) -> list[Recorded]:
    """Keep those that are new; answers for each in turn."""
    answers: list[Recorded] = []
    for start in range(0, len(lines), BATCH):
        answers += _batch(ctx, source_id, file_id, lines[start : start + BATCH])
    return answers


def _batch(ctx: Context, source_id: UUID, file_id: UUID | None, lines: Sequence[NewLine]) -> list[Recorded]:
    known = _known(ctx, source_id, file_id, lines)
    answers, rows = [], []
    for line in lines:
        found = known.get(line.key) or (known.get(_place(line.row)) if line.row is not None else None)
        if found is not None:
            answers.append(Recorded(found[0], False, found[1] != line.amount))
            continue
        row = _row(source_id, file_id, line)
        known[line.key] = (row["id"], line.amount)
        rows.append(row)
        answers.append(Recorded(row["id"], True))
    ctx.insert(BankLine, rows)
    for row in rows:
        ctx.emit(
            BankLineRecorded(
                bank_line_id=row["id"],
                source_id=source_id,
                on=row["on"],
                amount=Money(row["amount_amount"], row["amount_currency"]),
            )
        )
    return answers


def _known(
    ctx: Context, source_id: UUID, file_id: UUID | None, lines: Sequence[NewLine]
) -> dict[str, tuple[UUID, Money]]:
    """Lines that are there already: by key, and by row of the same file, whatever the mapping was then."""
    same: ColumnElement[bool] = BankLine.key.in_([line.key for line in lines])
    places = [line.row for line in lines if line.row is not None]
    if file_id is not None and places:
        same = or_(same, (BankLine.file_id == file_id) & BankLine.row.in_(places))
    columns = (BankLine.id, BankLine.key, BankLine.file_id, BankLine.row, BankLine.amount)
    found: dict[str, tuple[UUID, Money]] = {}
    for row in ctx.rows(select(*columns).where(BankLine.source_id == source_id, same)):
        found[row.key] = (row.id, row.amount)
        if row.file_id is not None and row.file_id == file_id:
            found[_place(row.row)] = (row.id, row.amount)
    return found


def _place(row: int) -> str:
    return f"row {row}"


def _row(source_id: UUID, file_id: UUID | None, line: NewLine) -> dict[str, Any]:
    return {
        "id": new_id(),
        "source_id": source_id,
        "file_id": file_id,
        "row": line.row,
        "key": line.key,
        "on": line.on,
        "amount_amount": line.amount.amount,
        "amount_currency": line.amount.currency,
        "rate": line.rate,
        "reference": line.reference,
        "remittance": line.remittance,
        "text": line.text,
        "payer_name": line.payer_name,
        "payer_account": account_key(line.payer_account) if line.payer_account else None,
        "raw": dict(line.raw),
        "status": BankLineStatus.OPEN,
        "tried_at": None,
        "note": None,
    }
